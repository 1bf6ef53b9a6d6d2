package io.weir.control;

import io.weir.control.bfd.BfdEngine;
import io.weir.control.config.WeirConfig;
import io.weir.control.health.HealthMonitor;
import io.weir.control.keepalived.GlobalSettings;
import io.weir.control.keepalived.KeepalivedConfig;
import io.weir.control.keepalived.ServiceSettings;
import io.weir.control.keepalived.VrrpSettings;
import io.weir.control.metrics.AvailabilityMetrics;
import io.weir.control.notify.Notifier;
import io.weir.control.notify.ScriptRunner;
import io.weir.control.vrrp.VrrpEngine;
import io.weir.packet.IpAddress;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What keeps a director's services available: health checks, VRRP, and who is told.
 *
 * <p><b>Owner</b>: {@link #close} stops all of it, in reverse.
 */
final class Availability implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Availability.class);

    /** What it may do to the director. */
    interface Hooks extends HealthMonitor.Editor {
        /** Addresses that are another director's for now. */
        void elsewhere(Set<IpAddress> addresses);

        /** How often the sync daemon has got a whole table. */
        long tablesGot();

        /** Is this the address of a service, or a local address? */
        boolean isServed(IpAddress address);

        /** Nothing is asked any more. */
        void close();
    }

    private final Deque<AutoCloseable> undo = new ArrayDeque<>();
    private final Hooks hooks;
    private final ScriptRunner scripts;
    private final Notifier notifier;
    private volatile @Nullable HealthMonitor health;
    private volatile @Nullable VrrpEngine vrrp;
    private volatile @Nullable BfdEngine bfd;
    private volatile Set<IpAddress> served = Set.of();

    private Availability(GlobalSettings global, Hooks hooks) {
        this.hooks = hooks;
        undo.push(hooks::close);
        scripts = new ScriptRunner(global.scriptUser(), global.scriptGroup());
        undo.push(scripts);
        notifier = new Notifier(global, scripts);
        undo.push(notifier);
    }

    /** Starts what the configuration asks for. */
    static Availability start(WeirConfig config, Hooks hooks) throws IOException {
        final Availability availability = new Availability(config.keepalived().global(), hooks);
        try {
            availability.open(config.keepalived());
        } catch (IOException | RuntimeException e) {
            availability.close();
            throw e;
        }
        return availability;
    }

    /** Opens what is wanted and not open yet. */
    private void open(KeepalivedConfig config) throws IOException {
        served = served(config);
        if (bfd == null && !config.bfdInstances().isEmpty()) {
            final BfdEngine engine = new BfdEngine(config.bfdInstances());
            undo.push(engine);
            bfd = engine;
            engine.start();
        }
        if (health == null && !config.services().isEmpty()) {
            final HealthMonitor monitor = new HealthMonitor(scripts, hooks, notifier, this::isBfdUp);
            undo.push(monitor);
            health = monitor;
            monitor.start(config.services());
        }
        if (vrrp == null && !config.instances().isEmpty()) {
            final VrrpEngine engine = new VrrpEngine(config, addresses(), notifier, scripts, this::isBfdUp);
            undo.push(engine);
            vrrp = engine;
            engine.start();
        }
    }

    private boolean isBfdUp(String name) {
        final BfdEngine engine = bfd;
        return engine != null && engine.isUp(name);
    }

    private VrrpEngine.Addresses addresses() {
        return new VrrpEngine.Addresses() {
            @Override
            public void elsewhere(Set<IpAddress> addresses) {
                hooks.elsewhere(addresses);
                final HealthMonitor monitor = health;
                if (monitor != null) {
                    monitor.suspend(service -> service.addresses().stream().anyMatch(addresses::contains));
                }
            }

            @Override
            public String edit(List<String> lines) {
                return hooks.apply(lines);
            }

            @Override
            public long tablesGot() {
                return hooks.tablesGot();
            }

            @Override
            public boolean isServed(IpAddress address) {
                return served.contains(address) || hooks.isServed(address);
            }
        };
    }

    /** The addresses that Weir itself has; a service by firewall mark may have any of an instance's. */
    static Set<IpAddress> served(KeepalivedConfig config) {
        final Set<IpAddress> served = new HashSet<>();
        config.services().forEach(service -> served.addAll(service.addresses()));
        if (config.services().stream().anyMatch(ServiceSettings::hasMark)) {
            served.addAll(firstElsewhere(config));
        }
        return served;
    }

    /** Before anything is elected, every address of an instance is elsewhere. */
    static Set<IpAddress> firstElsewhere(KeepalivedConfig config) {
        final Set<IpAddress> addresses = new HashSet<>();
        for (VrrpSettings instance : config.instances()) {
            instance.advertised().forEach(each -> addresses.add(each.address()));
            instance.excluded().forEach(each -> addresses.add(each.address()));
        }
        return addresses;
    }

    /** Goes over to another configuration; checks and virtual routers that are in both go on with what they know. */
    synchronized void reload(KeepalivedConfig config) {
        final HealthMonitor monitor = health;
        final VrrpEngine engine = vrrp;
        final BfdEngine sessions = bfd;
        notifier.reload(config.global());
        served = served(config);
        if (sessions != null) {
            sessions.reload(config.bfdInstances());
        }
        if (monitor != null) {
            monitor.reload(config.services());
        }
        if (engine != null) {
            engine.reload(config);
        }
        try {
            open(config);
        } catch (IOException | RuntimeException e) {
            LOG.error("event=reload problem=\"{}\"", e.getMessage());
        }
    }

    /** What {@code weir health} prints. */
    String report(boolean history) {
        final HealthMonitor monitor = health;
        final VrrpEngine engine = vrrp;
        final BfdEngine sessions = bfd;
        return (engine == null ? "" : engine.report())
                + (sessions == null ? "" : sessions.report())
                + (monitor == null ? "" : monitor.report(history));
    }

    /** The same for Prometheus. */
    AvailabilityMetrics metrics() {
        final HealthMonitor monitor = health;
        final VrrpEngine engine = vrrp;
        final AvailabilityMetrics checked = monitor == null ? AvailabilityMetrics.NONE : monitor.metrics();
        return engine == null
                ? checked
                : new AvailabilityMetrics(checked.quorums(), checked.servers(), checked.checks(), engine.metrics());
    }

    @Override
    public void close() {
        while (!undo.isEmpty()) {
            try {
                undo.pop().close();
            } catch (Exception e) {
                LOG.warn("event=close problem=\"{}\"", e.getMessage());
            }
        }
    }
}
