package io.weir.control;

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
    }

    private final Deque<AutoCloseable> undo = new ArrayDeque<>();
    private @Nullable HealthMonitor health;
    private @Nullable VrrpEngine vrrp;

    private Availability() {}

    /** Starts what the configuration asks for; null if that is nothing. */
    static @Nullable Availability start(WeirConfig config, Hooks hooks) throws IOException {
        if (config.keepalived().isEmpty()) {
            return null;
        }
        final Availability availability = new Availability();
        availability.open(config.keepalived(), hooks);
        return availability;
    }

    private void open(KeepalivedConfig config, Hooks hooks) throws IOException {
        final GlobalSettings global = config.global();
        final ScriptRunner scripts = new ScriptRunner(global.scriptUser(), global.scriptGroup());
        undo.push(scripts);
        final Notifier notifier = new Notifier(global, scripts);
        undo.push(notifier);
        if (!config.services().isEmpty()) {
            final HealthMonitor monitor = new HealthMonitor(scripts, hooks, notifier);
            undo.push(monitor);
            health = monitor;
            monitor.start(config.services());
        }
        if (!config.instances().isEmpty()) {
            final Set<IpAddress> served = served(config);
            final VrrpEngine engine = new VrrpEngine(config, addresses(hooks, served), notifier, scripts);
            undo.push(engine);
            vrrp = engine;
            engine.start();
        }
    }

    private VrrpEngine.Addresses addresses(Hooks hooks, Set<IpAddress> served) {
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

    /** Goes over to another configuration; a check that is in both keeps what it knows. */
    void reload(KeepalivedConfig config) {
        if (health != null) {
            health.reload(config.services());
        }
    }

    /** What {@code weir health} prints. */
    String report(boolean history) {
        return (vrrp == null ? "" : vrrp.report()) + (health == null ? "" : health.report(history));
    }

    /** The same for Prometheus. */
    AvailabilityMetrics metrics() {
        final AvailabilityMetrics checked = health == null ? AvailabilityMetrics.NONE : health.metrics();
        return vrrp == null
                ? checked
                : new AvailabilityMetrics(checked.quorums(), checked.servers(), checked.checks(), vrrp.metrics());
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
