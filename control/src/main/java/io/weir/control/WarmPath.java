package io.weir.control;

import io.weir.conntrack.ConnectionTable;
import io.weir.control.state.ServiceEntry;
import io.weir.dataplane.MarkRules;
import io.weir.dataplane.PathOptions;
import io.weir.dataplane.Rehearsal;
import io.weir.dataplane.WorkerParts;
import io.weir.dataplane.route.InterfaceInfo;
import io.weir.dataplane.route.NeighbourTable;
import io.weir.dataplane.route.Route;
import io.weir.packet.IpAddress;
import io.weir.packet.PacketBuilder;
import io.weir.packet.TcpFlags;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Makes the virtual machine compile the packet path before the first packet comes: connections that nobody sees are opened,
 * used and closed, in a worker without devices.
 *
 * <p>Interpreted, a packet takes some fifty times as long, and a director that has just taken over would lose packets. Only
 * what the services use is warmed: the compiler makes a plain call of the one forwarding method it has seen, and a slower one
 * of more than two.
 *
 * <p><b>Thread</b>: one of its own, which {@link #await} waits for. Nothing here touches the director's state.
 */
final class WarmPath {
    private static final long AT_MOST_NS = TimeUnit.MILLISECONDS.toNanos(500);
    /** With what has to be loaded before. */
    private static final long WAIT_MS = 1_500;

    /** The compiler has seen enough: more changes nothing. */
    private static final int ENOUGH_FRAMES = 500_000;

    private static final int ROUNDS = 16;
    private static final int USES_PER_ROUND = 24;
    private static final int FLOWS_OF_EACH = 8;
    private static final int FIRST_PORT = 2_000;
    private static final int TABLE = 1 << 14;
    private static final int MOST_SERVERS = 1 << 12;
    private static final int MOST_SERVICES = 1 << 8;
    private static final long CLIENT_SIDE_MAC = 0x0200_0000_0101L;
    private static final long SERVER_SIDE_MAC = 0x0200_0000_0201L;
    private static final long OTHER_MAC = 0x0200_0000_01FEL;
    private static final String CLIENT4 = "198.51.100.7";
    private static final String CLIENT6 = "2001:db8:1::7";
    private static final List<Service> SERVICES = List.of(
            new Service("192.0.2.1", "203.0.113.10", "-m", 0),
            new Service("192.0.2.2", "203.0.113.11", "-g", 3),
            new Service("192.0.2.3", "203.0.113.12", "-i", 2),
            new Service("192.0.2.4", "203.0.113.13", "-b", 5),
            new Service("2001:db8::1", "2001:db8:2::10", "-m", 0),
            new Service("2001:db8::2", "2001:db8:2::11", "-g", 3),
            new Service("2001:db8::3", "2001:db8:2::12", "-i", 2));

    private static final Service USUAL = SERVICES.get(0);

    /** @param methodCode see {@link io.weir.dataplane.forward.ForwardingMethod#code} */
    private record Service(String vip, String server, String method, int methodCode) {
        private boolean isV4() {
            return IpAddress.parse(vip).isV4();
        }

        private String client() {
            return isV4() ? CLIENT4 : CLIENT6;
        }

        private String virtual() {
            return isV4() ? vip + ":80" : "[" + vip + "]:80";
        }

        private String real() {
            return isV4() ? server + ":80" : "[" + server + "]:80";
        }
    }

    private final List<Service> used;
    private final Thread thread = new Thread(this::run, "weir-warm-path");
    private long forwarded;
    private long lost;

    private WarmPath(List<Service> used) {
        this.used = used;
    }

    /** Begins, if it is wanted. */
    static WarmPath begin(boolean wanted, List<ServiceEntry> services) {
        final List<Service> used =
                SERVICES.stream().filter(each -> isUsed(each, services)).toList();
        final WarmPath warm = new WarmPath(used.isEmpty() ? List.of(USUAL) : used);
        warm.thread.setDaemon(true);
        if (wanted) {
            warm.thread.start();
        }
        return warm;
    }

    private static boolean isUsed(Service one, List<ServiceEntry> services) {
        return services.stream()
                .filter(service -> service.key().ipv6() != one.isV4())
                .flatMap(service -> service.destinations().stream())
                .anyMatch(destination -> destination.value().methodCode() == one.methodCode);
    }

    /** Waits for its end, but not long. */
    void await() {
        try {
            thread.join(WAIT_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Frames that were forwarded. */
    long forwarded() {
        return forwarded;
    }

    /** Frames that were not: there is none, or the compiler learns the wrong things. */
    long lost() {
        return lost;
    }

    private void run() {
        final DirectorCommands commands = new DirectorCommands(MOST_SERVERS, MOST_SERVICES);
        used.forEach(service -> define(commands, service));
        try (ConnectionTable table = ConnectionTable.create(TABLE, 1, TABLE)) {
            final WorkerParts parts = WorkerParts.create(
                    table, commands.state().load(), commands.serviceCounters(), neighbours(), PathOptions.LIVE);
            final Snapshots snapshots = new Snapshots(commands.state(), MarkRules.NONE, List.of());
            final Rehearsal rehearsal = new Rehearsal(parts, snapshots.next(interfaces(), routes()));
            final long end = System.nanoTime() + AT_MOST_NS;
            while (rehearsal.forwarded() < ENOUGH_FRAMES && System.nanoTime() - end < 0) {
                for (int round = 0; round < ROUNDS && System.nanoTime() - end < 0; round++) {
                    live(rehearsal, FIRST_PORT + round * FLOWS_OF_EACH);
                }
            }
            forwarded = rehearsal.forwarded();
            lost = rehearsal.lost();
        }
    }

    private static void define(DirectorCommands commands, Service service) {
        final List<String> lines = new ArrayList<>(List.of(
                "-A -t " + service.virtual() + " -s wlc",
                "-a -t " + service.virtual() + " -r " + service.real() + " " + service.method()));
        if (service.method.equals("-b")) {
            lines.add("--add-laddr -z 203.0.113.200 -t " + service.virtual());
        }
        lines.forEach(line -> commands.problemOf(line).ifPresent(problem -> {
            throw new IllegalStateException(line + ": " + problem);
        }));
    }

    private NeighbourTable neighbours() {
        final NeighbourTable neighbours = new NeighbourTable();
        for (final Service service : used) {
            final IpAddress server = IpAddress.parse(service.server);
            final IpAddress client = IpAddress.parse(service.client());
            neighbours.addPermanent(1, server.hi(), server.lo(), OTHER_MAC);
            neighbours.addPermanent(0, client.hi(), client.lo(), OTHER_MAC);
        }
        return neighbours;
    }

    private static List<InterfaceInfo> interfaces() {
        return List.of(
                new InterfaceInfo(
                        0,
                        "warm0",
                        true,
                        CLIENT_SIDE_MAC,
                        1500,
                        List.of(prefix("198.51.100.1", 24), prefix("2001:db8:1::1", 64))),
                new InterfaceInfo(
                        1,
                        "warm1",
                        true,
                        SERVER_SIDE_MAC,
                        1500,
                        List.of(prefix("203.0.113.1", 24), prefix("2001:db8:2::1", 64))));
    }

    private static List<Route> routes() {
        return List.of(
                Route.onLink(prefix("198.51.100.0", 24), 0),
                Route.onLink(prefix("2001:db8:1::", 64), 0),
                Route.onLink(prefix("203.0.113.0", 24), 1),
                Route.onLink(prefix("2001:db8:2::", 64), 1));
    }

    private static InterfaceInfo.Prefix prefix(String address, int length) {
        return new InterfaceInfo.Prefix(IpAddress.parse(address), length);
    }

    /** Some connections from their first packet to their last. */
    private void live(Rehearsal rehearsal, int firstPort) {
        rehearsal.pass(requests(firstPort, TcpFlags.SYN), 0, System.nanoTime());
        rehearsal.pass(replies(firstPort, TcpFlags.SYN | TcpFlags.ACK), 1, System.nanoTime());
        final List<byte[]> requests = requests(firstPort, TcpFlags.ACK);
        final List<byte[]> replies = replies(firstPort, TcpFlags.ACK);
        for (int i = 0; i < USES_PER_ROUND; i++) {
            rehearsal.pass(requests, 0, System.nanoTime());
            rehearsal.pass(replies, 1, System.nanoTime());
        }
        rehearsal.pass(requests(firstPort, TcpFlags.FIN | TcpFlags.ACK), 0, System.nanoTime());
        rehearsal.pass(replies(firstPort, TcpFlags.FIN | TcpFlags.ACK), 1, System.nanoTime());
        rehearsal.rest();
    }

    private List<byte[]> requests(int firstPort, int flags) {
        final List<byte[]> frames = new ArrayList<>();
        for (final Service service : used) {
            for (int i = 0; i < FLOWS_OF_EACH; i++) {
                frames.add(PacketBuilder.ethernet()
                        .macs(OTHER_MAC, CLIENT_SIDE_MAC)
                        .ip(service.client(), service.vip)
                        .tcp(firstPort + i, 80, flags)
                        .build());
            }
        }
        return frames;
    }

    /** Those that come through the director: of NAT. */
    private List<byte[]> replies(int firstPort, int flags) {
        final List<byte[]> frames = new ArrayList<>();
        for (final Service service : used) {
            for (int i = 0; i < FLOWS_OF_EACH && service.method.equals("-m"); i++) {
                frames.add(PacketBuilder.ethernet()
                        .macs(OTHER_MAC, SERVER_SIDE_MAC)
                        .ip(service.server, service.client())
                        .tcp(80, firstPort + i, flags)
                        .build());
            }
        }
        return frames;
    }
}
