package io.weir.dataplane.host;

import io.weir.dataplane.route.LocalAddresses;
import io.weir.dataplane.route.RouteTable;
import io.weir.packet.InternetChecksum;
import io.weir.packet.ParsedPacket;
import io.weir.packet.ProtocolNumbers;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Does with a packet to one of the director's addresses what the kernel's own stack does when nobody listens.
 *
 * <p>TCP gets a RST, UDP a port unreachable, SCTP an ABORT, an echo or timestamp request its reply, an unknown protocol a
 * protocol unreachable (IPv6: a parameter problem). Checksums are verified first: a packet that fails is dropped without
 * an answer.
 *
 * <p>ICMP errors come from the packet's destination; in IPv6 only if that is an address of an interface, else from the
 * address our packets to its sender have, as the kernel does with VIPs that are mere local routes.
 *
 * <p><b>Source</b>: tcp_v4_rcv(), udp_rcv(), sctp_rcv(), icmp_rcv() and their IPv6 twins, ip_protocol_deliver_rcu(),
 * ip6_protocol_deliver_rcu(). <b>Owner</b>: one worker; no allocation.
 */
public final class HostStack {
    /** Longest answer in bytes of layer 3, but for an echo reply, which is as long as its request. */
    public static final int MAX_BYTES = IcmpErrors.MAX_BYTES;

    private static final int IGMP = 2;
    private static final int PIM = 103;
    private static final int UDP_LITE = 136;
    private static final int UDP_BYTES = 8;
    private static final int ICMP_BYTES = 8;
    private static final int NEXT_HEADER_AT = 6;
    private static final long MILLISECOND_NS = 1_000_000L;
    private static final long DAY_MS = 86_400_000L;

    private final IcmpRateLimiter limiter;
    private final long[] counts = new long[HostReason.COUNT];
    private int reason;
    private long midnightOffsetMs;

    // The arguments of the answer being written.
    private boolean vouched;
    private RouteTable routes = RouteTable.of(List.of(), List.of());
    private LocalAddresses own = LocalAddresses.EMPTY;
    private UnsafeBuffer out = new UnsafeBuffer(0, 0);
    private int at;
    private long nowNs;

    public HostStack(IcmpRateLimiter limiter) {
        this.limiter = limiter;
    }

    /** Ties the monotonic clock to the wall clock, for ICMP timestamp replies. */
    public void wallClock(long nowNs, long epochMs) {
        midnightOffsetMs = epochMs - nowNs / MILLISECOND_NS;
    }

    /**
     * Writes the answer to a packet that is addressed to the director.
     *
     * @param in the packet, whole (not a fragment)
     * @param vouched its transport checksum needs no check: the sender left it to the device
     * @param routes for the source of ICMPv6 errors
     * @param own the addresses of the director's interfaces
     * @param at where in {@code out} the answer goes; it may be up to {@link #MAX_BYTES} or the packet's own length
     * @return its length in bytes of layer 3, 0 if there is none; it goes to {@code in}'s source. Why: {@link #reason}
     */
    public int answer(
            ParsedPacket in,
            boolean vouched,
            RouteTable routes,
            LocalAddresses own,
            UnsafeBuffer out,
            int at,
            long nowNs) {
        this.vouched = vouched;
        this.routes = routes;
        this.own = own;
        this.out = out;
        this.at = at;
        this.nowNs = nowNs;
        final UnsafeBuffer b = in.buffer;
        if (b == null || in.fragment != ParsedPacket.FRAGMENT_NONE) {
            return done(HostReason.FRAGMENT, 0);
        }
        if (!HostPackets.isUnicast(in.isV4(), in.srcHi, in.srcLo)
                || HostPackets.isGroup(in.isV4(), in.dstHi, in.dstLo)) {
            return done(HostReason.NOT_ANSWERED, 0);
        }
        return switch (in.protocol) {
            case ProtocolNumbers.TCP -> tcp(in, b);
            case ProtocolNumbers.UDP -> udp(in, b);
            case ProtocolNumbers.SCTP -> sctp(in);
            case ProtocolNumbers.ICMP, ProtocolNumbers.ICMPV6 -> icmp(in, b);
            default -> unknown(in, b);
        };
    }

    private int tcp(ParsedPacket in, UnsafeBuffer b) {
        if (!vouched && !HostPackets.checksumHolds(in, b, in.l4Length)) {
            return done(HostReason.BAD_CHECKSUM, 0);
        }
        final int length = TcpResets.build(out, at, in);
        return done(length > 0 ? HostReason.RESET : HostReason.NOT_ANSWERED, length);
    }

    private int udp(ParsedPacket in, UnsafeBuffer b) {
        final int length = in.l4Length >= UDP_BYTES ? HostPackets.u16(b, in.l4Offset + 4) : 0;
        if (length < UDP_BYTES || length > in.l4Length) {
            return done(HostReason.BAD_LENGTH, 0);
        }
        final boolean unsummed = HostPackets.u16(b, in.l4Offset + 6) == 0;
        // IPv4 may go without a checksum; IPv6 may not (RFC 8200 section 8.1).
        if (!vouched && (unsummed ? !in.isV4() : !HostPackets.checksumHolds(in, b, length))) {
            return done(HostReason.BAD_CHECKSUM, 0);
        }
        return in.isV4()
                ? error(in, IcmpErrors.UNREACHABLE, IcmpErrors.PORT, 0)
                : error(in, IcmpErrors.V6_UNREACHABLE, IcmpErrors.V6_PORT, 0);
    }

