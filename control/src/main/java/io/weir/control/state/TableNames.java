package io.weir.control.state;

import io.weir.packet.ProtocolNumbers;
import io.weir.service.ServiceKey;

/** Services and servers as {@code weir.yaml} writes them. */
public final class TableNames {
    private TableNames() {}

    /** {@code tcp 192.0.2.1:80}, {@code udp [2001:db8::1]:53}, {@code mark 1}, {@code mark 1 ipv6}. */
    public static String service(ServiceKey key) {
        if (key.fwmark() != 0) {
            return "mark " + Integer.toUnsignedString(key.fwmark()) + (key.ipv6() ? " ipv6" : "");
        }
        final String protocol =
                switch (key.protocol()) {
                    case ProtocolNumbers.TCP -> "tcp ";
                    case ProtocolNumbers.UDP -> "udp ";
                    case ProtocolNumbers.SCTP -> "sctp ";
                    default -> key.protocol() + " ";
                };
        return protocol + endpoint(key.address().toString(), key.ipv6(), key.port());
    }

    /** {@code 10.0.0.1:80} or {@code [fd00::1]:80}. */
    public static String server(DestinationEntry entry) {
        return endpoint(
                entry.value().address().toString(),
                entry.isIpv6(),
                entry.value().port());
    }

    private static String endpoint(String address, boolean ipv6, int port) {
        return (ipv6 ? "[" + address + "]:" : address + ":") + port;
    }
}
