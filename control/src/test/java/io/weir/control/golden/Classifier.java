package io.weir.control.golden;

import java.nio.ByteBuffer;
import java.util.Set;

/**
 * Tells from a frame and the frame it caused what the director did: forwarding method and server.
 *
 * <p>It relies on the recordings' network: clients are reached through {@code cli0} and servers through {@code rs0},
 * the fifth byte of a MAC address names the side and the sixth the host.
 */
final class Classifier {
    /** What became of a frame; several at once are joined with a plus. */
    record Choice(String kind, String server, String port) {}

    private static final Choice ICMP_ERROR = new Choice("icmp-error", "", "");
    private static final Choice OTHER = new Choice("other", "", "");
    /** Echo reply, timestamp reply, address mask reply, ICMPv6 echo reply. */
    private static final Set<Integer> ICMP_ANSWERS = Set.of(0, 14, 18, 129);

    private static final int ETHERNET_HEADER = 14;
    private static final int SOURCE_SIDE = 10;
    private static final int SERVER_SIDE = 2;
    private static final int DESTINATION_HOST = 5;

    private Classifier() {}

    static Choice classify(byte[] input, byte[] output, String egress) {
        if (!isIp(input) || !isIp(output)) {
            return OTHER;
        }
        final IpSummary in = IpSummary.of(packet(input));
        final IpSummary out = IpSummary.of(packet(output));
        final boolean fromClient = input[SOURCE_SIDE] != SERVER_SIDE;
        if (fromClient && "rs0".equals(egress)) {
            return toServer(input, in, output, out);
        }
        if (!fromClient && "cli0".equals(egress)) {
            if (out.isIcmp() && !in.isIcmp()) {
                return ICMP_ERROR;
            }
            final boolean rewritten = !out.source().equals(in.source());
            return new Choice(rewritten ? "nat-reply" : "forward", in.source(), in.sourcePort());
        }
        return back(in, out);
    }

    private static Choice toServer(byte[] input, IpSummary in, byte[] output, IpSummary out) {
        final boolean elsewhere = !out.destination().equals(in.destination());
        final String tunnel = out.tunnel(packet(output));
        if (tunnel != null && (in.protocol() != out.protocol() || elsewhere)) {
            return new Choice("tun-" + tunnel, out.destination(), "");
        }
        if (out.isIcmp() && !in.isIcmp()) {
            return ICMP_ERROR;
        }
        if (elsewhere) {
            return new Choice("nat", out.destination(), out.destinationPort());
        }
        final int host = output[DESTINATION_HOST] & 0xFF;
        final boolean v6 = input[ETHERNET_HEADER] >> 4 == 6;
        return new Choice(
                "dr", v6 ? "fd00:20::" + Integer.toHexString(host) : "10.20.0." + host, out.destinationPort());
    }

    /** A frame that left where its cause had come from. */
    private static Choice back(IpSummary in, IpSummary out) {
        if (out.isIcmp()) {
            return ICMP_ANSWERS.contains(out.icmpType()) ? new Choice("local-reply", "", "") : ICMP_ERROR;
        }
        if (out.reset()) {
            return new Choice("local-rst", "", "");
        }
        return new Choice(out.source().equals(in.destination()) ? "local-reply" : "forward", "", "");
    }

    static boolean isIp(byte[] frame) {
        if (frame.length <= ETHERNET_HEADER) {
            return false;
        }
        final int etherType = (frame[12] & 0xFF) << 8 | frame[13] & 0xFF;
        return etherType == 0x0800 || etherType == 0x86DD;
    }

    /** Is the frame an IP fragment other than the first? */
    static boolean isLaterFragment(byte[] frame) {
        return isIp(frame) && IpSummary.of(packet(frame)).laterFragment();
    }

    private static ByteBuffer packet(byte[] frame) {
        return ByteBuffer.wrap(frame, ETHERNET_HEADER, frame.length - ETHERNET_HEADER)
                .slice();
    }
}
