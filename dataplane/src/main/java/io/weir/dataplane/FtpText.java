package io.weir.dataplane;

import org.agrona.concurrent.UnsafeBuffer;

/**
 * Reads addresses and ports in the text of an FTP control connection, in place.
 *
 * <p>The rules are the kernel's to the letter, where they are loose too: a number of {@code PORT} above 255 is taken modulo
 * 256, a port modulo 65536; a command is known at the start of a segment only, but PASV and EPSV anywhere in it.
 *
 * <p><b>Units/order</b>: offsets into the packet's buffer; addresses and port in host order. <b>Owner</b>: one worker; what
 * was found is valid until the next call.
 *
 * <p><b>Source</b>: RFC 959, RFC 2428; ip_vs_ftp.c of the Linux kernel.
 */
final class FtpText {
    static final byte[] PORT = {'P', 'O', 'R', 'T'};
    static final byte[] EPRT = {'E', 'P', 'R', 'T'};
    static final byte[] PASV = {'P', 'A', 'S', 'V', '\r', '\n'};
    static final byte[] EPSV = {'E', 'P', 'S', 'V'};
    /** The answer to PASV. */
    static final byte[] PASSIVE = {'2', '2', '7'};
    /** The answer to EPSV. */
    static final byte[] EXTENDED_PASSIVE = {'2', '2', '9'};

    private static final int NOT_FOUND = -1;
    private static final int LAST_NUMBER = 5;
    private static final int BYTE = 0xFF;
    private static final int PORT_MASK = 0xFFFF;
    private static final int FIRST_DELIMITER = 33;
    private static final int LAST_DELIMITER = 126;
    private static final int CASE = 0x20;

    /** Where the address and port stand: from here ... */
    int start;
    /** ... to before here. */
    int end;

    long hi;
    long lo;
    int port;

    private final InetText inet = new InetText();
    private final int[] numbers = new int[LAST_NUMBER + 1];

    /** Does this word stand there, in any case of its letters? */
    static boolean startsWith(UnsafeBuffer b, int at, int limit, byte[] word) {
        if (limit - at < word.length) {
            return false;
        }
        for (int i = 0; i < word.length; i++) {
            if (lower(b.getByte(at + i)) != lower(word[i])) {
                return false;
            }
        }
        return true;
    }

    private static int lower(byte letter) {
        return letter >= 'A' && letter <= 'Z' ? letter + CASE : letter;
    }

    /**
     * Reads {@code a,b,c,d,p,q} after a word.
     *
     * @param skip what stands before the numbers; there may be none of it
     */
    boolean plain(UnsafeBuffer b, int from, int limit, byte[] word, char skip) {
        if (!startsWith(b, from, limit, word)) {
            return false;
        }
        int at = skipTo(b, from + word.length, limit, skip, true);
        if (at == NOT_FOUND) {
            return false;
        }
        start = at;
        int i = 0;
        numbers[0] = 0;
        for (; at < limit; at++) {
            final int c = b.getByte(at);
            if (isDigit(c)) {
                numbers[i] = numbers[i] * 10 + c - '0' & BYTE;
            } else if (c == ',' && i < LAST_NUMBER) {
                i++;
                numbers[i] = 0;
            } else {
                break;
            }
        }
        if (at == limit || i != LAST_NUMBER) {
            return false;
        }
        end = at;
        hi = 0;
        lo = 0xFFFFL << 32 | (numbers[0] << 24 | numbers[1] << 16 | numbers[2] << 8 | numbers[3]) & 0xFFFF_FFFFL;
        port = numbers[4] << 8 | numbers[5];
        return true;
    }

    /**
     * Reads {@code |family|address|port|} after a word; any printable delimiter.
     *
     * @param shortForm {@code |||port|} is allowed too: hi and lo stay as they are then
     */
    boolean extended(UnsafeBuffer b, int from, int limit, byte[] word, char skip, boolean v4, boolean shortForm) {
        if (!startsWith(b, from, limit, word)) {
            return false;
        }
        int at = skipTo(b, from + word.length, limit, skip, false);
        if (at == NOT_FOUND || at + 1 >= limit) {
            return false;
        }
        start = at;
        final int delimiter = b.getByte(at);
        if (delimiter < FIRST_DELIMITER || delimiter > LAST_DELIMITER) {
            return false;
        }
        at++;
        if (b.getByte(at) == delimiter) {
            at = shortForm && at + 1 < limit && b.getByte(at + 1) == delimiter ? at + 2 : NOT_FOUND;
        } else {
            at = address(b, at, limit, delimiter, v4);
        }
        return at != NOT_FOUND && port(b, at, limit, delimiter);
    }

    /** Family and address; returns what follows their second delimiter. */
    private int address(UnsafeBuffer b, int from, int limit, int delimiter, boolean v4) {
        if (b.getByte(from) != (v4 ? '1' : '2') || from + 2 >= limit || b.getByte(from + 1) != delimiter) {
            return NOT_FOUND;
        }
        final int at =
                v4 ? inet.v4(b, from + 2, limit, (byte) delimiter) : inet.v6(b, from + 2, limit, (byte) delimiter);
        if (at == NOT_FOUND) {
            return NOT_FOUND;
        }
        hi = inet.hi;
        lo = inet.lo;
        return at + 1;
    }

    private boolean port(UnsafeBuffer b, int from, int limit, int delimiter) {
        int at = from;
        int number = 0;
        while (at < limit && isDigit(b.getByte(at))) {
            number = number * 10 + b.getByte(at) - '0' & PORT_MASK;
            at++;
        }
        if (at == limit || number == 0 || b.getByte(at) != delimiter) {
            return false;
        }
        port = number;
        end = at + 1;
        return true;
    }

    /** Where the first byte after some of {@code skip} is, or the first digit before any. */
    private static int skipTo(UnsafeBuffer b, int from, int limit, char skip, boolean orDigit) {
        boolean found = false;
        for (int at = from; at < limit; at++) {
            final int c = b.getByte(at);
            if (found ? c != skip : orDigit && isDigit(c)) {
                return at;
            }
            found |= c == skip;
        }
        return NOT_FOUND;
    }

    private static boolean isDigit(int c) {
        return c >= '0' && c <= '9';
    }
}
