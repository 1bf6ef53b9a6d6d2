package io.weir.control.ipvsadm;

import io.weir.packet.IpAddress;
import io.weir.packet.ProtocolNumbers;
import org.jspecify.annotations.Nullable;

/** Addresses, ports, protocols and methods as ipvsadm prints them. */
final class Labels {
    private static final int MASQUERADING = 0;
    private static final int LOCAL = 1;
    private static final int TUNNELLING = 2;
    private static final int ROUTING = 3;
    private static final int BYPASS = 4;
    private static final int FULLNAT = 5;

    private Labels() {}

    /**
     * An address with its port.
     *
     * @param ipv6 put it in brackets
     * @param names for names where they are known, or null for numbers
     */
    static String endpoint(IpAddress address, boolean ipv6, int port, int protocol, @Nullable NameService names) {
        final String host = names == null ? null : names.host(address);
        final String service = names == null || port == 0 ? null : names.service(port, protocol);
        final String portText = service == null ? Integer.toString(port) : service;
        final String shown = host == null ? address.toString() : host;
        return (ipv6 ? "[" + shown + "]" : shown) + ":" + portText;
    }

    static String protocol(int protocol) {
        return switch (protocol) {
            case ProtocolNumbers.TCP -> "TCP";
            case ProtocolNumbers.UDP -> "UDP";
            case ProtocolNumbers.SCTP -> "SCTP";
            case ProtocolNumbers.AH -> "AH";
            case ProtocolNumbers.ESP -> "ESP";
            default -> "IP";
        };
    }

    /** The option that names a service of this protocol. */
    static String serviceOption(int protocol) {
        return switch (protocol) {
            case ProtocolNumbers.TCP -> "-t";
            case ProtocolNumbers.UDP -> "-u";
            default -> "--sctp-service";
        };
    }

    static String method(int code) {
        return switch (code) {
            case MASQUERADING -> "Masq";
            case LOCAL -> "Local";
            case TUNNELLING -> "Tunnel";
            case ROUTING -> "Route";
            case BYPASS -> "Bypass";
            case FULLNAT -> "FullNat";
            default -> "?";
        };
    }

    /** The option that asks for a method; the local one shows as what was asked for. */
    static String methodOption(int code) {
        return switch (code) {
            case MASQUERADING -> "-m";
            case TUNNELLING -> "-i";
            case FULLNAT -> "-b";
            default -> "-g";
        };
    }

    /** An IPv4 address or mask in dots. */
    static String dotted(int bits) {
        return IpAddress.ofV4(bits).toString();
    }
}
