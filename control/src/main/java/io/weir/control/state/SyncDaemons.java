package io.weir.control.state;

import io.weir.control.state.StateException.Reason;
import io.weir.dataplane.Sysctls;
import io.weir.dataplane.sync.SyncRoles;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The sync daemons: at most one master and one backup.
 *
 * <p><b>Thread</b>: the director's. <b>Source</b>: start_sync_thread() and stop_sync_thread() of the Linux kernel.
 */
final class SyncDaemons {
    private final List<SyncDaemon> running = new ArrayList<>();
    private int ports = 1;
    private DaemonHost host = DaemonHost.NONE;

    boolean isEmpty() {
        return running.isEmpty();
    }

    /** Master first. */
    List<SyncDaemon> list() {
        return Collections.unmodifiableList(running);
    }

    /** The number of ports is that of when the first was started. */
    SyncRoles roles() {
        return new SyncRoles(
                running.stream().anyMatch(SyncDaemon::master), running.stream().anyMatch(d -> !d.master()), ports);
    }

    void start(SyncDaemon asked, Surroundings surroundings, Sysctls sysctls) throws StateException {
        if (!surroundings.hasInterface(asked.interfaceName())) {
            throw new StateException(Reason.NO_DEVICE);
        }
        if (running.stream().anyMatch(d -> d.master() == asked.master())) {
            throw new StateException(Reason.EXISTS);
        }
        if (running.isEmpty()) {
            ports = sysctls.value("sync_ports");
        }
        final int length = SyncDaemon.messageLength(
                asked.master(), asked.maxLength(), asked.group(), surroundings.mtu(asked.interfaceName()));
        final SyncDaemon daemon = asked.withLength(length);
        host.start(daemon, ports, sysctls);
        running.add(asked.master() ? 0 : running.size(), daemon);
    }

    void stop(boolean master) throws StateException {
        if (!running.removeIf(d -> d.master() == master)) {
            throw new StateException(Reason.NO_SERVICE);
        }
        host.stop(master);
    }

    void stopAll() {
        while (!running.isEmpty()) {
            host.stop(running.remove(0).master());
        }
    }

    /** From now on they run there; those that are listed already are started. */
    void runOn(DaemonHost newHost, Sysctls sysctls) throws StateException {
        for (SyncDaemon daemon : running) {
            newHost.start(daemon, ports, sysctls);
        }
        host = newHost;
    }
}
