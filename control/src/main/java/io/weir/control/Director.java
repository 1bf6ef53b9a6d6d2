package io.weir.control;

import io.weir.control.config.ConfigException;
import io.weir.control.config.WeirConfig;
import io.weir.control.ipvsadm.Ipvsadm;
import io.weir.control.metrics.AvailabilityMetrics;
import io.weir.control.metrics.DirectorMetrics;
import io.weir.control.metrics.Scrape;
import io.weir.control.state.StateException;
import io.weir.control.state.Surroundings;
import io.weir.control.sync.SyncThread;
import io.weir.dataplane.Answers;
import io.weir.dataplane.DataPlane;
import io.weir.dataplane.WorkerParts;
import io.weir.dataplane.io.IngressGuard;
import io.weir.dataplane.io.RuleFollower;
import io.weir.dataplane.io.linux.CompilerThreads;
import io.weir.dataplane.route.AddressWatch.Kind;
import io.weir.dataplane.route.InterfaceInfo;
import io.weir.dataplane.sync.SyncCounters;
import io.weir.dataplane.sync.SyncLinks;
import io.weir.packet.IpAddress;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running director: devices, data plane, control socket, and the one place that decides what the data plane runs on.
 *
 * <p><b>Thread</b>: everything that touches the state is synchronized on this object; commands and the once-a-second look
 * at the kernel's interfaces and routes take turns.
 *
 * <p><b>Owner</b>: {@link #close} puts back what {@link #start} changed, in reverse; so does a start that fails half-way.
 */
final class Director implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Director.class);

    private static final int FAILED = 1;
    private static final long SAVE_EVERY_MS = 100;
    /** Tests start hundreds of directors, which need not be quick at once. */
    private static final boolean WARM_UP = !Boolean.getBoolean("weir.cold");

    /** Of a state that the workers do not have; revisions count up from 0. */
    private static final long NEVER = -1;

    private final LiveConfig live;
    private final StateKeeper keeper;
    private final WeirConfig config;
    private final DirectorCommands commands;
    private final Snapshots snapshots;
    private final ArpWatch arpWatch;
    private final Deque<AutoCloseable> undo = new ArrayDeque<>();
    private Network network;
    private DataPlane dataPlane;
    private NetworkWatch networkWatch;
    private IngressGuard guard;
    private SyncCounters sync;
    private final BatchLatency latency = new BatchLatency();
    private final String version = WeirMain.Version.text();
    private final DirectorMetrics metrics;
    private long publishedRevision;
    private @Nullable Availability availability;
    private @Nullable SyncThread syncing;
    private boolean closed;

    @SuppressWarnings("NullAway.Init") // start() sets the rest, or nobody sees this object
    private Director(Wanted first, StateKeeper keeper) {
        this.live = new LiveConfig(first);
        this.keeper = keeper;
        this.config = first.config();
        this.commands = first.commands();
        this.metrics = new DirectorMetrics(commands.state(), this::conflicts);
        this.arpWatch = new ArpWatch(Equipment.linkInterfaces(config));
        this.snapshots = new Snapshots(commands.state(), first.marks(), moreVips(config));
    }

    private static List<InterfaceInfo.Prefix> moreVips(WeirConfig of) {
        return of.vips().stream().map(Network::prefix).toList();
    }

    /** Starts forwarding, or changes nothing and says why not; returns a moment later, when commands are quick, too. */
    static Director start(Wanted first, StateKeeper keeper) throws RunException {
        final boolean isWarmed = WARM_UP && first.config().worker().warmUp();
        final WarmPath warm = WarmPath.begin(isWarmed, first.commands().state().services());
        final Director director = new Director(first, keeper);
        try {
            director.open(warm);
            director.availability = Availability.start(first.config(), new DirectorHooks(director));
            keeper.started(first.commands().state());
            if (isWarmed) {
                // Packets are forwarded by now, and commands taken; who waits for the start may load a large table
                // next.
                WarmStart.begin(first.config().metrics().address() != null).await();
            }
            CompilerThreads.letOthersGoFirst();
            return director;
        } catch (RunException e) {
            director.close();
            throw e;
        } catch (IOException | RuntimeException e) {
            director.close();
            throw new RunException("weir: " + e.getMessage(), e);
        }
    }

    /** One of {@link SyncCounters}. */
    long syncCount(int counter) {
        return sync.get(counter);
    }

    /** Is it an address of a service, or a FULLNAT local address? */
    synchronized boolean isServed(IpAddress address) {
        return commands.state().localAddresses().contains(address)
                || commands.state().services().stream()
                        .anyMatch(service -> service.key().address().equals(address));
    }

    /** Runs ipvsadm lines of the health checks or of VRRP in one turn; what is wrong with them, or "". */
    synchronized String edit(List<String> lines) {
        if (closed) {
            return "";
        }
        commands.state().advance(System.nanoTime());
        final StringBuilder problems = new StringBuilder();
        for (String line : lines) {
            commands.problemOf(line)
                    .ifPresent(problem ->
                            problems.append(problem).append("  (").append(line).append(")\n"));
        }
        return publishChanges() ? problems.toString() : problems + "the worker has not taken it yet\n";
    }

    /** These addresses are another director's for now. */
    synchronized void elsewhere(Set<IpAddress> addresses) {
        if (!closed) {
            snapshots.elsewhere(addresses);
            LOG.debug("event=elsewhere addresses={} taken={}", addresses, publish());
        }
    }

    private synchronized void open(WarmPath warm) throws RunException, IOException {
        keeper.unchanged(commands.state());
        if (IngressGuard.cleanLeftover(config.name())) {
            LOG.info("event=cleaned what=guard name={}", config.name());
        }
        undo.push(ReceiveMerging.remember(config.name(), Equipment.linkInterfaces(config)));
        final Equipment.Devices devices = Equipment.open(config, undo);
        snapshots.electable(Availability.firstElsewhere(config.keepalived()));
        networkWatch = new NetworkWatch();
        undo.push(networkWatch);
        network = Network.read(config);
        commands.state().surroundings(new Surroundings(network.interfaces(), HostInterfaces::mtu));
        final ShardTables shards = ShardTables.open(
                config.table(),
                config.worker().count(),
                commands.state().tables().services());
        shards.tables().forEach(undo::push);
        final List<WorkerParts> parts = Equipment.workers(shards, commands, network, config);
        publishedRevision = commands.state().revision();
        dataPlane = new DataPlane(
                parts,
                devices.byWorker(),
                devices.groups(),
                snapshots.next(network.interfaces(), network.routes()),
                config.worker());
        commands.dataPlane(dataPlane);
        guard = IngressGuard.install(
                config.name(),
                Equipment.linkInterfaces(config),
                snapshots.firstRules(network.interfaces()),
                Equipment.followers(devices.byWorker().get(0).list(), Equipment.linkInterfaces(config), undo));
        undo.push(guard);
        undo.push(dataPlane);
        warm.await();
        dataPlane.start();
        ReceiveCpus.warn(config.worker().cpus(), Equipment.linkInterfaces(config));
        startSync(new SyncLinks(parts.stream().map(each -> each.sync().link()).toList()));
        undo.push(ControlServer.start(
                ControlClient.socket(config.name()), config.control().group(), new ControlWords(this)::answer));
        undo.push(Equipment.metrics(config.metrics(), this::metrics, metrics.ahead(this)));
        final ScheduledExecutorService clock = Equipment.clock("weir-director");
        undo.push(clock::shutdownNow);
        final ScheduledExecutorService disk = Equipment.clock("weir-state");
        undo.push(disk::shutdownNow);
        final Future<?> saves =
                disk.scheduleWithFixedDelay(this::save, SAVE_EVERY_MS, SAVE_EVERY_MS, TimeUnit.MILLISECONDS);
        LOG.debug("event=start saves={}", saves);
        final Future<?> looks = clock.scheduleWithFixedDelay(this::look, 1, 1, TimeUnit.SECONDS);
        LOG.debug("event=start looks={}", looks);
    }

    /** Daemons of the configuration start here, those of commands later. */
    private void startSync(SyncLinks links) throws RunException, IOException {
        sync = links.counters();
        final SyncThread thread = SyncThread.start(links);
        undo.push(thread);
        syncing = thread;
        thread.flushAfter(live.config().keepalived().global().syncFlushMs());
        try {
            commands.state().daemonHost(thread);
        } catch (StateException e) {
            throw new RunException("weir: a sync daemon does not start, see above", e);
        }
    }

    /** One change or look, acknowledged when the worker uses what it changed. */
    synchronized Ipvsadm.Result turn(DirectorCommands.Turn turn) {
        if (closed) {
            return new Ipvsadm.Result(FAILED, "", "weir: stopping\n");
        }
        commands.state().advance(System.nanoTime());
        final Ipvsadm.Result result = turn.take();
        return publishChanges()
                ? result
                : new Ipvsadm.Result(FAILED, result.out(), result.err() + "weir: the worker has not taken it yet\n");
    }

    /** Something that looks at the state, or changes it, in the operator's own words. */
    @FunctionalInterface
    interface Task<T> {
        T run(LiveConfig live) throws RunException;
    }

    /** Runs a task alone, and acknowledges what it changed as {@link #turn} does. */
    synchronized <T> T alone(Task<T> task) throws RunException {
        if (closed) {
            throw new RunException("weir: stopping");
        }
        commands.state().advance(System.nanoTime());
        final T result = task.run(live);
        snapshots.electable(Availability.firstElsewhere(live.config().keepalived()));
        if (snapshots.reconfigure(live.marks(), moreVips(live.config()))) {
            publishedRevision = NEVER;
        }
        if (!publishChanges()) {
            throw new RunException("weir: the worker has not taken it yet");
        }
        return result;
    }

    /** Applies the director's own file again; what is wrong with it is logged, and changes nothing. */
    void reload(Wanted.Source source) {
        try {
            final Wanted wanted = source.read();
            final String done = alone(running -> {
                keeper.basis(wanted.text());
                return running.apply(wanted);
            });
            checkAsConfigured();
            LOG.info("event=reloaded done=\"{}\"", done.strip().replace('\n', ';'));
        } catch (ConfigException | RunException e) {
            String.valueOf(e.getMessage()).lines().forEach(line -> LOG.error("event=reload problem=\"{}\"", line));
        } catch (RuntimeException e) {
            LOG.error("event=bug where=reload", e);
        }
    }

    /** Health checks and VRRP go on as the configuration in force says. */
    void checkAsConfigured() {
        final WeirConfig now;
        synchronized (this) {
            now = live.config();
        }
        final SyncThread telling = syncing;
        if (telling != null) {
            telling.flushAfter(now.keepalived().global().syncFlushMs());
        }
        final Availability watching = availability;
        if (watching != null) {
            watching.reload(now.keepalived());
        }
    }

    /** What the health checks have found; "" without any. */
    String health(boolean history) {
        final Availability watching = availability;
        return watching == null ? "" : watching.report(history);
    }

    /** Does the worker take orders, and can commands take the lock? The service manager asks. */
    boolean isAlive() {
        synchronized (this) {
            return !closed && dataPlane.order(parts -> {});
        }
    }

    DirectorCommands commands() {
        return commands;
    }

    StateKeeper keeper() {
        return keeper;
    }

    DataPlane dataPlane() {
        return dataPlane;
    }

    private void save() {
        // One writer at a time; the director's own lock is held only to gather the text.
        synchronized (keeper) {
            boolean more = true;
            while (more) {
                synchronized (this) {
                    more = !closed && keeper.readSome(commands.state());
                }
                LockSupport.parkNanos(1_000); // commands wait for the lock, and should get it
            }
            final Optional<StateKeeper.Text> text;
            synchronized (this) {
                text = closed ? Optional.empty() : keeper.text(commands.state());
            }
            text.ifPresent(keeper::save);
        }
    }

    /** Once a second: time passes for the state, and the kernel's interfaces and routes may have changed. */
    private synchronized void look() {
        if (closed) {
            return;
        }
        try {
            commands.state().advance(System.nanoTime());
            networkWatch.changed(live.config(), network).ifPresent(now -> {
                network = now;
                commands.state().surroundings(new Surroundings(now.interfaces(), HostInterfaces::mtu));
                LOG.info("event=network-changed taken={}", publish());
            });
            if (!publishChanges()) {
                LOG.debug("event=look taken=false");
            }
            snapshots.lookAfter(guard, network.interfaces());
            arpWatch.look(dataPlane, snapshots.here(), network.interfaces(), System.nanoTime());
        } catch (RunException | RuntimeException e) {
            LOG.warn("event=look problem=\"{}\"", e.getMessage());
        }
    }

    /** False if the worker does not use the latest state. */
    private boolean publishChanges() {
        return commands.state().revision() == publishedRevision || publish();
    }

    private boolean publish() {
        // Whatever fails from here on is tried again at the next look.
        publishedRevision = NEVER;
        final long revision = commands.state().revision();
        final var next = snapshots.next(network.interfaces(), network.routes());
        // Guarded before it is taken, so that the host never answers for it.
        snapshots.guard(guard, network.interfaces());
        final boolean taken = dataPlane.publish(next);
        if (taken) {
            publishedRevision = revision;
        } else {
            LOG.warn("event=publish problem=\"the worker has not taken the change within a second\"");
        }
        return taken;
    }

    private List<Kind> conflicts() {
        return arpWatch.findings().stream().map(ArpWatch.Finding::kind).toList();
    }

    /** How real servers answer handshakes. */
    Answers answers() {
        return dataPlane.answers();
    }

    /** How its devices see the answers of real servers, for {@link PathFinder}. */
    synchronized PathFinder.Sight sight() {
        return new PathFinder.Sight(
                dataPlane.devices().stream().anyMatch(RuleFollower.class::isInstance),
                network.interfaces(),
                snapshots.elsewhere());
    }

    /** Who else claims the director's addresses, for {@code weir status}. */
    synchronized String addressConflicts() {
        return arpWatch.text();
    }

    /** The word {@code counters}. */
    synchronized String counters() {
        return CountersText.of(dataPlane, sync, latency.total(dataPlane));
    }

    /** Something that looks at the state and at the times of batches. */
    @FunctionalInterface
    interface Look {
        String at(LiveConfig live, Histogram batches);
    }

    /** Looks, alone. */
    String look(Look look) throws RunException {
        return alone(now -> look.at(now, latency.total(dataPlane)));
    }

    /** What one scrape of {@code /metrics} says. */
    Scrape metrics() {
        final Availability watching = availability;
        // Before the lock is taken: the checks may be waiting for it.
        final AvailabilityMetrics found = watching == null ? AvailabilityMetrics.NONE : watching.metrics();
        try {
            return alone(now -> metrics.read(
                    version,
                    dataPlane,
                    sync,
                    latency.total(dataPlane),
                    keeper.problem().isEmpty(),
                    found));
        } catch (RunException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    /** The checks end first, and outside of the lock that their last edit may wait for. */
    @Override
    public void close() {
        final Availability watching = availability;
        if (watching != null) {
            watching.close();
        }
        save();
        shutDown();
    }

    private synchronized void shutDown() {
        closed = true;
        while (!undo.isEmpty()) {
            try {
                undo.pop().close();
            } catch (Exception e) {
                LOG.warn("event=close problem=\"{}\"", e.getMessage());
            }
        }
    }
}
