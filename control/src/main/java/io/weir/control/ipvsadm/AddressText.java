package io.weir.control.ipvsadm;

import io.weir.packet.IpAddress;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code address[:port]} as ipvsadm does: IPv6 in brackets with a port or bare without, IPv4 in any form that
 * inet_aton() takes, or a host's name; a port by number or name.
 */
final class AddressText {
    private static final Pattern IPV6 = Pattern.compile("[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");
    private static final Pattern IPV4_PART = Pattern.compile("0[xX][0-9a-fA-F]{1,8}|[0-9]{1,11}");

    private static final int MAX_PARTS = 4;
    private static final int BITS = 32;
    private static final int BYTE = 0xFF;

    /**
     * What was read.
     *
     * @param ipv6 the family it was written in
     * @param port -1 if there was none
     */
    record Endpoint(IpAddress address, boolean ipv6, int port) {
        boolean hasPort() {
            return port >= 0;
        }
    }

    private AddressText() {}

    /** Null if it is not legal. */
    static @Nullable Endpoint parse(String text, int protocol, NameService names) {
        if (isPortAlone(text)) {
            return null;
        }
        String host = text;
        String port = null;
        if (text.startsWith("[")) {
            final int end = text.indexOf(']');
            if (end < 0 || !text.startsWith(":", end + 1)) {
                return null;
            }
            host = text.substring(1, end);
            port = text.substring(end + 2);
        }
        final IpAddress six = ipv6(host);
        if (six != null) {
            return endpoint(six, true, port, protocol, names);
        }
        final int colon = host.lastIndexOf(':');
        final String bare = colon < 0 ? host : host.substring(0, colon);
        final IpAddress literal = ipv4(bare);
        final IpAddress four = literal != null || bare.isEmpty() ? literal : names.address(bare);
        return four == null
                ? null
                : endpoint(four, false, colon < 0 ? null : host.substring(colon + 1), protocol, names);
    }

    /** Digits and nothing else are a port, and a port is not enough. */
    private static boolean isPortAlone(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return false;
            }
        }
        return !text.isEmpty();
    }

    private static @Nullable Endpoint endpoint(
            IpAddress address, boolean ipv6, @Nullable String port, int protocol, NameService names) {
        if (port == null) {
            return new Endpoint(address, ipv6, -1);
        }
        final int number = Numbers.parse(port, 0, 0xFFFF);
        final int found = number >= 0 ? number : names.port(port, protocol);
        return found < 0 ? null : new Endpoint(address, ipv6, found);
    }

    static @Nullable IpAddress ipv6(String text) {
        // Every IPv6 address has two colons; an IPv4 address with a port has one, and comes by the ten thousand.
        if (text.indexOf(':') == text.lastIndexOf(':') || !IPV6.matcher(text).matches()) {
            return null;
        }
        try {
            return IpAddress.parse(text);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** One to four numbers, decimal, octal or hexadecimal; the last one fills what is left. */
    static @Nullable IpAddress ipv4(String text) {
        final long plain = plain(text);
        if (plain >= 0) {
            return IpAddress.ofV4((int) plain);
        }
        final String[] parts = text.split("\\.", -1);
        if (parts.length > MAX_PARTS) {
            return null;
        }
        long address = 0;
        for (int i = 0; i < parts.length; i++) {
            final boolean last = i == parts.length - 1;
            final int bits = last ? BITS - 8 * i : 8;
            final long value = part(parts[i]);
            if (value < 0 || value >= 1L << bits) {
                return null;
            }
            address = address << bits | value;
        }
        return new IpAddress(0, IpAddress.v4((int) address));
    }

    /** Four decimal numbers without leading zeros, as nearly all are written; else -1. */
    private static long plain(String text) {
        long address = 0;
        int parts = 0;
        int value = -1;
        for (int i = 0; i <= text.length(); i++) {
            final char next = i < text.length() ? text.charAt(i) : '.';
            if (next == '.') {
                if (value < 0 || value > BYTE || ++parts > MAX_PARTS) {
                    return -1;
                }
                address = address << 8 | value;
                value = -1;
            } else if (next < '0' || next > '9' || value == 0 || value > BYTE) {
                return -1;
            } else {
                value = Math.max(value, 0) * 10 + next - '0';
            }
        }
        return parts == MAX_PARTS ? address : -1;
    }

    private static long part(String text) {
        if (!IPV4_PART.matcher(text).matches()) {
            return -1;
        }
        try {
            return Long.decode(text);
        } catch (NumberFormatException e) {
            return -1;
        }
    }
}
