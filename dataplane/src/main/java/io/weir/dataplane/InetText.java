package io.weir.dataplane;

import org.agrona.concurrent.UnsafeBuffer;

/**
 * Reads an address in the text of a packet, up to a delimiter, without making an object.
 *
 * <p><b>Units/order</b>: as in ParsedPacket. <b>Owner</b>: one worker; valid until the next call. <b>Source</b>: RFC 4291
 * section 2.2; in4_pton() and in6_pton() of the Linux kernel.
 */
final class InetText {
    private static final int NOT_AN_ADDRESS = -1;
    private static final int OCTETS = 4;
    private static final int GROUPS = 8;
    private static final int MOST_DIGITS = 4;
    private static final int NO_GAP = -1;

    long hi;
    long lo;

    private final int[] groups = new int[GROUPS];
    private int count;

    /** Reads an IPv4 address; returns where its delimiter stands, or -1. */
    int v4(UnsafeBuffer b, int from, int limit, byte delimiter) {
        int value = 0;
        int at = from;
        for (int i = 0; i < OCTETS; i++) {
            final int first = at;
            int octet = 0;
            while (at < limit && digit(b.getByte(at)) < 10 && octet <= 255) {
                octet = octet * 10 + digit(b.getByte(at));
                at++;
            }
            final byte wanted = i < OCTETS - 1 ? (byte) '.' : delimiter;
            if (at == first || octet > 255 || at >= limit || b.getByte(at) != wanted) {
                return NOT_AN_ADDRESS;
            }
            value = value << 8 | octet;
            at++;
        }
        hi = 0;
        lo = 0xFFFFL << 32 | value & 0xFFFF_FFFFL;
        return at - 1;
    }

    /** Reads an IPv6 address; returns where its delimiter stands, or -1. */
    int v6(UnsafeBuffer b, int from, int limit, byte delimiter) {
        int gap = NO_GAP;
        int at = from;
        count = 0;
        if (isGap(b, at, limit)) {
            gap = 0;
            at += 2;
        }
        while (at < limit && b.getByte(at) != delimiter) {
            if (count == GROUPS) {
                return NOT_AN_ADDRESS;
            }
            final int next = group(b, at, limit, delimiter);
            if (next == NOT_AN_ADDRESS) {
                return NOT_AN_ADDRESS;
            }
            at = next;
            if (b.getByte(at) == delimiter) {
                break;
            }
            if (isGap(b, at, limit)) {
                if (gap != NO_GAP) {
                    return NOT_AN_ADDRESS;
                }
                gap = count;
                at += 2;
            } else if (b.getByte(at) != ':' || at + 1 < limit && b.getByte(at + 1) == delimiter) {
                return NOT_AN_ADDRESS;
            } else {
                at++;
            }
        }
        if (at >= limit || (gap == NO_GAP ? count != GROUPS : count == GROUPS)) {
            return NOT_AN_ADDRESS;
        }
        spread(gap == NO_GAP ? GROUPS : gap);
        return at;
    }

    /** One group of hex digits, or an IPv4 address as the last two; returns what follows. */
    private int group(UnsafeBuffer b, int from, int limit, byte delimiter) {
        int value = 0;
        int at = from;
        while (at < limit && at - from < MOST_DIGITS && digit(b.getByte(at)) < 16) {
            value = value << 4 | digit(b.getByte(at));
            at++;
        }
        if (at == from || at >= limit) {
            return NOT_AN_ADDRESS;
        }
        if (b.getByte(at) == '.') {
            final int end = count > GROUPS - 2 ? NOT_AN_ADDRESS : v4(b, from, limit, delimiter);
            if (end == NOT_AN_ADDRESS) {
                return NOT_AN_ADDRESS;
            }
            groups[count++] = (int) lo >>> 16;
            groups[count++] = (int) lo & 0xFFFF;
            return end;
        }
        groups[count++] = value;
        return at;
    }

    /** The groups before the gap go to the front, those behind it to the end. */
    private void spread(int gap) {
        hi = 0;
        lo = 0;
        final int behind = count - Math.min(gap, count);
        for (int i = 0; i < GROUPS; i++) {
            final int from = GROUPS - i <= behind ? count - (GROUPS - i) : i < gap ? i : -1;
            final long value = from < 0 ? 0 : groups[from];
            hi = hi << 16 | lo >>> 48;
            lo = lo << 16 | value;
        }
    }

    private static boolean isGap(UnsafeBuffer b, int at, int limit) {
        return at + 1 < limit && b.getByte(at) == ':' && b.getByte(at + 1) == ':';
    }

    private static int digit(byte c) {
        if (c >= '0' && c <= '9') {
            return c - '0';
        }
        final int letter = (c | 0x20) - 'a';
        return letter >= 0 && letter < 6 ? letter + 10 : Integer.MAX_VALUE;
    }
}
