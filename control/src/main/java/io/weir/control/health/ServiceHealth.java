package io.weir.control.health;

import io.weir.control.keepalived.ServiceSettings;
import io.weir.control.keepalived.ServiceSettings.FailureAction;
import io.weir.control.keepalived.ServiceSettings.Place;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One service: its servers, its quorum, and so its pool.
 *
 * <p>As keepalived does it: the quorum is lost when the weight of the living falls below quorum less hysteresis (or to
 * nothing), and gained when it reaches quorum plus hysteresis. Without a quorum and with a sorry server, that one serves
 * alone; without a sorry server the living go on.
 *
 * <p><b>Thread</b>: {@code weir-health}.
 */
final class ServiceHealth {
    private static final Logger LOG = LoggerFactory.getLogger(ServiceHealth.class);
    private static final long DRAIN_LOOK_MS = 1_000;

    private final ServiceSettings settings;
    private final List<ServerHealth> servers = new ArrayList<>();
    private final CheckLoop loop;
    private final HealthEvents events;
    private final HealthMonitor.Editor editor;
    private final List<ServerHealth> toEnd = new ArrayList<>();
    private boolean stopped;
    private Map<String, Integer> applied = new LinkedHashMap<>();
    private boolean quorumUp;
    private boolean dirty;

    ServiceHealth(ServiceSettings settings, CheckLoop loop, HealthEvents events, HealthMonitor.Editor editor) {
        this.settings = settings;
        this.loop = loop;
        this.events = events;
        this.editor = editor;
        settings.servers().forEach(server -> servers.add(new ServerHealth(server, settings.name(), loop)));
        quorumUp = weight() >= (long) settings.quorum() + settings.hysteresis();
    }

    /** Takes over from the service it was before a reload; its pool is what that one had. */
    void takeOver(ServiceHealth before) {
        for (ServerHealth server : servers) {
            before.servers.stream()
                    .filter(old -> old.name().equals(server.name()))
                    .findFirst()
                    .ifPresent(server::takeOver);
        }
        quorumUp = before.quorumUp;
        updateQuorum();
    }

    /**
     * Begins to check.
     *
     * @param inService the pool that is in force already
     */
    void start(Map<String, Integer> inService) {
        applied = new LinkedHashMap<>(inService);
        dirty = true;
        servers.forEach(server -> server.start(this::changed));
    }

    void stop() {
        stopped = true;
        servers.forEach(ServerHealth::stop);
    }

    /** The pool as it should be now. */
    Map<String, Integer> wanted() {
        final boolean sorryIn = settings.sorry() != null && !quorumUp;
        return Pool.wanted(settings, servers, sorryIn, servers.stream().noneMatch(ServerHealth::isAlive));
    }

    private void changed() {
        for (ServerHealth server : servers) {
            final boolean up = server.isUp();
            if (up != server.isAlive()) {
                server.alive(up);
                LOG.info(
                        "event=server service={} server={} state={} why=\"{}\"",
                        settings.name(),
                        server.name(),
                        up ? "up" : "down",
                        server.why());
                events.server(settings, server.settings(), up, server.why());
                endsOrDrains(server);
            }
        }
        updateQuorum();
        dirty = true;
    }

    private void endsOrDrains(ServerHealth server) {
        toEnd.remove(server);
        server.draining(false);
        if (server.isAlive() || server.settings().inhibit()) {
            return;
        }
        switch (settings.failure()) {
            case RESET, MOVE -> toEnd.add(server);
            case DRAIN -> {
                server.draining(true);
                drain(server, settings.drainMs());
            }
            default -> {}
        }
    }

    private void drain(ServerHealth server, long leftMs) {
        loop.after(Math.min(DRAIN_LOOK_MS, leftMs), () -> {
            if (stopped || !server.isDraining()) {
                return;
            }
            final long left = editor.connections(of(server));
            if (left > 0 && leftMs > DRAIN_LOOK_MS) {
                drain(server, leftMs - DRAIN_LOOK_MS);
                return;
            }
            LOG.info("event=drained service={} server={} left={}", settings.name(), server.name(), left);
            server.draining(false);
            dirty = true;
        });
    }

    /** After the lines of {@link #takeLines} were applied: the servers that went take their connections with them. */
    void endConnections() {
        for (ServerHealth server : toEnd) {
            if (!applied.containsKey(server.settings().words())) {
                editor.end(of(server), settings.failure() == FailureAction.RESET);
            }
        }
        toEnd.clear();
    }

    private Place of(ServerHealth server) {
        return new Place(
                settings.keys(), server.settings().address(), server.settings().port());
    }

    private void updateQuorum() {
        final long weight = weight();
        final long lower = (long) settings.quorum() - settings.hysteresis();
        final long upper = (long) settings.quorum() + settings.hysteresis();
        if (quorumUp ? weight == 0 || weight < lower : weight >= upper) {
            quorumUp = !quorumUp;
            LOG.info(
                    "event=quorum service={} state={} weight={} quorum={} hysteresis={}",
                    settings.name(),
                    quorumUp ? "up" : "down",
                    weight,
                    settings.quorum(),
                    settings.hysteresis());
            events.quorum(settings, quorumUp, weight);
        }
    }

    private long weight() {
        return servers.stream()
                .filter(ServerHealth::isAlive)
                .mapToLong(ServerHealth::weight)
                .sum();
    }

    /** The lines that make the pool what it should be; they count as applied. Empty if nothing has changed. */
    List<String> takeLines() {
        if (!dirty) {
            return List.of();
        }
        dirty = false;
        final Map<String, Integer> wanted = wanted();
        final List<String> lines = Pool.lines(settings.keys(), applied, wanted);
        applied = wanted;
        return lines;
    }

    Map<String, Integer> applied() {
        return applied;
    }

    void suspend(boolean on) {
        servers.forEach(server -> server.suspend(on));
    }

    ServiceSettings settings() {
        return settings;
    }

    List<ServerHealth> servers() {
        return servers;
    }

    boolean isQuorumUp() {
        return quorumUp;
    }
}
