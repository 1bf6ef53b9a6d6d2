package io.weir.control;

import io.weir.control.config.WeirConfig;
import io.weir.control.metrics.MetricsServer;
import io.weir.control.metrics.Scrape;
import io.weir.dataplane.PathOptions;
import io.weir.dataplane.Shard;
import io.weir.dataplane.WorkerDevices;
import io.weir.dataplane.WorkerParts;
import io.weir.dataplane.io.FanoutGroup;
import io.weir.dataplane.io.IngressShortcut;
import io.weir.dataplane.io.PacketDevice;
import io.weir.dataplane.io.PacketDevices;
import io.weir.dataplane.io.RuleFollower;
import io.weir.dataplane.route.NeighbourTable;
import io.weir.service.DestinationLoad;
import io.weir.service.SlotCounters;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** What a configuration asks a director to have: devices, a connection table, an endpoint for Prometheus. */
final class Equipment {
    /** What a ring holds that nobody gave a size. */
    private static final int SLOTS = 65_536;

    private static final int FEWEST_SLOTS = 64;

    private Equipment() {}

    /** The device's URI with the options of the rings. */
    static String uri(WeirConfig.Interface each, WeirConfig.Ring ring) {
        final StringBuilder uri = new StringBuilder(each.device());
        if (each.scheme().equals("afpacket") || each.scheme().equals("auto")) {
            if (ring.throughput()) {
                uri.append(uri.indexOf("?") < 0 ? '?' : '&').append("v3");
            }
            if (ring.slots() > 0) {
                uri.append(uri.indexOf("?") < 0 ? '?' : '&').append("slots=").append(ring.slots());
            }
        }
        return uri.toString();
    }

    /** The names of the interfaces that the kernel also listens on. */
    static List<String> linkInterfaces(WeirConfig config) {
        return config.interfaces().stream()
                .filter(each -> !each.scheme().equals("tun"))
                .map(WeirConfig.Interface::name)
                .toList();
    }

    /** One thread of that name, which keeps no process alive; the caller shuts it down. */
    static ScheduledExecutorService clock(String name) {
        return Executors.newSingleThreadScheduledExecutor(run -> {
            final Thread thread = new Thread(run, name);
            thread.setDaemon(true);
            return thread;
        });
    }

    /**
     * Those of the devices that must know what the director takes, and what spares the guard work.
     *
     * @param undo takes what is to be closed after the guard
     */
    static List<RuleFollower> followers(List<PacketDevice> devices, List<String> guarded, Deque<AutoCloseable> undo) {
        final List<RuleFollower> followers = new ArrayList<>();
        devices.stream()
                .filter(RuleFollower.class::isInstance)
                .map(RuleFollower.class::cast)
                .forEach(followers::add);
        final IngressShortcut shortcut = IngressShortcut.open(guarded);
        if (shortcut != null) {
            final LaterFollower later = new LaterFollower(shortcut, "weir-guard");
            undo.push(shortcut);
            undo.push(later);
            followers.add(later);
        }
        return followers;
    }

    /**
     * The interfaces of every worker.
     *
     * @param groups divide each interface's frames among the workers; none where there is one worker
     */
    record Devices(List<WorkerDevices> byWorker, List<FanoutGroup> groups) {}

    /** Opens the interfaces for every worker; what is to be closed again is pushed. */
    static Devices open(WeirConfig config, Deque<AutoCloseable> undo) throws RunException, IOException {
        final int workers = config.worker().count();
        final List<List<PacketDevice>> byWorker = new ArrayList<>();
        for (int i = 0; i < workers; i++) {
            byWorker.add(new ArrayList<>());
        }
        final List<FanoutGroup> groups = new ArrayList<>();
        if (workers == 1) {
            final List<PacketDevice> devices = PacketDevices.openTogether(config.interfaces().stream()
                    .map(each -> uri(each, config.ring()))
                    .toList());
            devices.forEach(undo::push);
            byWorker.get(0).addAll(devices);
        }
        for (WeirConfig.Interface each : config.interfaces()) {
            if (workers > 1) {
                final String uri = uri(each, perWorker(config.ring(), workers));
                final FanoutGroup group = FanoutGroup.open("afpacket" + uri.substring(uri.indexOf(':')), workers);
                groups.add(group);
                for (int i = 0; i < workers; i++) {
                    byWorker.get(i).add(group.members().get(i));
                    undo.push(group.members().get(i));
                }
            }
            TunAddresses.give(each);
        }
        return new Devices(byWorker.stream().map(WorkerDevices::new).toList(), groups);
    }

    /** Together the rings hold as many frames as one worker's would. */
    private static WeirConfig.Ring perWorker(WeirConfig.Ring ring, int workers) {
        final int all = ring.slots() > 0 ? ring.slots() : SLOTS;
        return ring.throughput() && ring.slots() == 0
                ? ring
                : new WeirConfig.Ring(ring.throughput(), Math.max(FEWEST_SLOTS, (all + workers - 1) / workers));
    }

    /** The parts of every worker: its table, its counters, its neighbours. */
    static List<WorkerParts> workers(
            ShardTables shards, DirectorCommands commands, Network network, WeirConfig config) {
        final int count = shards.tables().size();
        final List<DestinationLoad> loads = commands.state().load().split(count);
        final List<SlotCounters> services = commands.serviceCounters().split(count);
        final List<WorkerParts> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            final NeighbourTable neighbours = new NeighbourTable();
            network.addNeighbours(config, neighbours);
            all.add(WorkerParts.create(
                    shards.tables().get(i),
                    loads.get(i),
                    services.get(i),
                    neighbours,
                    PathOptions.LIVE,
                    new Shard(i, shards.ownership())));
        }
        return all;
    }

    /** Listens, if asked to. */
    static AutoCloseable metrics(WeirConfig.Metrics config, Supplier<Scrape> scrape, BooleanSupplier prepare)
            throws IOException {
        if (config.address() == null) {
            return () -> {};
        }
        final InetAddress address = InetAddress.getByName(config.address().toString());
        return MetricsServer.start(address, config.port(), scrape, prepare);
    }
}
