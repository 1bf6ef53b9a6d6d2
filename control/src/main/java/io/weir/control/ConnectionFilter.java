package io.weir.control;

import io.weir.conntrack.ConnectionTable;
import io.weir.control.state.ConnectionInfo;
import io.weir.packet.IpAddress;
import io.weir.packet.ProtocolNumbers;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Which connections {@code weir conns} shows: those that every given word fits.
 *
 * <p>Words are {@code client=}, {@code virtual=} and {@code server=} with {@code ADDRESS[/LENGTH][:PORT]} (IPv6 in brackets
 * where a port follows), {@code protocol=tcp|udp|sctp} and {@code state=NAME}.
 *
 * <p><b>Thread</b>: asked on the worker's, for every record of the table; makes nothing there.
 */
final class ConnectionFilter {
    private static final int ANY = -1;
    private static final int V4_PREFIX_BITS = 96;
    private static final int MAX_PORT = 65_535;

    /** An end of a connection. */
    private record End(long hi, long lo, long maskHi, long maskLo, int port) {
        boolean fits(long otherHi, long otherLo, int otherPort) {
            return ((otherHi ^ hi) & maskHi) == 0
                    && ((otherLo ^ lo) & maskLo) == 0
                    && (port == ANY || port == otherPort);
        }
    }

    private static final End ANY_END = new End(0, 0, 0, 0, ANY);

    private End client = ANY_END;
    private End virtual = ANY_END;
    private End server = ANY_END;
    private int protocol = ANY;
    private final List<String> states = new ArrayList<>();

    private ConnectionFilter() {}

    /** Reads words; <b>fails</b> with one that it does not know, and what there is. */
    static ConnectionFilter of(List<String> words) throws RunException {
        final ConnectionFilter filter = new ConnectionFilter();
        for (String word : words) {
            final int equals = word.indexOf('=');
            final String value = word.substring(equals + 1);
            switch (equals < 0 ? word : word.substring(0, equals)) {
                case "client" -> filter.client = end(word, value);
                case "virtual" -> filter.virtual = end(word, value);
                case "server" -> filter.server = end(word, value);
                case "protocol" -> filter.protocol = protocol(value);
                case "state" -> filter.states.add(value.toUpperCase(Locale.ROOT));
                default -> throw new RunException(
                        "weir: conns: must be client=, virtual=, server=, protocol= or state=, not '" + word + "'");
            }
        }
        return filter;
    }

    private static int protocol(String name) throws RunException {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "tcp" -> ProtocolNumbers.TCP;
            case "udp" -> ProtocolNumbers.UDP;
            case "sctp" -> ProtocolNumbers.SCTP;
            default -> throw new RunException(
                    "weir: conns: protocol must be one of tcp, udp, sctp, not '" + name + "'");
        };
    }

    private static End end(String word, String value) throws RunException {
        try {
            return end(value);
        } catch (IllegalArgumentException e) {
            throw new RunException(
                    "weir: conns: must be ADDRESS, ADDRESS/LENGTH, ADDRESS:PORT or [ADDRESS]:PORT, not '" + word + "'",
                    e);
        }
    }

    private static End end(String value) {
        final boolean bracket = value.startsWith("[");
        final int colon = bracket ? value.indexOf("]:") + 1 : value.indexOf(':');
        final boolean hasPort = colon > 0 && (bracket || colon == value.lastIndexOf(':'));
        final int port = hasPort ? Integer.parseInt(value.substring(colon + 1)) : ANY;
        final String net = (hasPort ? value.substring(0, colon) : value).replaceAll("[\\[\\]]", "");
        final int slash = net.indexOf('/');
        final IpAddress address = IpAddress.parse(slash < 0 ? net : net.substring(0, slash));
        final int longest = address.isV4() ? Integer.SIZE : 2 * Long.SIZE;
        final int given = slash < 0 ? longest : Integer.parseInt(net.substring(slash + 1));
        if (hasPort && (port < 0 || port > MAX_PORT) || given < 0 || given > longest) {
            throw new IllegalArgumentException("out of range");
        }
        final int bits = address.isV4() ? given + V4_PREFIX_BITS : given;
        return new End(address.hi(), address.lo(), mask(Math.min(bits, Long.SIZE)), mask(bits - Long.SIZE), port);
    }

    /** The first bits of a long. */
    private static long mask(int bits) {
        return bits <= 0 ? 0 : -1L << (Long.SIZE - bits);
    }

    /** Does a record fit, but for its state? */
    boolean fits(ConnectionTable table, int id) {
        return (protocol == ANY || protocol == table.protocol(id))
                && client.fits(table.clientHi(id), table.clientLo(id), table.clientPort(id))
                && virtual.fits(table.virtualHi(id), table.virtualLo(id), table.virtualPort(id))
                && server.fits(table.destinationHi(id), table.destinationLo(id), table.destinationPort(id));
    }

    /** Does the state of one that {@link #fits} fit, too? */
    boolean fits(ConnectionInfo connection) {
        return states.isEmpty() || states.contains(connection.state());
    }
}
