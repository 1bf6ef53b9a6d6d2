package io.weir.control.lab;

import io.weir.packet.IpAddress;
import io.weir.packet.PacketParser;
import io.weir.packet.ParsedPacket;
import io.weir.packet.ProtocolNumbers;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

/** Tells a captured frame to a reader, a line for each header: link, outer IP if it is tunnelled, IP and transport. */
final class PacketStory {
    private static final int MAC_BYTES = 6;
    private static final String FLAG_LETTERS = "FSRPA";

    private final UnsafeBuffer buffer;
    private final ParsedPacket outer = new ParsedPacket();
    private final ParsedPacket inner = new ParsedPacket();
    private final boolean tunnelled;

    PacketStory(byte[] frame) {
        buffer = new UnsafeBuffer(frame);
        final PacketParser parser = new PacketParser();
        parser.parse(buffer, 0, frame.length, true, outer);
        final int at = TunnelPayload.offset(buffer, outer);
        tunnelled = at >= 0;
        if (tunnelled) {
            parser.parse(buffer, at, frame.length - at, false, inner);
        }
    }

    /** Is this an IP packet with a TCP payload, tunnelled or not? */
    boolean isTcp() {
        return transport().ipVersion != 0 && transport().protocol == ProtocolNumbers.TCP;
    }

    /** {@code 02:…:07 > 02:…:01}. */
    String link() {
        return mac(MAC_BYTES) + " > " + mac(0);
    }

    List<String> lines() {
        final List<String> lines = new ArrayList<>();
        lines.add("MAC    " + link());
        if (tunnelled) {
            lines.add("outer  " + address(outer.srcHi, outer.srcLo) + " > " + address(outer.dstHi, outer.dstLo) + "  "
                    + encapsulation() + "  ttl " + outer.ttl + "  " + outer.l3Length + " bytes");
        }
        final ParsedPacket p = transport();
        lines.add((tunnelled ? "inner  " : "IP     ") + endpoint(p.srcHi, p.srcLo, p.srcPort) + " > "
                + endpoint(p.dstHi, p.dstLo, p.dstPort) + "  " + transportName(p) + "  ttl " + p.ttl + "  " + p.l3Length
                + " bytes");
        return lines;
    }

    private ParsedPacket transport() {
        return tunnelled ? inner : outer;
    }

    private String encapsulation() {
        return switch (outer.protocol) {
            case ProtocolNumbers.UDP -> "GUE (UDP port " + outer.dstPort + ")";
            case ProtocolNumbers.GRE -> "GRE";
            default -> "IP in IP";
        };
    }

    private static String transportName(ParsedPacket p) {
        if (p.protocol != ProtocolNumbers.TCP) {
            return p.protocol == ProtocolNumbers.UDP ? "UDP" : "protocol " + p.protocol;
        }
        final StringBuilder flags = new StringBuilder("TCP ");
        for (int bit = 0; bit < FLAG_LETTERS.length(); bit++) {
            if ((p.tcpFlags & 1 << bit) != 0) {
                flags.append(FLAG_LETTERS.charAt(bit));
            }
        }
        return flags.toString();
    }

    private static String endpoint(long hi, long lo, int port) {
        return IpAddress.isV4(hi, lo) ? address(hi, lo) + ":" + port : "[" + address(hi, lo) + "]:" + port;
    }

    private static String address(long hi, long lo) {
        return new IpAddress(hi, lo).toString();
    }

    private String mac(int offset) {
        final StringBuilder text = new StringBuilder();
        for (int i = 0; i < MAC_BYTES; i++) {
            text.append(i == 0 ? "" : ":").append(String.format("%02x", buffer.getByte(offset + i)));
        }
        return text.toString();
    }
}