    private int sctp(ParsedPacket in) {
        if (!vouched && !SctpAborts.checksumHolds(in)) {
            return done(HostReason.BAD_CHECKSUM, 0);
        }
        final int length = SctpAborts.build(out, at, in);
        return done(length > 0 ? HostReason.ABORTED : HostReason.NOT_ANSWERED, length);
    }

    private int icmp(ParsedPacket in, UnsafeBuffer b) {
        if (in.isV4() != (in.protocol == ProtocolNumbers.ICMP)) {
            return unknown(in, b);
        }
        if (in.l4Length < ICMP_BYTES) {
            return done(HostReason.BAD_LENGTH, 0);
        }
        final boolean right = vouched
                || (in.isV4()
                        ? InternetChecksum.finish(InternetChecksum.sum(b, in.l4Offset, in.l4Length, 0)) == 0
                        : HostPackets.checksumHolds(in, b, in.l4Length));
        if (!right) {
            return done(HostReason.BAD_CHECKSUM, 0);
        }
        int length = 0;
        if (in.icmpType == (in.isV4() ? EchoReplies.ECHO_REQUEST : EchoReplies.V6_ECHO_REQUEST)) {
            length = EchoReplies.echo(out, at, in);
        } else if (in.isV4() && in.icmpType == EchoReplies.TIMESTAMP_REQUEST) {
            final long ms = nowNs / MILLISECOND_NS + midnightOffsetMs;
            length = EchoReplies.timestamp(out, at, in, (int) Math.floorMod(ms, DAY_MS));
        }
        return done(length > 0 ? HostReason.REPLIED : HostReason.NOT_ANSWERED, length);
    }

    private int unknown(ParsedPacket in, UnsafeBuffer b) {
        final int protocol = in.protocol;
        if (in.isV4()) {
            // The kernel has receivers for these, which keep quiet.
            return protocol == IGMP || protocol == PIM || protocol == UDP_LITE
                    ? done(HostReason.NOT_ANSWERED, 0)
                    : error(in, IcmpErrors.UNREACHABLE, IcmpErrors.PROTOCOL, 0);
        }
        if (protocol == ProtocolNumbers.NO_NEXT_HEADER || protocol == ProtocolNumbers.AH || protocol == UDP_LITE) {
            return done(HostReason.NOT_ANSWERED, 0);
        }
        return error(
                in, IcmpErrors.V6_PARAMETER_PROBLEM, IcmpErrors.V6_UNKNOWN_NEXT_HEADER, lastNextHeaderField(in, b));
    }

    /** Offset in the packet of the field that names the transport protocol. */
    private static int lastNextHeaderField(ParsedPacket in, UnsafeBuffer b) {
        int field = NEXT_HEADER_AT;
        int at = HostPackets.V6_BYTES;
        while (at + 8 <= in.l3HeaderLength) {
            final boolean fragment = (b.getByte(in.l3Offset + field) & 0xFF) == ProtocolNumbers.FRAGMENT;
            field = at;
            at += fragment ? 8 : ((b.getByte(in.l3Offset + at + 1) & 0xFF) + 1) << 3;
        }
        return field;
    }

    /** Writes an ICMP error about the packet, if the limits allow one. */
    private int error(ParsedPacket in, int type, int code, int rest) {
        long hi = in.dstHi;
        long lo = in.dstLo;
        final int route = routes.lookup(in.srcHi, in.srcLo);
        if (!in.isV4() && !own.contains(hi, lo)) {
            hi = route == RouteTable.NONE ? 0 : routes.sourceHi(route);
            lo = route == RouteTable.NONE ? 0 : routes.sourceLo(route);
            if (hi == 0 && lo == 0) {
                return done(HostReason.NO_SOURCE, 0);
            }
        }
        final int prefix = route == RouteTable.NONE ? 0 : routes.prefixLength(route);
        if (!limiter.allows(in.srcHi, in.srcLo, type, code, prefix, nowNs)) {
            return done(HostReason.RATE_LIMITED, 0);
        }
        final int length = in.isV4()
                ? IcmpErrors.buildV4(out, at, in, (int) lo, type, code, rest)
                : IcmpErrors.buildV6(out, at, in, hi, lo, type, code, rest);
        return done(length > 0 ? HostReason.UNREACHABLE : HostReason.NOT_ANSWERED, length);
    }

    private int done(int why, int length) {
        reason = why;
        counts[why]++;
        return length;
    }

    /** What became of the last packet: a {@link HostReason}. */
    public int reason() {
        return reason;
    }

    /** Packets with that {@link HostReason}. */
    public long count(int why) {
        return counts[why];
    }
}
