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

    private static final int GROUPS = 8;

    /** Does this pair of longs stand for an IPv4 address? */
    public static boolean isV4(long hi, long lo) {
        return hi == 0 && lo >>> 32 == 0xFFFFL;
    }

    /** The low half of the IPv4 address {@code address} (host order). */
    public static long v4(int address) {
        return 0xFFFF_0000_0000L | (address & 0xFFFF_FFFFL);
    }

    /**
     * Parses dotted IPv4 or RFC 4291 text; no name is looked up.
     *
     * @throws IllegalArgumentException "not an IP address: ..."
     */
    public static IpAddress parse(String text) {
        try {
            return text.indexOf(':') < 0 ? new IpAddress(0, v4(parseV4(text))) : parseV6(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("not an IP address: " + text, e);
        }
    }

    private static int parseV4(String text) {
        final String[] parts = text.split("\\.", -1);
        if (parts.length != 4) {
            throw new NumberFormatException(text);
        }
        int address = 0;
        for (final String part : parts) {
            final boolean plain = !part.isEmpty() && part.length() <= 3 && part.chars().allMatch(Character::isDigit);
            final int octet = plain ? Integer.parseInt(part) : 256;
            if (octet > 255) {
                throw new NumberFormatException(text);
            }
            address = address << 8 | octet;
        }
        return address;
    }

    private static IpAddress parseV6(String text) {
        final int gap = text.indexOf("::");
        final int[] groups = new int[GROUPS];
        if (gap < 0) {
            if (groups(text, groups, 0) != GROUPS) {
                throw new NumberFormatException(text);
            }
        } else {
            final int[] tail = new int[GROUPS];
            final int before = groups(text.substring(0, gap), groups, 0);
            final int after = groups(text.substring(gap + 2), tail, 0);
            if (before + after >= GROUPS) {
                throw new NumberFormatException(text);
            }
            System.arraycopy(tail, 0, groups, GROUPS - after, after);
        }
        long high = 0;
        long low = 0;
        for (int i = 0; i < 4; i++) {
            high = high << 16 | groups[i];
            low = low << 16 | groups[i + 4];
        }
        return new IpAddress(high, low);
    }

    /** Reads groups separated by colons, the last perhaps as dotted IPv4; returns how many there are. */
    private static int groups(String text, int[] into, int start) {
        if (text.isEmpty()) {
            return start;
        }
        int n = start;
        for (final String part : text.split(":", -1)) {
            if (n >= GROUPS) {
                throw new NumberFormatException(text);
            }
            if (part.indexOf('.') >= 0) {
                final int address = parseV4(part);
                if (n > GROUPS - 2 || !text.endsWith(part)) {
                    throw new NumberFormatException(text);
                }
                into[n++] = address >>> 16;
                into[n++] = address & 0xFFFF;
            } else if (part.isEmpty() || part.length() > 4 || part.charAt(0) == '+' || part.charAt(0) == '-') {
                throw new NumberFormatException(text);
            } else {
                into[n++] = Integer.parseInt(part, 16);
            }
        }
        return n;
    }

    /** Dotted IPv4, or RFC 5952 text. */
    @Override
    public String toString() {
        return format(hi, lo);
    }

    /** The text of an address given as two longs. */
    public static String format(long hi, long lo) {
        if (isV4(hi, lo)) {
            return (lo >>> 24 & 0xFF) + "." + (lo >>> 16 & 0xFF) + "." + (lo >>> 8 & 0xFF) + "." + (lo & 0xFF);
        }
        int gapAt = -1;
        int gapLength = 1;
        for (int i = 0; i < GROUPS; i++) {
            int n = 0;
            while (i + n < GROUPS && group(hi, lo, i + n) == 0) {
                n++;
            }
            if (n > gapLength) {
                gapAt = i;
                gapLength = n;
            }
        }
        final StringBuilder text = new StringBuilder();
        for (int i = 0; i < GROUPS; i++) {
            if (i == gapAt) {
                text.append("::");
                i += gapLength - 1;
            } else {
                if (i > 0 && i != gapAt + gapLength) {
                    text.append(':');
                }
                text.append(Integer.toHexString(group(hi, lo, i)));
            }
        }
        return text.toString();
    }

    private static int group(long hi, long lo, int index) {
        return (int) ((index < 4 ? hi : lo) >>> (3 - (index & 3) << 4) & 0xFFFF);
    }

    /** Is this an IPv4 address? */
    public boolean isV4() {
        return isV4(hi, lo);
    }

    @Override
    public int compareTo(IpAddress other) {
        final int high = Long.compareUnsigned(hi, other.hi);
        return high != 0 ? high : Long.compareUnsigned(lo, other.lo);
    }
}
