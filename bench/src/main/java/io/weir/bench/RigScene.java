package io.weir.bench;

import io.weir.conntrack.ConnectionTable;
import io.weir.conntrack.Timeouts;
import io.weir.dataplane.ConfigSnapshot;
import io.weir.dataplane.MarkRules;
import io.weir.dataplane.Sysctls;
import io.weir.dataplane.io.linux.HugePages;
import io.weir.dataplane.route.InterfaceInfo;
import io.weir.dataplane.route.LocalAddresses;
import io.weir.dataplane.route.NeighbourTable;
import io.weir.dataplane.route.Route;
import io.weir.dataplane.route.RouteTable;
import io.weir.packet.IpAddress;
import io.weir.packet.ProtocolNumbers;
import io.weir.sched.Scheduler;
import io.weir.sched.Schedulers;
import io.weir.service.Destination;
import io.weir.service.DestinationLoad;
import io.weir.service.DestinationTable;
import io.weir.service.ServiceKey;
import io.weir.service.ServiceTable;
import io.weir.service.Shadow;
import io.weir.service.SlotCounters;
import io.weir.service.VirtualService;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What the rigs have in common: a director with one virtual service, 16 real servers, a network of clients and one of servers.
 *
 * @param methodCode see {@link io.weir.dataplane.forward.ForwardingMethod#code}
 * @param protocol TCP; UDP is scheduled packet by packet
 * @param shadows names of shadow schedulers
 * @param servers of the service that is used
 * @param services there are so many; nothing is sent to the others
 * @param ipv6 clients, VIP and servers
 */
record RigScene(
        int methodCode,
        int protocol,
        String scheduler,
        List<String> shadows,
        Timeouts timeouts,
        int servers,
        int services,
        boolean ipv6) {
    private static final int SERVERS = 16;
    private static final int OTHER_VIPS = 0x6440_0000;
    private static final int FULLNAT = 5;
    private static final IpAddress VIP4 = IpAddress.parse("203.0.113.1");
    private static final IpAddress VIP6 = IpAddress.parse("2001:db8:f::1");
    private static final IpAddress CLIENT_ROUTER4 = IpAddress.parse("10.10.0.254");
    private static final IpAddress CLIENT_ROUTER6 = IpAddress.parse("2001:db8:1::fe");
    private static final IpAddress FIRST_SERVER4 = IpAddress.parse("10.20.0.10");
    private static final IpAddress FIRST_SERVER6 = IpAddress.parse("2001:db8:2::10");
    private static final long CLIENT_MAC = 0x0200_0000_01FEL;
    private static final long CLIENT_SIDE_MAC = 0x0200_0000_0101L;
    private static final long SERVER_SIDE_MAC = 0x0200_0000_0201L;

    /** Of {@code nat}, {@code dr}, {@code tun}, {@code fullnat}. */
    static int methodCode(String method) {
        return switch (method) {
            case "nat" -> 0;
            case "tun" -> 2;
            case "fullnat" -> FULLNAT;
            case "dr" -> 3;
            default -> throw new IllegalArgumentException("no such method: " + method);
        };
    }

    /** TCP, with the usual timeouts. */
    static RigScene tcp(int methodCode, String scheduler) {
        return new RigScene(
                methodCode, ProtocolNumbers.TCP, scheduler, List.of(), Timeouts.DEFAULTS, SERVERS, 1, false);
    }

    /** UDP with one-packet scheduling, by DR. */
    static RigScene onePacket(String scheduler, List<String> shadows, int servers, int services) {
        return new RigScene(3, ProtocolNumbers.UDP, scheduler, shadows, Timeouts.DEFAULTS, servers, services, false);
    }

    /** The same with IPv6. */
    RigScene over6() {
        return new RigScene(methodCode, protocol, scheduler, shadows, timeouts, servers, services, true);
    }

    private IpAddress vip() {
        return ipv6 ? VIP6 : VIP4;
    }

    /** Other timeouts. */
    RigScene with(Timeouts other) {
        return new RigScene(methodCode, protocol, scheduler, shadows, other, servers, services, ipv6);
    }

    /** A table with room for so many flows. */
    ConnectionTable table(int flows) {
        final int room = flows + flows / 8 + 1024;
        return ConnectionTable.create(room, 42, methodCode == FULLNAT ? room : 0, HugePages.ADVICE);
    }

    /**
     * The clients whose address is wanted.
     *
     * @param most frames it gives at once
     */
    FlowSource source(int flows, IntPredicate wanted, int most) {
        return new FlowSource(flows, protocol, CLIENT_SIDE_MAC, CLIENT_MAC, vip(), wanted, most);
    }

    static CountingSink sink() {
        return new CountingSink(SERVER_SIDE_MAC);
    }

    NeighbourTable neighbours() {
        final NeighbourTable neighbours = new NeighbourTable();
        for (int i = 0; i < servers; i++) {
            neighbours.addPermanent(1, server(i).hi(), server(i).lo(), 0x0200_0000_0200L + i);
        }
        final IpAddress router = ipv6 ? CLIENT_ROUTER6 : CLIENT_ROUTER4;
        neighbours.addPermanent(0, router.hi(), router.lo(), CLIENT_MAC);
        return neighbours;
    }

    DestinationLoad load() {
        return new DestinationLoad(new SlotCounters(rows(servers)), bytes(servers));
    }

    SlotCounters serviceCounters() {
        return new SlotCounters(rows(services));
    }

    private static UnsafeBuffer rows(int slots) {
        return bytes(slots * SlotCounters.ROW_BYTES);
    }

    private static UnsafeBuffer bytes(int length) {
        return new UnsafeBuffer(ByteBuffer.allocateDirect(length));
    }

    private IpAddress server(int i) {
        final IpAddress first = ipv6 ? FIRST_SERVER6 : FIRST_SERVER4;
        return new IpAddress(first.hi(), first.lo() + i);
    }

    /** The director's configuration. */
    ConfigSnapshot snapshot() {
        final List<InterfaceInfo> interfaces = List.of(
                new InterfaceInfo(
                        0,
                        "cli0",
                        true,
                        CLIENT_SIDE_MAC,
                        1500,
                        List.of(prefix("10.10.0.1", 24), prefix("2001:db8:1::1", 64))),
                new InterfaceInfo(
                        1,
                        "rs0",
                        true,
                        SERVER_SIDE_MAC,
                        1500,
                        List.of(prefix("10.20.0.1", 24), prefix("2001:db8:2::1", 64))));
        final Destination[] all = new Destination[servers];
        for (int i = 0; i < servers; i++) {
            all[i] = new Destination(i, server(i), 80, 1, methodCode, 0, 0, Destination.Tunnel.IPIP);
        }
        final Scheduler chooser = Schedulers.create(scheduler).withDestinations(List.of(all), 0);
        final ServiceKey key = new ServiceKey(protocol, vip(), 80, 0, ipv6);
        final boolean onePacket = protocol == ProtocolNumbers.UDP;
        final VirtualService service = new VirtualService(
                0, key, 0, -1, onePacket, 0, null, false, new int[0], all, chooser, shadows(shadows, List.of(all)));
        final List<VirtualService> every = new ArrayList<>(List.of(service));
        final List<IpAddress> vips = new ArrayList<>(List.of(vip()));
        for (int i = 1; i < services; i++) {
            every.add(other(i));
            vips.add(every.get(i).key().address());
        }
        final List<IpAddress> lips = methodCode == FULLNAT ? localAddresses() : List.of();
        return new ConfigSnapshot(
                1,
                ServiceTable.of(every),
                DestinationTable.of(every, List.of()),
                RouteTable.of(
                        List.of(
                                Route.onLink(prefix("10.10.0.0", 24), 0),
                                Route.onLink(prefix("10.20.0.0", 24), 1),
                                Route.via(prefix("0.0.0.0", 0), CLIENT_ROUTER4, 0),
                                Route.onLink(prefix("2001:db8:1::", 64), 0),
                                Route.onLink(prefix("2001:db8:2::", 64), 1),
                                Route.via(prefix("::", 0), CLIENT_ROUTER6, 0)),
                        interfaces),
                interfaces,
                LocalAddresses.of(vips, List.of()),
                LocalAddresses.ofInterfaces(interfaces),
                LocalAddresses.of(lips, List.of()),
                lips,
                timeouts,
                Sysctls.DEFAULTS,
                MarkRules.NONE);
    }

    /** One with a VIP of its own and no server. */
    private VirtualService other(int slot) {
        return new VirtualService(
                slot,
                new ServiceKey(protocol, IpAddress.ofV4(OTHER_VIPS + slot), 80, 0, false),
                0,
                -1,
                false,
                0,
                null,
                false,
                new int[0],
                new Destination[0],
                Schedulers.create(scheduler).withDestinations(List.of(), 0),
                new Shadow[0]);
    }

    private static Shadow[] shadows(List<String> names, List<Destination> servers) {
        return IntStream.range(0, names.size())
                .mapToObj(lane -> new Shadow(
                        lane + 1,
                        lane,
                        Schedulers.create(names.get(lane)).withDestinations(servers, 0),
                        DestinationLoad.allocate(servers.size()),
                        new Shadow.Tally()))
                .toArray(Shadow[]::new);
    }

    /** Enough LIPs that 10 M flows find a port: 16 servers, 64 k ports each. */
    private List<IpAddress> localAddresses() {
        final IpAddress first = IpAddress.parse(ipv6 ? "2001:db8:2::1:1" : "10.20.1.1");
        return IntStream.range(0, 32)
                .mapToObj(i -> new IpAddress(first.hi(), first.lo() + i))
                .toList();
    }

    private static InterfaceInfo.Prefix prefix(String address, int length) {
        return new InterfaceInfo.Prefix(IpAddress.parse(address), length);
    }
}
