package io.weir.control.vrrp;

import io.weir.control.keepalived.GlobalSettings.SyncDaemonSettings;
import io.weir.control.vrrp.Election.State;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sync daemons follow the instance that {@code lvs_sync_daemon} names: the master sends, the backup listens.
 *
 * <p><b>Thread</b>: {@code weir-vrrp}.
 */
final class SyncRoles {
    private static final Logger LOG = LoggerFactory.getLogger(SyncRoles.class);
    /** How long a backup waits for the table before it preempts; a kernel's director never answers. */
    private static final long TABLE_WITHIN_NS = TimeUnit.SECONDS.toNanos(30);

    private final VrrpEngine.Addresses director;
    private @Nullable SyncDaemonSettings settings;
    private long backupSinceNs;
    private long tablesBefore;

    SyncRoles(VrrpEngine.Addresses director, @Nullable SyncDaemonSettings settings) {
        this.director = director;
        this.settings = settings;
    }

    /** Starts what follows no instance. */
    void start() {
        final SyncDaemonSettings sync = settings;
        if (sync != null && sync.instance() == null) {
            edit(List.of(line(sync, "master", 0), line(sync, "backup", 0)));
        }
    }

    /** Goes over to other settings. */
    void reload(@Nullable SyncDaemonSettings next, List<VrrpInstance> instances) {
        if (Objects.equals(next, settings)) {
            return;
        }
        stop();
        settings = next;
        start();
        instances.forEach(each -> changed(each, each.state()));
    }

    private void stop() {
        // One of them may not run: that refusal is no news.
        final String ignored = director.edit(List.of("--stop-daemon master", "--stop-daemon backup"));
        LOG.debug("event=sync-stop answer=\"{}\"", ignored.strip());
    }

    /** An instance has become something. */
    void changed(VrrpInstance instance, State to) {
        final SyncDaemonSettings sync = settings;
        if (sync == null || !instance.settings().name().equals(sync.instance())) {
            return;
        }
        stop();
        backupSinceNs = System.nanoTime();
        tablesBefore = director.tablesGot();
        instance.election().hold(to == State.BACKUP);
        edit(List.of(line(
                sync,
                to == State.MASTER ? "master" : "backup",
                instance.settings().routerId())));
    }

    /** Connections it was not told about would end when it took their addresses. */
    boolean waitsForTable(VrrpInstance instance, long nowNs) {
        final SyncDaemonSettings sync = settings;
        return sync != null
                && instance.settings().name().equals(sync.instance())
                && instance.state() == State.BACKUP
                && nowNs - backupSinceNs < TABLE_WITHIN_NS
                && director.tablesGot() == tablesBefore;
    }

    private static String line(SyncDaemonSettings sync, String role, int routerId) {
        return "--start-daemon " + role + " --mcast-interface " + sync.interfaceName() + " --syncid "
                + (sync.id() >= 0 ? sync.id() : routerId)
                + (sync.maxLength() > 0 ? " --sync-maxlen " + sync.maxLength() : "")
                + (sync.port() > 0 ? " --mcast-port " + sync.port() : "")
                + (sync.ttl() > 0 ? " --mcast-ttl " + sync.ttl() : "")
                + (sync.group() != null ? " --mcast-group " + sync.group() : "");
    }

    private void edit(List<String> lines) {
        final String problem = director.edit(lines);
        if (!problem.isEmpty()) {
            LOG.warn("event=sync-daemon problem=\"{}\"", problem.strip().replace('\n', ' '));
        }
    }
}
