package io.weir.packet;

/**
 * An IP address as two longs, for control-plane use; the packet path uses the bare longs.
 *
 * <p><b>Units/order</b>: host order. IPv4 is kept as the IPv4-mapped address of RFC 4291 section 2.5.5.2, so
 * {@code ::ffff:192.0.2.1} and {@code 192.0.2.1} are one value and print as the latter.
 *
 * @param hi the upper 64 bits; 0 for IPv4
 * @param lo the lower 64 bits; {@code 0x0000FFFF_aabbccdd} for IPv4
 */
public record IpAddress(long hi, long lo) implements Comparable<IpAddress> {
    private static final long V4_PREFIX = 0xFFFF_0000_0000L;

    /** The unspecified IPv4 address. */
    public static final IpAddress ANY4 = new IpAddress(0, V4_PREFIX);
    /** The unspecified IPv6 address. */
    public static final IpAddress ANY6 = new IpAddress(0, 0);

    /** One multiplication: nearby addresses come apart, and tables of a hundred thousand are made quickly. */
    @Override
    public int hashCode() {
        return (int) ((hi * 31 + lo) * 0x9E37_79B9_7F4A_7C15L >>> 32);
    }

    /** Does this pair of longs stand for an IPv4 address? */
    public static boolean isV4(long hi, long lo) {
        return hi == 0 && lo >>> 32 == 0xFFFFL;
    }

    /** The low half of the IPv4 address {@code address} (host order). */
    public static long v4(int address) {
        return V4_PREFIX | (address & 0xFFFF_FFFFL);
    }

    /** The IPv4 address {@code address} (host order). */
    public static IpAddress ofV4(int address) {
        return new IpAddress(0, v4(address));
    }

    /**
     * The address in 4 or 16 bytes of network order.
     *
     * <p><b>Fails</b>: IllegalArgumentException for another length.
     */
    public static IpAddress ofBytes(byte[] bytes) {
        if (bytes.length != 4 && bytes.length != 16) {
            throw new IllegalArgumentException("not an IP address: length=" + bytes.length);
        }
        long hi = 0;
        long lo = bytes.length == 4 ? 0xFFFF : 0;
        for (final byte octet : bytes) {
            hi = bytes.length == 4 ? 0 : hi << 8 | lo >>> 56;
            lo = lo << 8 | (octet & 0xFF);
        }
        return new IpAddress(hi, lo);
    }

    /**
     * Parses dotted IPv4 (four decimal numbers, no leading zero) or RFC 4291 text; never asks a name server.
     *
     * <p><b>Fails</b>: IllegalArgumentException "not an IP address: ...".
     */
    public static IpAddress parse(String text) {
        return IpAddressText.parse(text);
    }

    /** The address as text: dotted for IPv4, RFC 5952 for IPv6. */
    public static String format(long hi, long lo) {
        final StringBuilder text = new StringBuilder(40);
        IpAddressText.append(hi, lo, text);
        return text.toString();
    }

    /** {@code address:port}, with the brackets of RFC 3986 around an IPv6 address. */
    public static String format(long hi, long lo, int port) {
        final StringBuilder text = new StringBuilder(48);
        final boolean v4 = isV4(hi, lo);
        if (!v4) {
            text.append('[');
        }
        IpAddressText.append(hi, lo, text);
        return text.append(v4 ? ":" : "]:").append(port).toString();
    }

    public boolean isV4() {
        return isV4(hi, lo);
    }

    /** Is it in 127.0.0.0/8, or ::1? */
    public boolean isLoopback() {
        return isV4() ? v4Addr() >>> 24 == 127 : hi == 0 && lo == 1;
    }

    /** The four bytes of an IPv4 address as an int in host order; meaningless for IPv6. */
    public int v4Addr() {
        return (int) lo;
    }

    /** The address in network order: 4 bytes, or 16 for IPv6. */
    public byte[] toBytes() {
        final byte[] bytes = new byte[isV4() ? 4 : 16];
        for (int i = 0; i < bytes.length; i++) {
            final int fromEnd = bytes.length - 1 - i;
            bytes[i] = (byte) ((fromEnd < 8 ? lo : hi) >>> ((fromEnd & 7) * 8));
        }
        return bytes;
    }

    @Override
    public int compareTo(IpAddress other) {
        final int high = Long.compareUnsigned(hi, other.hi);
        return high != 0 ? high : Long.compareUnsigned(lo, other.lo);
    }

    @Override
    public String toString() {
        return format(hi, lo);
    }
}
