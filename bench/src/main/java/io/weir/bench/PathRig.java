package io.weir.bench;

import io.weir.conntrack.ConnectionTable;
import io.weir.conntrack.Timeouts;
import io.weir.dataplane.ConfigSnapshot;
import io.weir.dataplane.MarkRules;
import io.weir.dataplane.PathCounters;
import io.weir.dataplane.Sysctls;
import io.weir.dataplane.Worker;
import io.weir.dataplane.WorkerParts;
import io.weir.dataplane.forward.ForwardingMethod;
import io.weir.dataplane.io.PacketBatch;
import io.weir.dataplane.io.PacketDevice;
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
import java.util.List;
import java.util.stream.IntStream;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A whole worker between two memory devices, with one virtual service and a table full of established flows.
 *
 * <p>What is measured is what ships: {@link Worker#doWork} with its receive, path, transmit and expiry.
 */
public final class PathRig implements AutoCloseable {
    private static final int SERVERS = 16;
    private static final IpAddress VIP = IpAddress.parse("203.0.113.1");
    private static final long CLIENT_MAC = 0x0200_0000_01FEL;
    private static final long CLIENT_SIDE_MAC = 0x0200_0000_0101L;
    private static final long SERVER_SIDE_MAC = 0x0200_0000_0201L;

    private final ConnectionTable table;
    private final Worker worker;
    private final WorkerParts parts;
    private final FlowSource source;
    private final CountingSink sink = new CountingSink(SERVER_SIDE_MAC);
    private final PacketBatch made = new PacketBatch();

    /**
     * Opens {@code flows} connections through the path and brings them to ESTABLISHED.
     *
     * @param methodCode see {@link ForwardingMethod#code}
     */
    public PathRig(int methodCode, int flows, String scheduler) {
        this(methodCode, flows, ProtocolNumbers.TCP, scheduler, List.of());
    }

    /** UDP with one-packet scheduling, DR: every packet opens a connection, which ends when the packet has left. */
    static PathRig onePacket(int flows, String scheduler, List<String> shadows) {
        return new PathRig(3, flows, ProtocolNumbers.UDP, scheduler, shadows);
    }

    private PathRig(int methodCode, int flows, int protocol, String scheduler, List<String> shadows) {
        table = ConnectionTable.create(flows + flows / 8 + 1024, 42, methodCode == 5 ? flows + flows / 8 + 1024 : 0);
        source = new FlowSource(flows, protocol, CLIENT_SIDE_MAC, CLIENT_MAC, (int) VIP.lo());
        final NeighbourTable neighbours = new NeighbourTable();
        for (int i = 0; i < SERVERS; i++) {
            neighbours.addPermanent(1, 0, server(i).lo(), 0x0200_0000_0200L + i);
        }
        neighbours.addPermanent(0, 0, IpAddress.parse("10.10.0.254").lo(), CLIENT_MAC);
        final DestinationLoad load = new DestinationLoad(new SlotCounters(rows(SERVERS)), bytes(SERVERS));
        parts = WorkerParts.create(table, load, new SlotCounters(rows(1)), neighbours);
        final List<PacketDevice> devices = List.of(source, sink);
        worker = new Worker(parts, devices, snapshot(methodCode, protocol, scheduler, shadows));
        source.open(worker);
    }

    private static UnsafeBuffer rows(int slots) {
        return bytes(slots * SlotCounters.ROW_BYTES);
    }

    private static UnsafeBuffer bytes(int length) {
        return new UnsafeBuffer(ByteBuffer.allocateDirect(length));
    }

    private static IpAddress server(int i) {
        return new IpAddress(0, IpAddress.parse("10.20.0.10").lo() + i);
    }

    private static ConfigSnapshot snapshot(
            int methodCode, int protocol, String schedulerName, List<String> shadowNames) {
        final List<InterfaceInfo> interfaces = List.of(
                new InterfaceInfo(0, "cli0", true, CLIENT_SIDE_MAC, 1500, List.of(prefix("10.10.0.1", 24))),
                new InterfaceInfo(1, "rs0", true, SERVER_SIDE_MAC, 1500, List.of(prefix("10.20.0.1", 24))));
        final Destination[] servers = new Destination[SERVERS];
        for (int i = 0; i < SERVERS; i++) {
            servers[i] = new Destination(i, server(i), 80, 1, methodCode, 0, 0, Destination.Tunnel.IPIP);
        }
        final Scheduler scheduler = Schedulers.create(schedulerName).withDestinations(List.of(servers), 0);
        final ServiceKey key = new ServiceKey(protocol, VIP, 80, 0, false);
        final boolean onePacket = protocol == ProtocolNumbers.UDP;
        final VirtualService service = new VirtualService(
                0,
                key,
                0,
                -1,
                onePacket,
                0,
                null,
                false,
                new int[0],
                servers,
                scheduler,
                shadows(shadowNames, List.of(servers)));
        final List<IpAddress> lips = methodCode == 5 ? localAddresses() : List.of();
        return new ConfigSnapshot(
                1,
                ServiceTable.of(List.of(service)),
                DestinationTable.of(List.of(service), List.of()),
                RouteTable.of(
                        List.of(
                                Route.onLink(prefix("10.10.0.0", 24), 0),
                                Route.onLink(prefix("10.20.0.0", 24), 1),
                                Route.via(prefix("0.0.0.0", 0), IpAddress.parse("10.10.0.254"), 0)),
                        interfaces),
                interfaces,
                LocalAddresses.of(List.of(VIP), List.of()),
                LocalAddresses.ofInterfaces(interfaces),
                LocalAddresses.of(lips, List.of()),
                lips,
                Timeouts.DEFAULTS,
                Sysctls.DEFAULTS,
                MarkRules.NONE);
    }

    private static Shadow[] shadows(List<String> names, List<Destination> servers) {
        return IntStream.range(0, names.size())
                .mapToObj(lane -> new Shadow(
                        lane + 1,
                        lane,
                        Schedulers.create(names.get(lane)).withDestinations(servers, 0),
                        DestinationLoad.allocate(SERVERS),
                        new Shadow.Tally()))
                .toArray(Shadow[]::new);
    }

    /** Enough LIPs that 10 M flows find a port: 16 servers, 64 k ports each. */
    private static List<IpAddress> localAddresses() {
        return IntStream.range(0, 32)
                .mapToObj(i -> new IpAddress(0, IpAddress.parse("10.20.1.1").lo() + i))
                .toList();
    }

    private static InterfaceInfo.Prefix prefix(String address, int length) {
        return new InterfaceInfo.Prefix(IpAddress.parse(address), length);
    }

    /** One turn: a batch of 64 packets of flows in random order. Returns the packets. */
    public int turn() {
        return worker.doWork();
    }

    /** What the rig itself costs: a batch made and thrown away, without a worker. Returns the packets. */
    public int generate() {
        made.clear();
        final int packets = source.receive(made, 0);
        for (int i = 0; i < packets; i++) {
            made.verdict[i] = PacketBatch.TRANSMIT;
            made.egress[i] = 1;
        }
        sink.transmit(made, 1);
        return packets;
    }

    /** Connections in the table. */
    public int connections() {
        return table.size();
    }

    /** Frames that did not leave, for whatever reason. */
    public long lost() {
        return source.given() - parts.counters().get(PathCounters.TRANSMITTED);
    }

    @Override
    public void close() {
        table.close();
    }
}
