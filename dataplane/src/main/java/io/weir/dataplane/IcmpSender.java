package io.weir.dataplane;

import io.weir.dataplane.host.IcmpErrors;
import io.weir.dataplane.host.IcmpRateLimiter;
import io.weir.dataplane.route.RouteTable;
import io.weir.packet.ParsedPacket;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Tells a sender that its packet went no further.
 *
 * <p>The source of an ICMP error is the packet's own destination where that is a VIP (icmp_send() of the Linux kernel),
 * else, and always in ICMPv6, the director's address towards the sender.
 */
final class IcmpSender {
    private static final int UNREACHABLE = 3;
    private static final int HOST = 1;
    private static final int PORT = 3;
    private static final int FRAGMENTATION_NEEDED = 4;
    private static final int TIME_EXCEEDED = 11;
    /** Code of both families' time exceeded. */
    private static final int REASSEMBLY = 1;

    private static final int V6_UNREACHABLE = 1;
    private static final int V6_ADDRESS = 3;
    private static final int V6_PORT = 4;
    private static final int V6_TOO_BIG = 2;
    private static final int V6_TIME_EXCEEDED = 3;
    private static final int V6_PARAMETER_PROBLEM = 4;
    private static final int V6_HEADER_CUT = 3;

    private final Egress egress;
    private final FrameOutput output;
    private final IcmpRateLimiter limiter = new IcmpRateLimiter();

    IcmpSender(Egress egress, FrameOutput output) {
        this.egress = egress;
        this.output = output;
    }

    IcmpRateLimiter limiter() {
        return limiter;
    }

    void timeExceeded(PacketContext c) {
        send(c, c.packet.isV4() ? TIME_EXCEEDED : V6_TIME_EXCEEDED, 0, 0);
    }

    /** The rest of a packet did not come; the context has its first fragment. */
    void reassemblyTimeout(PacketContext c) {
        send(c, c.packet.isV4() ? TIME_EXCEEDED : V6_TIME_EXCEEDED, REASSEMBLY, 0);
    }

    void tooBig(PacketContext c, int mtu) {
        if (c.packet.isV4()) {
            send(c, UNREACHABLE, FRAGMENTATION_NEEDED, mtu);
        } else {
            send(c, V6_TOO_BIG, 0, mtu);
        }
    }

    /** To an IPv6 sender: the first fragment has not all headers (RFC 7112 section 5). */
    void headerCut(PacketContext c) {
        send(c, V6_PARAMETER_PROBLEM, V6_HEADER_CUT, 0);
    }

    void portUnreachable(PacketContext c) {
        if (c.packet.isV4()) {
            send(c, UNREACHABLE, PORT, 0);
        } else {
            send(c, V6_UNREACHABLE, V6_PORT, 0);
        }
    }

    /** Sends any error about the context's packet to its sender. */
    void send(PacketContext c, int type, int code, int rest) {
        final int at = output.begin(IcmpErrors.MAX_BYTES);
        final int length = write(c, type, code, rest, output.buffer(), at);
        if (length > 0) {
            egress.emitTo(c, c.packet.srcHi, c.packet.srcLo, at, length);
        }
    }

    private int write(PacketContext c, int type, int code, int rest, UnsafeBuffer out, int at) {
        final ParsedPacket p = c.packet;
        final int route = egress.routeTo(c, p.srcHi, p.srcLo);
        if (route == RouteTable.NONE || !allows(c, route, type, code)) {
            return 0;
        }
        final boolean fromVip = p.isV4()
                && (c.snapshot.vips().contains(p.dstHi, p.dstLo)
                        || c.snapshot.own().contains(p.dstHi, p.dstLo));
        final RouteTable routes = c.snapshot.routes();
        return fromVip
                ? build(p, p.dstHi, p.dstLo, type, code, rest, out, at)
                : build(p, routes.sourceHi(route), routes.sourceLo(route), type, code, rest, out, at);
    }

    private boolean allows(PacketContext c, int route, int type, int code) {
        final ParsedPacket p = c.packet;
        return limiter.allows(p.srcHi, p.srcLo, type, code, c.snapshot.routes().prefixLength(route), c.nowNs);
    }

    /**
     * Writes what is to be told about a packet on its way out whose next hop does not answer. Even of a packet to a VIP it
     * comes from the director's own address: that packet was routed on.
     *
     * @return its length in bytes of layer 3; 0 if none is to be sent
     */
    int writeUnreachable(PacketContext c, UnsafeBuffer out, int at) {
        final ParsedPacket p = c.packet;
        final int type = p.isV4() ? UNREACHABLE : V6_UNREACHABLE;
        final int code = p.isV4() ? HOST : V6_ADDRESS;
        final int route = egress.routeTo(c, p.srcHi, p.srcLo);
        if (route == RouteTable.NONE || !allows(c, route, type, code)) {
            return 0;
        }
        final RouteTable routes = c.snapshot.routes();
        return build(p, routes.sourceHi(route), routes.sourceLo(route), type, code, 0, out, at);
    }

    /** The same about a packet of the director's own: the error is to come back to it. */
    int writeUnreachableToUs(PacketContext c, UnsafeBuffer out, int at) {
        final ParsedPacket p = c.packet;
        final int type = p.isV4() ? UNREACHABLE : V6_UNREACHABLE;
        final int code = p.isV4() ? HOST : V6_ADDRESS;
        return limiter.allowsToUs(p.isV4(), type, code, c.nowNs)
                ? build(p, p.srcHi, p.srcLo, type, code, 0, out, at)
                : 0;
    }

    private static int build(
            ParsedPacket about, long srcHi, long srcLo, int type, int code, int rest, UnsafeBuffer out, int at) {
        return about.isV4()
                ? IcmpErrors.buildV4(out, at, about, (int) srcLo, type, code, rest)
                : IcmpErrors.buildV6(out, at, about, srcHi, srcLo, type, code, rest);
    }
}
