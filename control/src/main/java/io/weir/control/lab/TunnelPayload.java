package io.weir.control.lab;

import io.weir.packet.ParsedPacket;
import io.weir.packet.ProtocolNumbers;
import java.nio.ByteOrder;
import org.agrona.DirectBuffer;

/**
 * Finds the packet inside a tunnelled one: IP in IP, GRE (RFC 2784, RFC 2890) or GUE (draft-ietf-intarea-gue) on UDP.
 *
 * <p><b>Not here</b>: remote checksum offload of GUE; a lab does not use it.
 */
final class TunnelPayload {
    /** There is none. */
    static final int NONE = -1;

    private static final int GRE_CHECKSUM = 0x8000;
    private static final int GRE_KEY = 0x2000;
    private static final int GRE_SEQUENCE = 0x1000;
    private static final int GRE_BASE_BYTES = 4;
    private static final int GUE_BASE_BYTES = 4;
    private static final int UDP_BYTES = 8;

    private TunnelPayload() {}

    /**
     * Where the inner IP header starts, or {@link #NONE}.
     *
     * @param outer the parsed frame, which lies in {@code buffer}
     */
    static int offset(DirectBuffer buffer, ParsedPacket outer) {
        if (outer.ipVersion == 0 || outer.fragment != ParsedPacket.FRAGMENT_NONE) {
            return NONE;
        }
        final int at = outer.l4Offset;
        final int end = at + outer.l4Length;
        final int inner =
                switch (outer.protocol) {
                    case ProtocolNumbers.IPIP, ProtocolNumbers.IPV6 -> at;
                    case ProtocolNumbers.GRE -> gre(buffer, at, end);
                    case ProtocolNumbers.UDP -> outer.dstPort == Decapsulator.GUE_PORT
                            ? gue(buffer, at + UDP_BYTES, end)
                            : NONE;
                    default -> NONE;
                };
        return inner < end ? inner : NONE;
    }

    private static int gre(DirectBuffer buffer, int at, int end) {
        if (end - at < GRE_BASE_BYTES) {
            return NONE;
        }
        final int flags = buffer.getShort(at, ByteOrder.BIG_ENDIAN);
        int length = GRE_BASE_BYTES;
        for (int option : new int[] {GRE_CHECKSUM, GRE_KEY, GRE_SEQUENCE}) {
            length += (flags & option) != 0 ? Integer.BYTES : 0;
        }
        return at + length;
    }

    private static int gue(DirectBuffer buffer, int at, int end) {
        if (end - at < GUE_BASE_BYTES) {
            return NONE;
        }
        final int first = buffer.getByte(at) & 0xFF;
        return switch (first >>> 6) {
                // Bit 5 marks a control message; the low five bits count the words of options.
            case 0 -> (first & 0x20) != 0 ? NONE : at + GUE_BASE_BYTES + (first & 0x1F) * Integer.BYTES;
                // Variant 1: the IP header comes at once, and its version nibble is the variant.
            case 1 -> at;
            default -> NONE;
        };
    }
}
