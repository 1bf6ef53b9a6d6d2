package io.weir.packet;

/**
 * Reads and writes IP addresses as text.
 *
 * <p><b>Source</b>: RFC 4291 section 2.2 for what is read (as strict as {@code inet_pton}), RFC 5952 for what is
 * written.
 */
final class IpAddressText {
    private static final int GROUPS = 8;

    private IpAddressText() {}

    static IpAddress parse(String text) {
        if (text.indexOf(':') < 0) {
            final long address = parseV4(text, 0);
            if (address < 0) {
                throw bad(text);
            }
            return IpAddress.ofV4((int) address);
        }
        return parseV6(text);
    }

    private static IllegalArgumentException bad(String text) {
        return new IllegalArgumentException("not an IP address: " + text);
    }

    /** The address that fills {@code text} from {@code from} to its end, or -1. */
    private static long parseV4(String text, int from) {
        long address = 0;
        int at = from;
        for (int octet = 0; octet < 4; octet++) {
            if (octet > 0) {
                if (at >= text.length() || text.charAt(at) != '.') {
                    return -1;
                }
                at++;
            }
            final int start = at;
            int value = 0;
            while (at < text.length() && at - start < 3 && isDigit(text.charAt(at))) {
                value = value * 10 + (text.charAt(at) - '0');
                at++;
            }
            final boolean leadingZero = at - start > 1 && text.charAt(start) == '0';
            if (at == start || leadingZero || value > 255) {
                return -1;
            }
            address = address << 8 | value;
        }
        return at == text.length() ? address : -1;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static IpAddress parseV6(String text) {
        final int[] groups = new int[GROUPS];
        int count = 0;
        int gapAt = -1;
        int at = 0;
        final int end = text.length();
        if (text.startsWith(":") && !text.startsWith("::")) {
            throw bad(text);
        }
        while (at < end) {
            if (text.startsWith("::", at)) {
                if (gapAt >= 0) {
                    throw bad(text);
                }
                gapAt = count;
                at += 2;
                continue;
            }
            if (at > 0 && text.charAt(at - 1) != ':') {
                // a group has just ended: one colon, and then another group, must follow
                if (text.charAt(at) != ':' || at + 1 >= end) {
                    throw bad(text);
                }
                at++;
            }
            final int groupEnd = endOfGroup(text, at);
            if (groupEnd < end && text.charAt(groupEnd) == '.') {
                final long tail = parseV4(text, at);
                if (tail < 0 || count > GROUPS - 2) {
                    throw bad(text);
                }
                groups[count++] = (int) (tail >>> 16);
                groups[count++] = (int) (tail & 0xFFFF);
                at = end;
            } else {
                if (groupEnd == at || groupEnd - at > 4 || count == GROUPS) {
                    throw bad(text);
                }
                groups[count++] = Integer.parseInt(text, at, groupEnd, 16);
                at = groupEnd;
            }
        }
        if (gapAt < 0 ? count != GROUPS : count == GROUPS) {
            throw bad(text);
        }
        return spread(groups, count, gapAt);
    }

    private static int endOfGroup(String text, int from) {
        int at = from;
        while (at < text.length() && isHex(text.charAt(at))) {
            at++;
        }
        return at;
    }

    private static boolean isHex(char c) {
        return isDigit(c) || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F';
    }

    /** Puts the zeros where the double colon was. */
    private static IpAddress spread(int[] groups, int count, int gapAt) {
        final int zeros = GROUPS - count;
        long hi = 0;
        long lo = 0;
        for (int i = 0; i < GROUPS; i++) {
            final int group;
            if (gapAt < 0 || i < gapAt) {
                group = groups[i];
            } else {
                group = i < gapAt + zeros ? 0 : groups[i - zeros];
            }
            hi = hi << 16 | lo >>> 48;
            lo = lo << 16 | group;
        }
        return new IpAddress(hi, lo);
    }

    static void append(long hi, long lo, StringBuilder out) {
        if (IpAddress.isV4(hi, lo)) {
            out.append(lo >>> 24 & 0xFF).append('.').append(lo >>> 16 & 0xFF).append('.');
            out.append(lo >>> 8 & 0xFF).append('.').append(lo & 0xFF);
            return;
        }
        int gapAt = -1;
        int gapLength = 1;
        for (int i = 0; i < GROUPS; i++) {
            int run = 0;
            while (i + run < GROUPS && group(hi, lo, i + run) == 0) {
                run++;
            }
            if (run > gapLength) {
                gapAt = i;
                gapLength = run;
            }
            i += run;
        }
        for (int i = 0; i < GROUPS; i++) {
            if (i == gapAt) {
                out.append("::");
                i += gapLength - 1;
                continue;
            }
            final boolean afterGap = gapAt >= 0 && i == gapAt + gapLength;
            if (i > 0 && !afterGap) {
                out.append(':');
            }
            out.append(Integer.toHexString(group(hi, lo, i)));
        }
    }

    private static int group(long hi, long lo, int index) {
        return (int) ((index < 4 ? hi : lo) >>> (3 - (index & 3)) * 16) & 0xFFFF;
    }
}
