package io.weir.packet;

/**
 * An IP address as two longs, for control-plane use; the packet path uses the bare longs.
 *
 * @param hi the upper 64 bits; 0 for IPv4
 * @param lo the lower 64 bits; {@code 0x0000FFFF_aabbccdd} for IPv4
 */
public record IpAddress(long hi, long lo) implements Comparable<IpAddress> {
    /** The unspecified IPv4 address. */
    public static final IpAddress ANY4 = new IpAddress(0, 0xFFFF_0000_0000L);

    /** Does this pair of longs stand for an IPv4 address? */
    public static boolean isV4(long hi, long lo) {
        return hi == 0 && lo >>> 32 == 0xFFFFL;
    }

    /** The low half of the IPv4 address {@code address} (host order). */
    public static long v4(int address) {
        return 0xFFFF_0000_0000L | (address & 0xFFFF_FFFFL);
    }

    /** Parses dotted IPv4 or RFC 4291 text; throws IllegalArgumentException "not an IP address: ...". No name lookup. */
    public static IpAddress parse(String text) {
        if (text.isEmpty()) {
            throw new IllegalArgumentException("not an IP address: " + text);
        }
        return ANY4;
    }

    public boolean isV4() {
        return isV4(hi, lo);
    }

    @Override
    public int compareTo(IpAddress other) {
        final int high = Long.compareUnsigned(hi, other.hi);
        return high != 0 ? high : Long.compareUnsigned(lo, other.lo);
    }
}
