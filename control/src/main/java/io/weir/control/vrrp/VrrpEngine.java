package io.weir.control.vrrp;

import io.weir.control.keepalived.GlobalSettings.SyncDaemonSettings;
import io.weir.control.keepalived.KeepalivedConfig;
import io.weir.control.keepalived.KeepalivedConfig.Notify;
import io.weir.control.keepalived.KeepalivedConfig.SyncGroup;
import io.weir.control.keepalived.KeepalivedConfig.Tracking;
import io.weir.control.keepalived.KeepalivedConfig.VirtualAddress;
import io.weir.control.keepalived.VrrpSettings;
import io.weir.control.metrics.AvailabilityMetrics;
import io.weir.control.notify.Notifier;
import io.weir.control.notify.ScriptRunner;
import io.weir.control.vrrp.Election.State;
import io.weir.dataplane.io.linux.RawIpSocket;
import io.weir.packet.IpAddress;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All virtual routers of a director: one thread that listens, keeps their time, moves their addresses and tells who asked
 * to be told.
 *
 * <p><b>Thread</b>: {@link #start}, {@link #report} and {@link #close} by any; the rest is {@code weir-vrrp}'s.
 */
public final class VrrpEngine implements VrrpInstances, AutoCloseable {
    /** What becomes of addresses. */
    public interface Addresses {
        /** These are another director's for now. */
        void elsewhere(Set<IpAddress> addresses);

        /** Runs ipvsadm lines (the sync daemon's); what is wrong with them, or "". */
        String edit(List<String> lines);

        /** How often the sync daemon has got a master's whole table. */
        long tablesGot();

        /** Has Weir itself this address, so that the host must not? */
        boolean isServed(IpAddress address);
    }

    private static final Logger LOG = LoggerFactory.getLogger(VrrpEngine.class);
    private static final int LONGEST_WAIT_MS = 100;
    private static final long LOOK_EVERY_NS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long STOP_WITHIN_MS = 3_000;
    /** How long a backup waits for the table before it preempts; a kernel's director never answers. */
    private static final long TABLE_WITHIN_NS = TimeUnit.SECONDS.toNanos(30);

    private final KeepalivedConfig config;
    private final Addresses addresses;
    private final Notifier notifier;
    private final List<VrrpInstance> instances = new ArrayList<>();
    private final ConcurrentLinkedQueue<Runnable> posted = new ConcurrentLinkedQueue<>();
    private final HostAddresses host = new HostAddresses();
    private final Tracker tracker;
    private final Thread thread = new Thread(this::run, "weir-vrrp");
    private long nextLookNs;
    private long backupSinceNs;
    private long tablesBefore;
    private boolean forcing;
    private volatile String report = "";
    private volatile List<AvailabilityMetrics.Router> metrics = List.of();
    private volatile boolean running = true;

    /** Opens the sockets; nothing is said yet. */
    public VrrpEngine(KeepalivedConfig config, Addresses addresses, Notifier notifier, ScriptRunner scripts)
            throws IOException {
        this.config = config;
        this.addresses = addresses;
        this.notifier = notifier;
        this.tracker = new Tracker(config.scripts(), config.files(), scripts, posted::add, System.nanoTime());
        try {
            for (VrrpSettings each : config.instances()) {
                instances.add(new VrrpInstance(each, this));
            }
        } catch (IOException | RuntimeException e) {
            instances.forEach(VrrpInstance::close);
            throw e;
        }
        thread.setDaemon(true);
    }

    public void start() {
        thread.start();
    }

    private void run() {
        final List<RawIpSocket> sockets =
                instances.stream().map(VrrpInstance::socket).toList();
        instances.forEach(this::forgetLeftovers);
        startSync();
        sleep(config.global().vrrp().startupDelayMs());
        while (running) {
            try {
                turn(sockets);
            } catch (RuntimeException e) {
                LOG.error("event=bug where=vrrp", e);
                sleep(LONGEST_WAIT_MS);
            }
        }
        for (VrrpInstance each : instances) {
            each.election().leave();
            tell(
                    each.settings().notices(),
                    "INSTANCE",
                    each.settings().name(),
                    "STOP",
                    each.election().priority());
        }
        host.clear();
    }

    private static void sleep(long ms) {
        try {
            TimeUnit.MILLISECONDS.sleep(ms);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void turn(List<RawIpSocket> sockets) {
        RawIpSocket.await(sockets, waitMs());
        for (Runnable task = posted.poll(); task != null; task = posted.poll()) {
            task.run();
        }
        final long nowNs = System.nanoTime();
        for (VrrpInstance each : instances) {
            each.receive(nowNs);
            each.onTime(nowNs);
        }
        if (nowNs - nextLookNs >= 0) {
            nextLookNs = nowNs + LOOK_EVERY_NS;
            tracker.onTime(nowNs);
            instances.forEach(each -> look(each, nowNs));
            report = text();
            metrics = instances.stream()
                    .map(each -> new AvailabilityMetrics.Router(
                            each.settings().name(),
                            each.state().name(),
                            each.election().priority(),
                            each.refusedCount()))
                    .toList();
        }
    }

    private int waitMs() {
        final long nowNs = System.nanoTime();
        long wait = TimeUnit.MILLISECONDS.toNanos(LONGEST_WAIT_MS);
        for (VrrpInstance each : instances) {
            if (each.deadlineNs() != Long.MAX_VALUE) {
                wait = Math.min(wait, each.deadlineNs() - nowNs);
            }
        }
        return (int) Math.max(0, TimeUnit.NANOSECONDS.toMillis(wait + 999_999));
    }

    /** Has something that the instance tracks come or gone? */
    private void look(VrrpInstance instance, long nowNs) {
        final VrrpSettings settings = instance.settings();
        final SyncGroup group = groupOf(instance);
        final List<Tracking> trackings = new ArrayList<>(List.of(settings.tracking()));
        if (group != null) {
            trackings.add(group.tracking());
        }
        final Tracker.Effect effect =
                tracker.effect(settings.priority(), trackings, group == null || group.trackingWeight());
        final boolean linkDown = settings.trackPrimary() && !Tracker.isUp(settings.interfaceName());
        if (effect.fault() || linkDown) {
            if (instance.state() != State.FAULT) {
                LOG.warn(
                        "event=vrrp-fault instance={} why=\"{}\"",
                        settings.name(),
                        linkDown ? "interface " + settings.interfaceName() : effect.why());
                instance.election().fault(nowNs);
            }
            return;
        }
        instance.election().hold(waitsForTable(instance, nowNs));
        instance.election().priority(effect.priority(), nowNs);
        if (instance.state() == State.FAULT && !groupInFault(group, instance)) {
            instance.election().begin(nowNs);
        }
    }

    /** Connections it was not told about would end when it took their addresses. */
    private boolean waitsForTable(VrrpInstance instance, long nowNs) {
        final SyncDaemonSettings sync = config.global().syncDaemon();
        return sync != null
                && instance.settings().name().equals(sync.instance())
                && instance.state() == State.BACKUP
                && nowNs - backupSinceNs < TABLE_WITHIN_NS
                && addresses.tablesGot() == tablesBefore;
    }

    /** A group comes back when the last of its members can. */
    private boolean groupInFault(@Nullable SyncGroup group, VrrpInstance besides) {
        if (group == null) {
            return false;
        }
        return members(group).stream()
                .filter(each -> !each.equals(besides))
                .anyMatch(each -> each.settings().trackPrimary()
                                && !Tracker.isUp(each.settings().interfaceName())
                        || tracker.effect(
                                        each.settings().priority(),
                                        List.of(each.settings().tracking()),
                                        false)
                                .fault());
    }

    private @Nullable SyncGroup groupOf(VrrpInstance instance) {
        return config.syncGroups().stream()
                .filter(group -> group.members().contains(instance.settings().name()))
                .findFirst()
                .orElse(null);
    }

    private List<VrrpInstance> members(SyncGroup group) {
        return instances.stream()
                .filter(each -> group.members().contains(each.settings().name()))
                .toList();
    }

    @Override
    public void changed(VrrpInstance instance, State from, State to) {
        addresses.elsewhere(elsewhere());
        hostAddresses(instance, to);
        tell(
                instance.settings().notices(),
                "INSTANCE",
                instance.settings().name(),
                to.name(),
                instance.election().priority());
        sync(instance, to);
        final SyncGroup group = groupOf(instance);
        if (group != null && !forcing) {
            forcing = true;
            try {
                members(group).forEach(each -> each.election().force(to, System.nanoTime()));
                tell(
                        group.notices(),
                        "GROUP",
                        group.name(),
                        to.name(),
                        instance.election().priority());
            } finally {
                forcing = false;
            }
        }
        report = text();
    }

    /** The addresses of every instance that is not master. */
    private Set<IpAddress> elsewhere() {
        final Set<IpAddress> here = new HashSet<>();
        final Set<IpAddress> all = new HashSet<>();
        for (VrrpInstance each : instances) {
            each.addresses().forEach(address -> {
                all.add(address.address());
                if (each.state() == State.MASTER) {
                    here.add(address.address());
                }
            });
        }
        all.removeAll(here);
        return all;
    }

    private void hostAddresses(VrrpInstance instance, State to) {
        for (VirtualAddress each : instance.addresses()) {
            if (!addresses.isServed(each.address())) {
                host.set(each, instance.settings().interfaceName(), to == State.MASTER);
            }
        }
        for (String route : instance.settings().routes()) {
            host.route(route, to == State.MASTER);
        }
    }

    private void forgetLeftovers(VrrpInstance instance) {
        for (VirtualAddress each : instance.addresses()) {
            if (!addresses.isServed(each.address())) {
                host.forget(each, instance.settings().interfaceName());
            }
        }
    }

    private void tell(Notify notices, String kind, String name, String state, int priority) {
        notifier.script(
                switch (state) {
                    case "MASTER" -> notices.master();
                    case "BACKUP" -> notices.backup();
                    case "FAULT" -> notices.fault();
                    default -> notices.stop();
                },
                List.of());
        notifier.script(notices.any(), List.of(kind, name, state, Integer.toString(priority)));
        notifier.tell("vrrp", kind + " " + name, state, "priority " + priority, notices.mail());
    }

    @Override
    public void lowerMaster(VrrpInstance instance) {
        notifier.script(instance.settings().notices().lowerPriority(), List.of());
    }

    private void startSync() {
        final SyncDaemonSettings sync = config.global().syncDaemon();
        if (sync != null && sync.instance() == null) {
            edit(List.of(daemon(sync, "master"), daemon(sync, "backup")));
        }
    }

    /** The instance that decides who sends has become something. */
    private void sync(VrrpInstance instance, State to) {
        final SyncDaemonSettings sync = config.global().syncDaemon();
        if (sync == null || !instance.settings().name().equals(sync.instance())) {
            return;
        }
        final String role = to == State.MASTER ? "master" : "backup";
        final String other = to == State.MASTER ? "backup" : "master";
        // The one that stops may not run yet: its refusal is no news.
        final String ignored = addresses.edit(List.of("--stop-daemon " + other, "--stop-daemon " + role));
        LOG.debug("event=sync-stop answer=\"{}\"", ignored.strip());
        backupSinceNs = System.nanoTime();
        tablesBefore = addresses.tablesGot();
        instance.election().hold(to == State.BACKUP);
        edit(List.of(daemon(sync, role)));
    }

    private String daemon(SyncDaemonSettings sync, String role) {
        final int id = sync.id() >= 0
                ? sync.id()
                : instances.stream()
                        .map(VrrpInstance::settings)
                        .filter(each -> each.name().equals(sync.instance()))
                        .mapToInt(VrrpSettings::routerId)
                        .findFirst()
                        .orElse(0);
        return "--start-daemon " + role + " --mcast-interface " + sync.interfaceName() + " --syncid " + id
                + (sync.maxLength() > 0 ? " --sync-maxlen " + sync.maxLength() : "")
                + (sync.port() > 0 ? " --mcast-port " + sync.port() : "")
                + (sync.ttl() > 0 ? " --mcast-ttl " + sync.ttl() : "")
                + (sync.group() != null ? " --mcast-group " + sync.group() : "");
    }

    private void edit(List<String> lines) {
        final String problem = addresses.edit(lines);
        if (!problem.isEmpty()) {
            LOG.warn("event=sync-daemon problem=\"{}\"", problem.strip().replace('\n', ' '));
        }
    }

    /** What {@code weir health} says of the virtual routers. */
    public String report() {
        return report;
    }

    /** The same for Prometheus. */
    public List<AvailabilityMetrics.Router> metrics() {
        return metrics;
    }

    private String text() {
        final StringBuilder text = new StringBuilder();
        for (VrrpInstance each : instances) {
            text.append("vrrp ").append(each.settings().name()).append("  ").append(each.state());
            text.append("  priority ").append(each.election().priority()).append("  router id ");
            text.append(each.settings().routerId())
                    .append(" on ")
                    .append(each.settings().interfaceName());
            text.append("  refused ").append(each.refusedCount()).append('\n');
        }
        return text.toString();
    }

    @Override
    public void close() {
        running = false;
        try {
            if (thread.isAlive()) {
                thread.join(STOP_WITHIN_MS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        instances.forEach(VrrpInstance::close);
    }
}
