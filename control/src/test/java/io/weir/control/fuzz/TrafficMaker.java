package io.weir.control.fuzz;

import io.weir.control.fuzz.Frames.Header;
import io.weir.control.fuzz.RuleMaker.Server;
import io.weir.control.fuzz.RuleMaker.Service;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Makes the frames of a scenario: flows of clients to services, answers of servers, errors, fragments, damage. */
final class TrafficMaker {
    private static final int FIN = 1;
    private static final int SYN = 2;
    private static final int RST = 4;
    private static final int PSH = 8;
    private static final int ACK = 16;
    private static final int URG = 32;
    private static final int[] CHUNKS = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 14, 192};
    private static final int GATEWAY = 0xFE;
    private static final byte[] NONE = new byte[0];

    /** A client's end of a conversation with a service. */
    private record Flow(Service service, int protocol, String client, int clientPort, int port) {}

    private final Dice dice;
    private final List<Service> services;
    private final List<Flow> flows = new ArrayList<>();
    private int identification = 1;

    TrafficMaker(Dice dice, List<Service> services) {
        this.dice = dice;
        this.services = services;
    }

    /** The next frame or the next few. */
    List<byte[]> next() {
        final Flow flow = flow();
        final int kind = dice.between(0, 99);
        if (kind < 50) {
            return fromClient(
                    flow, segment(flow, false, flow.client(), flow.service().vip()));
        }
        if (kind < 80 && !flow.service().servers().isEmpty()) {
            return fromServer(flow, dice.pick(flow.service().servers()));
        }
        if (kind < 92) {
            return List.of(error(flow));
        }
        return damaged(flow);
    }

    private Flow flow() {
        if (!flows.isEmpty() && dice.chance(75)) {
            return dice.pick(flows);
        }
        final Service service = dice.pick(services);
        final int protocol =
                switch (service.kind()) {
                    case 't' -> Frames.TCP;
                    case 'u' -> Frames.UDP;
                    case 's' -> Frames.SCTP;
                    default -> dice.pick(Frames.TCP, Frames.UDP, Frames.TCP, Frames.SCTP);
                };
        final String client = service.isIpv6()
                ? dice.pick("2001:db8:c::7", "2001:db8:c::8", "fd00:10::5")
                : dice.pick("198.51.100.7", "198.51.100.8", "192.0.2.77", "10.10.0.5");
        final int port = service.port() == 0 ? dice.pick(80, 443, 21) : dice.chance(3) ? 99 : service.port();
        final Flow flow = new Flow(service, protocol, client, dice.between(1024, 1040), port);
        flows.add(flow);
        return flow;
    }

    /** The transport part of a packet between the two ends of a flow, as the receiver's side sees them. */
    private byte[] segment(Flow flow, boolean reply, String source, String destination) {
        return segment(flow, reply, source, destination, flow.port());
    }

    private byte[] segment(Flow flow, boolean reply, String source, String destination, int serverPort) {
        final int from = reply ? serverPort : flow.clientPort();
        final int to = reply ? flow.clientPort() : serverPort;
        final byte[] data =
                dice.chance(6) ? dice.bytes(dice.between(900, 1440)) : dice.bytes(dice.pick(0, 0, 1, 5, 20, 33));
        return switch (flow.protocol()) {
            case Frames.TCP -> Frames.tcp(source, destination, from, to, flags(reply), 1000, tcpOptions(), data);
            case Frames.UDP -> Frames.udp(
                    source,
                    destination,
                    from,
                    to,
                    data,
                    !dice.chance(15) || flow.service().isIpv6());
            default -> Frames.sctp(
                    from,
                    to,
                    CHUNKS[dice.between(0, CHUNKS.length - 1)],
                    dice.pick(0, 0, 0, 1),
                    dice.bytes(dice.pick(0, 4, 16, 17)));
        };
    }

    private byte[] tcpOptions() {
        return dice.chance(10) ? new byte[] {2, 4, 5, (byte) 0xB4, 1, 1, 1, 0} : NONE;
    }

    private int flags(boolean reply) {
        if (dice.chance(10)) {
            return dice.between(0, 63);
        }
        return reply
                ? dice.pick(SYN | ACK, SYN | ACK, ACK, ACK, ACK | PSH, FIN | ACK, RST, RST | ACK)
                : dice.pick(SYN, SYN, SYN, ACK, ACK, ACK | PSH, FIN | ACK, RST, SYN | ACK, URG | ACK);
    }

    private Header header() {
        final int tos = dice.chance(80) ? 0 : dice.pick(1, 2, 3, 0x10, 0xB8, 0xBB);
        final int ttl = dice.chance(90) ? 64 : dice.pick(1, 2, 255, 0);
        final byte[] options =
                dice.chance(97) ? NONE : dice.pick(new byte[] {1, 1, 1, 0}, new byte[] {(byte) 0x94, 4, 0, 0});
        return new Header(tos, ttl, identification++, dice.chance(60) ? Header.DF : 0, options);
    }

    private List<byte[]> fromClient(Flow flow, byte[] segment) {
        final byte[] packet = Frames.packet(flow.client(), flow.service().vip(), flow.protocol(), segment, header());
        return cut(flow, 1, station(flow), packet);
    }

    private static int station(Flow flow) {
        return switch (flow.client()) {
            case "10.10.0.5", "fd00:10::5" -> 5;
            default -> GATEWAY;
        };
    }

    private List<byte[]> fromServer(Flow flow, Server server) {
        if (Frames.isIpv6(server.address()) != flow.service().isIpv6()) {
            return List.of();
        }
        final String source =
                server.method() == 'm' ? server.address() : flow.service().vip();
        final int port = server.method() == 'm' && server.port() != 0 ? server.port() : flow.port();
        final byte[] segment = segment(flow, true, source, flow.client(), port);
        // Errors about packets with a source of the director's own, it sends to itself: none of these runs out of hops.
        final Header header = server.method() == 'm' ? header() : header().lasting();
        return cut(flow, 2, station(server), Frames.packet(source, flow.client(), flow.protocol(), segment, header));
    }

    private static int station(Server server) {
        final byte[] address = Frames.address(server.address());
        final boolean far = address[1] == 30 || address[1] == 0 && address[3] == 0x30;
        return far ? GATEWAY : Math.max(2, address[address.length - 1] & 0xFF);
    }

    /** The packet in a frame, or sometimes in fragments: swapped, doubled or with one missing. */
    private List<byte[]> cut(Flow flow, int side, int station, byte[] packet) {
        final int headerLength = flow.service().isIpv6() ? Frames.IPV6_HEADER : (packet[0] & 15) * 4;
        final int payload = packet.length - headerLength;
        if (payload < 24 || !dice.chance(payload > 800 ? 30 : 8)) {
            return List.of(Frames.ethernet(side, station, packet));
        }
        final List<byte[]> fragments = new ArrayList<>();
        final int size = Math.max(shortestFragment(flow), payload / dice.between(1, 3) / 8 * 8);
        for (int from = 0; from < payload; from += size) {
            final int to = Math.min(from + size, payload);
            final byte[] fragment =
                    flow.service().isIpv6() ? fragment6(packet, from, to) : fragment4(packet, headerLength, from, to);
            fragments.add(Frames.ethernet(side, station, fragment));
        }
        if (dice.chance(20)) {
            fragments.add(fragments.remove(0));
        }
        if (dice.chance(10)) {
            fragments.add(fragments.get(0));
        }
        if (dice.chance(10)) {
            fragments.remove(dice.between(0, fragments.size() - 1));
        }
        return fragments;
    }

    /**
     * Fragments that cut the TCP header are left alone: iptables drops those that hide it from a mark rule, and of IPv6 the
     * kernel forwards the first alone if it has a connection.
     */
    private int shortestFragment(Flow flow) {
        final boolean looksAtHeader =
                flow.service().isIpv6() || services.stream().anyMatch(each -> each.kind() == 'f');
        return flow.protocol() == Frames.TCP && looksAtHeader ? 24 : 8;
    }

    private static byte[] fragment4(byte[] packet, int headerLength, int from, int to) {
        final Header header = new Header(
                packet[1] & 0xFF,
                packet[8] & 0xFF,
                (packet[4] & 0xFF) << 8 | packet[5] & 0xFF,
                from / 8 | (headerLength + to < packet.length ? Header.MF : 0),
                Arrays.copyOfRange(packet, Frames.IPV4_HEADER, headerLength));
        return Frames.packet(
                text(packet, 12, 4),
                text(packet, 16, 4),
                packet[9] & 0xFF,
                Arrays.copyOfRange(packet, headerLength + from, headerLength + to),
                header);
    }

    private byte[] fragment6(byte[] packet, int from, int to) {
        final ByteBuffer payload = ByteBuffer.allocate(8 + to - from)
                .put(packet[6])
                .put((byte) 0)
                .putShort((short) (from | (Frames.IPV6_HEADER + to < packet.length ? 1 : 0)))
                .putInt(identification)
                .put(packet, Frames.IPV6_HEADER + from, to - from);
        return Frames.packet(
                text(packet, 8, 16),
                text(packet, 24, 16),
                Frames.FRAGMENT,
                payload.array(),
                new Header(0, packet[7] & 0xFF, 0, 0, NONE));
    }

    private static String text(byte[] packet, int at, int length) {
        final StringBuilder text = new StringBuilder();
        for (int i = at; i < at + length; i += length == 4 ? 1 : 2) {
            text.append(i == at ? "" : length == 4 ? "." : ":");
            text.append(
                    length == 4
                            ? Integer.toString(packet[i] & 0xFF)
                            : Integer.toHexString((packet[i] & 0xFF) << 8 | packet[i + 1] & 0xFF));
        }
        return text.toString();
    }

    /** An ICMP error about a packet of the flow, from either side, or an echo. */
    private byte[] error(Flow flow) {
        final boolean six = flow.service().isIpv6();
        final String vip = flow.service().vip();
        final boolean fromServer = dice.chance(40) && !flow.service().servers().isEmpty();
        final int type = six ? dice.pick(1, 2, 3, 4, 128) : dice.pick(3, 3, 3, 4, 11, 12, 8, 5, 13);
        final int code = dice.pick(0, 1, 3, 4, 4);
        if (fromServer) {
            final Server server = dice.pick(flow.service().servers());
            if (Frames.isIpv6(server.address()) != six) {
                return icmp(2, 2, "10.20.0.2", "10.20.0.1", 8, 0, NONE);
            }
            final String reached = server.method() == 'm' ? server.address() : vip;
            final int port = server.method() == 'm' && server.port() != 0 ? server.port() : flow.port();
            final byte[] about = Frames.packet(
                    flow.client(),
                    reached,
                    flow.protocol(),
                    segment(flow, false, flow.client(), reached, port),
                    header());
            return icmp(2, station(server), server.address(), flow.client(), type, code, shortened(about));
        }
        final byte[] about =
                Frames.packet(vip, flow.client(), flow.protocol(), segment(flow, true, vip, flow.client()), header());
        final String sender = dice.chance(50) ? flow.client() : six ? "2001:db8:c::fe" : "192.0.2.1";
        return icmp(
                1, sender.equals(flow.client()) ? station(flow) : GATEWAY, sender, vip, type, code, shortened(about));
    }

    private byte[] shortened(byte[] packet) {
        final int headerLength = (packet[0] & 0xF0) == 0x60 ? Frames.IPV6_HEADER : (packet[0] & 15) * 4;
        final int keep = dice.chance(85) ? headerLength + dice.pick(8, 8, 20, 64) : dice.between(0, headerLength + 8);
        return Arrays.copyOf(packet, Math.min(packet.length, keep));
    }

    private byte[] icmp(int side, int station, String from, String to, int type, int code, byte[] data) {
        final byte[] message = Frames.icmp(from, to, type, code, dice.pick(0, 1400, 1480, 576), data);
        if (dice.chance(5)) {
            message[2] ^= 0x55;
        }
        return Frames.ethernet(
                side,
                station,
                Frames.packet(from, to, Frames.isIpv6(to) ? Frames.ICMPV6 : Frames.ICMP, message, header()));
    }

    /** A client's packet with a byte changed or its end cut off. */
    private List<byte[]> damaged(Flow flow) {
        final String vip = flow.service().vip();
        byte[] packet =
                Frames.packet(flow.client(), vip, flow.protocol(), segment(flow, false, flow.client(), vip), header());
        if (dice.chance(50)) {
            packet = Arrays.copyOf(packet, dice.between(1, packet.length));
        } else {
            final int destination = packet.length >= Frames.IPV6_HEADER && (packet[0] & 0xF0) == 0x60 ? 24 : 16;
            final int at = dice.between(0, Math.min(packet.length - 1, 60));
            if (at < destination || at >= destination + (destination == 24 ? 16 : 4)) {
                packet[at] ^= (byte) (1 << dice.between(0, 7));
            }
            if ((packet[0] & 0xF0) == 0x40 && dice.chance(70)) {
                Frames.sumHeader(packet);
            }
        }
        return List.of(Frames.ethernet(1, station(flow), packet));
    }
}
