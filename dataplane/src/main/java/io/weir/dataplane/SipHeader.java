package io.weir.dataplane;

import org.agrona.DirectBuffer;

/**
 * Finds the Call-ID of a SIP message, in place.
 *
 * <p>Folded lines, the compact name {@code i}, and lines that end with CR or LF alone are understood; the line must end within
 * the packet. The first line is never a header.
 *
 * <p><b>Owner</b>: one worker; what was found is valid until the next call. <b>Source</b>: RFC 3261 sections 7.3 and 20.8;
 * ct_sip_get_header(), callid_len() and get_callid() of the Linux kernel.
 */
final class SipHeader {
    private static final byte[] NAME = {'c', 'a', 'l', 'l', '-', 'i', 'd'};
    private static final int COMPACT = 'i';
    private static final String WORD = "!\"%()*+:<>?[\\]_`{}~-./'";
    private static final int NOWHERE = -1;
    private static final int CASE = 0x20;

    /** Where the Call-ID begins. */
    int at;
    /** Its bytes. */
    int length;

    private DirectBuffer b;
    private int limit;

    @SuppressWarnings("NullAway.Init") // set by every call
    SipHeader() {}

    /** Looks for a Call-ID of at most {@code most} bytes. */
    boolean callId(DirectBuffer buffer, int from, int end, int most) {
        b = buffer;
        limit = end;
        int start = from;
        int next = from;
        while (next < limit) {
            final int name = lineAfter(next);
            if (name == NOWHERE) {
                return false;
            }
            final int value = isBlank(name) ? NOWHERE : afterName(name);
            if (value == NOWHERE) {
                next = name;
                continue;
            }
            final int text = valueAt(value);
            if (text == NOWHERE) {
                return false;
            }
            at = text;
            length = callIdLength(text);
            if (length > 0) {
                return length <= most && text + length < limit && isLineEnd(text + length);
            }
            // The kernel adds the offset to where it began, so a third try begins too far.
            start += text - from;
            next = start;
        }
        return false;
    }

    private boolean isBlank(int offset) {
        return offset >= limit || b.getByte(offset) == ' ' || b.getByte(offset) == '\t';
    }

    /** Where the line after the next line end begins. */
    private int lineAfter(int from) {
        int i = from;
        while (i < limit && !isLineEnd(i)) {
            i++;
        }
        if (i + 1 >= limit) {
            return NOWHERE;
        }
        i++;
        if (b.getByte(i - 1) == '\r' && b.getByte(i) == '\n') {
            i++;
        }
        return i < limit ? i : NOWHERE;
    }

    private int afterName(int from) {
        if (limit - from >= NAME.length) {
            int i = 0;
            while (i < NAME.length && lower(b.getByte(from + i)) == NAME[i]) {
                i++;
            }
            if (i == NAME.length) {
                return from + i;
            }
        }
        final boolean compact =
                limit - from >= 2 && lower(b.getByte(from)) == COMPACT && !isLetter(b.getByte(from + 1));
        return compact ? from + 1 : NOWHERE;
    }

    /** Over the colon and the blanks around it. */
    private int valueAt(int from) {
        final int colon = overBlanks(from);
        if (colon == NOWHERE || colon >= limit || b.getByte(colon) != ':' || colon + 1 >= limit) {
            return NOWHERE;
        }
        final int value = overBlanks(colon + 1);
        return value >= limit ? NOWHERE : value;
    }

    private int overBlanks(int from) {
        int i = from;
        while (i < limit && b.getByte(i) == ' ') {
            i++;
        }
        if (i >= limit || !isLineEnd(i)) {
            return i;
        }
        final int folded = lineAfter(i);
        if (folded == NOWHERE || !isBlank(folded)) {
            return NOWHERE;
        }
        i = folded;
        while (i < limit && isBlank(i)) {
            i++;
        }
        return i;
    }

    private int callIdLength(int from) {
        final int word = wordLength(from);
        final int after = from + word;
        if (word == 0 || after >= limit || b.getByte(after) != '@') {
            return word;
        }
        final int domain = wordLength(after + 1);
        return domain == 0 ? 0 : word + 1 + domain;
    }

    private int wordLength(int from) {
        int i = from;
        while (i < limit && isWord(b.getByte(i))) {
            i++;
        }
        return i - from;
    }

    private boolean isLineEnd(int offset) {
        return b.getByte(offset) == '\r' || b.getByte(offset) == '\n';
    }

    private static boolean isWord(byte c) {
        return isLetter(c) || c >= '0' && c <= '9' || WORD.indexOf(c) >= 0;
    }

    private static boolean isLetter(byte c) {
        return lower(c) >= 'a' && lower(c) <= 'z';
    }

    private static int lower(byte c) {
        return c >= 'A' && c <= 'Z' ? c + CASE : c;
    }
}
