package io.weir.conntrack;

import io.weir.packet.IpAddress;

/**
 * The two functions of a client: which worker owns it, and where the table looks for its connections.
 *
 * <p>{@link #owner} takes the address alone and uses nothing but 32-bit multiply, shift and exclusive or: the fan-out
 * program in the kernel (classic BPF) computes the same number, so both halves of a connection meet in one worker.
 * {@link #bucket} takes protocol, address and port.
 *
 * <p>Both depend on a secret seed: a sender who cannot know it cannot aim at one worker or one bucket.
 *
 * <p><b>Design</b>: bucket folds 128-bit products (multiply, then high half ^ low half), which changes about half the
 * output bits for each input bit in two rounds; IPv4 costs the same as IPv6, so there is no branch.
 *
 * <p><b>Thread</b>: immutable.
 */
public final class ClientHash {
    /** First factor of {@link #owner}. */
    public static final int OWNER_FACTOR_1 = 0x9E3779B1;
    /** Second factor of {@link #owner}. */
    public static final int OWNER_FACTOR_2 = 0x85EBCA77;
    /** Shift after the first product. */
    public static final int OWNER_SHIFT_1 = 15;
    /** Shift after the second product. */
    public static final int OWNER_SHIFT_2 = 13;

    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private final long seed;
    private final long s0;
    private final long s1;
    private final long s2;
    private final long s3;
    private final int ownerSeed;

    public ClientHash(long seed) {
        this.seed = seed;
        s0 = expand(seed, 1);
        s1 = expand(seed, 2) | 1;
        s2 = expand(seed, 3);
        s3 = expand(seed, 4) | 1;
        ownerSeed = (int) expand(seed, 5);
    }

    public long seed() {
        return seed;
    }

    /** What {@link #owner} starts from; a constant of the fan-out program. */
    public int ownerSeed() {
        return ownerSeed;
    }

    /**
     * The owner number of a client: take it modulo the number of workers, unsigned, as the kernel's fan-out does.
     *
     * <p>IPv4: {@code x = address ^ seed}. IPv6, words w0..w3 in network order: {@code x = (((w0 ^ seed) * F1 + w1) * F1
     * + w2) * F1 + w3}. Then for both {@code x *= F1; x ^= x >>> 15; x *= F2; x ^= x >>> 13}.
     */
    public int owner(long clientHi, long clientLo) {
        int x;
        if (IpAddress.isV4(clientHi, clientLo)) {
            x = (int) clientLo ^ ownerSeed;
        } else {
            x = (int) (clientHi >>> 32) ^ ownerSeed;
            x = x * OWNER_FACTOR_1 + (int) clientHi;
            x = x * OWNER_FACTOR_1 + (int) (clientLo >>> 32);
            x = x * OWNER_FACTOR_1 + (int) clientLo;
        }
        x *= OWNER_FACTOR_1;
        x ^= x >>> OWNER_SHIFT_1;
        x *= OWNER_FACTOR_2;
        return x ^ x >>> OWNER_SHIFT_2;
    }

    /** The worker, 0 .. workers - 1, that owns a client. */
    public int worker(long clientHi, long clientLo, int workers) {
        return Integer.remainderUnsigned(owner(clientHi, clientLo), workers);
    }

    /** The table's hash of a client: address, port and protocol. */
    public long bucket(int protocol, long clientHi, long clientLo, int clientPort) {
        final long address = fold(clientHi ^ s0, clientLo ^ s1);
        final long rest = (long) protocol << 16 | clientPort;
        return fold(address ^ rest ^ s2, s3 ^ rest << 32);
    }

    /** The hash of the other key of a FULLNAT connection: real server and local address, with their ports. */
    public long local(
            int protocol, long serverHi, long serverLo, int serverPort, long localHi, long localLo, int port) {
        final long server = bucket(protocol, serverHi, serverLo, serverPort);
        return fold(fold(server ^ localHi ^ s1, localLo ^ s0) ^ port ^ s3, s2 | 1);
    }

    private static long fold(long a, long b) {
        return Math.multiplyHigh(a, b) ^ a * b;
    }

    /** The n-th number of the SplitMix64 sequence that starts at a seed. */
    private static long expand(long seed, int n) {
        return spread(seed + n * GOLDEN);
    }

    /** Finalizer of SplitMix64 (Steele, Lea, Flood 2014). */
    private static long spread(long value) {
        long z = value;
        z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return z ^ z >>> 31;
    }
}
