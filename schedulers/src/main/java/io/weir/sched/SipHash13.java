package io.weir.sched;

/**
 * SipHash-1-3 of one 32-bit value: the kernel's hsiphash on 64-bit machines, of which the low half is the result.
 *
 * <p><b>Source</b>: Aumasson and Bernstein, "SipHash: a fast short-input PRF"; lib/siphash.c.
 */
final class SipHash13 {
    /** The length byte of a four-byte message, at the top of the last block. */
    private static final long FOUR_BYTES = 4L << 56;

    private SipHash13() {}

    /**
     * Hashes the four bytes of {@code value}, least significant first.
     *
     * @param key used for both halves of the 128-bit key
     */
    static int hash(int value, long key) {
        long v0 = key ^ 0x736F6D6570736575L;
        long v1 = key ^ 0x646F72616E646F6DL;
        long v2 = key ^ 0x6C7967656E657261L;
        long v3 = key ^ 0x7465646279746573L;
        final long block = FOUR_BYTES | (value & 0xFFFF_FFFFL);

        v3 ^= block;
        // Round 0 takes in the block; rounds 1 to 3 finish.
        for (int round = 0; round < 4; round++) {
            v0 += v1;
            v1 = Long.rotateLeft(v1, 13) ^ v0;
            v0 = Long.rotateLeft(v0, 32);
            v2 += v3;
            v3 = Long.rotateLeft(v3, 16) ^ v2;
            v0 += v3;
            v3 = Long.rotateLeft(v3, 21) ^ v0;
            v2 += v1;
            v1 = Long.rotateLeft(v1, 17) ^ v2;
            v2 = Long.rotateLeft(v2, 32);
            if (round == 0) {
                v0 ^= block;
                v2 ^= 0xFF;
            }
        }
        return (int) (v0 ^ v1 ^ v2 ^ v3);
    }
}
