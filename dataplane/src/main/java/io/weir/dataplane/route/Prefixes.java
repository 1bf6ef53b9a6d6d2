package io.weir.dataplane.route;

/** Masks of address prefixes, as pairs of longs. */
final class Prefixes {
    /** An IPv4 address is the low 32 bits of ::ffff:0:0/96. */
    private static final int V4_OFFSET = 96;

    private Prefixes() {}

    /** Bits counted from the top of the two longs, for a length counted in the address's own family. */
    static int bits(InterfaceInfo.Prefix prefix) {
        return prefix.address().isV4() ? V4_OFFSET + prefix.length() : prefix.length();
    }

    static long maskHi(int bits) {
        return bits == 0 ? 0 : bits >= 64 ? -1L : -1L << (64 - bits);
    }

    static long maskLo(int bits) {
        return bits <= 64 ? 0 : bits == 128 ? -1L : -1L << (128 - bits);
    }
}
