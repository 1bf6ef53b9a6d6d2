package io.weir.control.vrrp;

import io.weir.control.keepalived.KeepalivedConfig;
import io.weir.control.keepalived.KeepalivedConfig.Notify;
import io.weir.control.keepalived.KeepalivedConfig.SyncGroup;
import io.weir.control.keepalived.KeepalivedConfig.VirtualAddress;
import io.weir.control.keepalived.VrrpSettings;
import io.weir.control.metrics.AvailabilityMetrics;
import io.weir.control.notify.Notifier;
import io.weir.control.notify.ScriptRunner;
import io.weir.control.vrrp.Election.State;
import io.weir.dataplane.io.linux.NativeException;
import io.weir.dataplane.io.linux.RawIpSocket;
import io.weir.packet.IpAddress;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All virtual routers of a director: one thread that listens, keeps their time, moves their addresses and tells who asked
 * to be told.
 *
 * <p><b>Thread</b>: {@link #start}, {@link #reload}, {@link #report} and {@link #close} by any; the rest is
 * {@code weir-vrrp}'s.
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

    private final Addresses addresses;
    private final Notifier notifier;
    private final ConcurrentLinkedQueue<Runnable> posted = new ConcurrentLinkedQueue<>();
    private final HostAddresses host = new HostAddresses();
    private final Announcements announcements = new Announcements();
    private final Tracker tracker;
    private final SyncRoles sync;
    private final SyncGroups groups;
    private final Conditions conditions;
    private final long startupDelayMs;
    private final Thread thread = new Thread(this::run, "weir-vrrp");
    private List<VrrpInstance> instances = new ArrayList<>();
    private long nextLookNs;
    private boolean resuming;
    private volatile String report = "";
    private volatile List<AvailabilityMetrics.Router> metrics = List.of();
    private volatile boolean running = true;

    /**
     * Opens the sockets; nothing is said yet.
     *
     * @param bfd is the BFD session of this name up?
     */
    public VrrpEngine(
            KeepalivedConfig config,
            Addresses addresses,
            Notifier notifier,
            ScriptRunner scripts,
            Predicate<String> bfd)
            throws IOException {
        this.addresses = addresses;
        this.notifier = notifier;
        this.tracker = new Tracker(scripts, posted::add, bfd);
        this.sync = new SyncRoles(addresses, config.global().syncDaemon());
        this.groups = new SyncGroups(config.syncGroups(), () -> instances);
        this.conditions = new Conditions(tracker, groups);
        this.startupDelayMs = config.global().vrrp().startupDelayMs();
        tracker.reload(config, System.nanoTime());
        pace(config);
        try {
            for (VrrpSettings each : config.instances()) {
                instances.add(new VrrpInstance(each, this, announcements));
            }
        } catch (IOException | RuntimeException e) {
            instances.forEach(VrrpInstance::close);
            announcements.close();
            throw e;
        }
        thread.setDaemon(true);
    }

    private void pace(KeepalivedConfig config) {
        announcements.pace(
                config.global().vrrp().garpIntervalMs(), config.global().vrrp().gnaIntervalMs(), config.garpGroups());
    }

    public void start() {
        thread.start();
    }

    private void run() {
        instances.forEach(this::forgetLeftovers);
        host.apply();
        sync.start();
        sleep(startupDelayMs);
        while (running) {
            try {
                turn();
            } catch (RuntimeException e) {
                LOG.error("event=bug where=vrrp", e);
                sleep(LONGEST_WAIT_MS);
            }
        }
        for (VrrpInstance each : instances) {
            each.election().leave();
            tell(each, "STOP");
        }
        groups.all().forEach(each -> notifier.router("GROUP", each.name(), "STOP", 0, each.notices()));
        host.clear();
    }

    private static void sleep(long ms) {
        try {
            TimeUnit.MILLISECONDS.sleep(ms);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void turn() {
        if (instances.isEmpty()) {
            sleep(LONGEST_WAIT_MS);
        } else {
            RawIpSocket.await(instances.stream().map(VrrpInstance::socket).toList(), waitMs());
        }
        for (Runnable task = posted.poll(); task != null; task = posted.poll()) {
            task.run();
        }
        final long nowNs = System.nanoTime();
        for (VrrpInstance each : instances) {
            each.receive(nowNs);
            each.onTime(nowNs);
        }
        announcements.onTime(nowNs);
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
        if (announcements.deadlineNs() != Long.MAX_VALUE) {
            wait = Math.min(wait, announcements.deadlineNs() - nowNs);
        }
        return (int) Math.max(0, TimeUnit.NANOSECONDS.toMillis(wait + 999_999));
    }

    /** Goes over to another configuration: what is as it was goes on, what has changed takes its state over. */
    public void reload(KeepalivedConfig next) {
        posted.add(() -> replace(next));
    }

    private void replace(KeepalivedConfig next) {
        final List<VrrpInstance> before = instances;
        final List<VrrpInstance> after = new ArrayList<>();
        try {
            for (VrrpSettings each : next.instances()) {
                final VrrpInstance same = before.stream()
                        .filter(old -> old.settings().isLike(each))
                        .findFirst()
                        .orElse(null);
                after.add(same == null ? new VrrpInstance(each, this, announcements) : same);
            }
        } catch (IOException | NativeException e) {
            after.removeAll(before);
            after.forEach(VrrpInstance::close);
            LOG.error("event=reload problem=\"{}: the virtual routers stay as they were\"", e.getMessage());
            return;
        }
        tracker.reload(next, System.nanoTime());
        groups.reload(next.syncGroups());
        pace(next);
        final List<VrrpInstance> fresh = new ArrayList<>(after);
        fresh.removeAll(before);
        final List<VrrpInstance> gone = new ArrayList<>(before);
        gone.removeAll(after);
        instances = after;
        fresh.forEach(each -> succeed(each, gone));
        gone.forEach(this::delete);
        announcements.keep(
                after.stream().flatMap(each -> each.devices().stream()).toList());
        sync.reload(next.global().syncDaemon(), after);
        addresses.elsewhere(elsewhere());
        LOG.info("event=vrrp-reloaded instances={} new={} gone={}", after.size(), fresh.size(), gone.size());
    }

    /** An instance whose settings have changed goes on as what it was; it leaves the list of those that are gone. */
    private void succeed(VrrpInstance fresh, List<VrrpInstance> gone) {
        final VrrpInstance before = gone.stream()
                .filter(each -> each.settings().isSameRouter(fresh.settings()))
                .findFirst()
                .orElse(null);
        if (before == null) {
            return;
        }
        gone.remove(before);
        final Set<VirtualAddress> dropped = new HashSet<>(before.addresses());
        dropped.removeAll(fresh.addresses());
        dropped.forEach(each -> host.set(each, before.settings().interfaceName(), false));
        host.apply();
        announcements.forget(before);
        before.close();
        resuming = true;
        try {
            fresh.election().resume(before.state(), System.nanoTime());
        } finally {
            resuming = false;
        }
    }

    private void delete(VrrpInstance instance) {
        instance.election().leave();
        announcements.forget(instance);
        hostAddresses(instance, State.FAULT);
        tell(instance, instance.settings().notices().tellsDeleted() ? "DELETED" : State.FAULT.name());
        instance.close();
    }

    /** Has something that the instance tracks come or gone? */
    private void look(VrrpInstance instance, long nowNs) {
        final Tracker.Effect effect = conditions.of(instance);
        instance.lacks(effect.why());
        if (effect.fault()) {
            if (instance.state() != State.FAULT) {
                instance.election().fault(nowNs);
            }
            return;
        }
        instance.election().hold(sync.waitsForTable(instance, nowNs));
        instance.election().priority(effect.priority());
        if (instance.state() == State.FAULT && conditions.mayBegin(instance)) {
            instance.election().begin(nowNs);
        }
    }

    @Override
    public void changed(VrrpInstance instance, State from, State to) {
        addresses.elsewhere(elsewhere());
        hostAddresses(instance, to);
        if (resuming) {
            return;
        }
        tell(instance, to.name());
        sync.changed(instance, to);
        groups.follow(instance, to, group -> notifier.router("GROUP", group.name(), to.name(), 0, group.notices()));
        report = text();
    }

    @Override
    public boolean mayBecomeMaster(VrrpInstance instance) {
        return groups.mayBecomeMaster(instance);
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
        instance.settings().routes().forEach(each -> host.route(each, to == State.MASTER));
        instance.settings().rules().forEach(each -> host.rule(each, to == State.MASTER));
        host.apply();
    }

    private void forgetLeftovers(VrrpInstance instance) {
        for (VirtualAddress each : instance.addresses()) {
            if (!addresses.isServed(each.address())) {
                host.forget(each, instance.settings().interfaceName());
            }
        }
    }

    private void tell(VrrpInstance instance, String state) {
        final Notify notices = instance.settings().notices();
        notifier.router(
                "INSTANCE",
                instance.settings().name(),
                state,
                instance.election().priority(),
                notices);
    }

    @Override
    public void lowerMaster(VrrpInstance instance) {
        // Traffic of the whole group may go the wrong way now.
        groups.others(instance).forEach(VrrpInstance::announceAgain);
        notifier.lowerMaster(
                instance.settings().name(),
                instance.election().priority(),
                instance.settings().notices());
    }

    @Override
    public void priorityChanged(VrrpInstance instance) {
        final SyncGroup group = groups.of(instance);
        if (instance.state() != State.FAULT
                && (instance.settings().tellsPriority() || group != null && group.tellsPriority())) {
            notifier.priority(
                    instance.settings().name(),
                    instance.state().name(),
                    instance.election().priority());
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
            text.append("  refused ")
                    .append(each.refusedCount())
                    .append(each.lacking())
                    .append('\n');
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
        announcements.close();
    }
}
