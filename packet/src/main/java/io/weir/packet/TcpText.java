package io.weir.packet;

import org.agrona.concurrent.UnsafeBuffer;

/** Describes a TCP header for {@link PacketPrinter}. */
final class TcpText {
    private static final char[] FLAG_LETTERS = {'F', 'S', 'R', 'P', '.', 'U', 'E', 'W'};

    private TcpText() {}

    static void append(UnsafeBuffer buffer, ParsedPacket p, StringBuilder out) {
        if (p.l4Length < TcpView.MIN_HEADER_LENGTH) {
            out.append("TCP (cut), length ").append(p.l4Length);
            return;
        }
        final TcpView tcp = new TcpView().wrap(buffer, p.l4Offset, p.l4Offset + p.l4Length);
        final int payload = Math.max(0, p.l4Length - tcp.dataOffsetBytes());
        out.append("Flags [").append(flags(tcp.flags())).append(']');
        out.append(", seq ").append(Integer.toUnsignedString(tcp.sequenceNumber()));
        if ((tcp.flags() & TcpFlags.ACK) != 0) {
            out.append(", ack ").append(Integer.toUnsignedString(tcp.acknowledgmentNumber()));
        }
        out.append(", win ").append(tcp.window());
        appendOptions(tcp, out);
        out.append(", length ").append(payload);
    }

    /** tcpdump's letters, the dot for ACK; "none" without any. */
    static String flags(int flags) {
        final StringBuilder letters = new StringBuilder(8);
        for (int bit = 0; bit < FLAG_LETTERS.length; bit++) {
            if ((flags >>> bit & 1) != 0) {
                letters.append(FLAG_LETTERS[bit]);
            }
        }
        return letters.length() == 0 ? "none" : letters.toString();
    }

    private static void appendOptions(TcpView tcp, StringBuilder out) {
        final int mss = tcp.maximumSegmentSize();
        final long value = tcp.timestampValue();
        if (mss < 0 && value < 0) {
            return;
        }
        out.append(", options [");
        if (mss >= 0) {
            out.append("mss ").append(mss).append(value >= 0 ? "," : "");
        }
        if (value >= 0) {
            out.append("TS val ").append(value).append(" ecr ").append(tcp.timestampEchoReply());
        }
        out.append(']');
    }
}
