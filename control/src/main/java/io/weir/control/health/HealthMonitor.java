package io.weir.control.health;

import io.weir.control.keepalived.ServiceCommands;
import io.weir.control.keepalived.ServiceSettings;
import io.weir.control.keepalived.ServiceSettings.Place;
import io.weir.control.metrics.AvailabilityMetrics;
import io.weir.control.notify.ScriptRunner;
import io.weir.dataplane.Answers;
import io.weir.dataplane.PathLane;
import io.weir.packet.IpAddress;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All health checks of a director. What they find goes the way of every command: as ipvsadm lines, so that a listing shows
 * it, and all changes of one turn together.
 *
 * <p><b>Thread</b>: public methods by any; the work is done on {@code weir-health}.
 */
public final class HealthMonitor implements AutoCloseable {
    /** What the checks may do to the director. */
    public interface Editor {
        /** Takes ipvsadm lines; returns what ipvsadm would say against them, "" for nothing. */
        String apply(List<String> lines);

        /** How many connections a server has, also one that was deleted. */
        long connections(Place server);

        /** Ends the connections of a deleted server at once: resets both ends, or forgets them. */
        void end(Place server, boolean reset);

        /** Counts of {@link Answers}: handshakes opened, refused, unanswered; never goes back while the server is known. */
        long[] answers(Place server);

        /**
         * Opens a way for a conversation with this server through its service's path; null if that cannot be.
         *
         * @param protocol of what a socket will send (ProtocolNumbers)
         * @param from whom the server is to see; null: the best choice
         */
        @Nullable
        PathLane lane(Place server, int protocol, @Nullable IpAddress from);

        /** The conversation is over. */
        void leave(PathLane lane);
    }

    private static final Logger LOG = LoggerFactory.getLogger(HealthMonitor.class);
    private static final long ANSWER_WITHIN_S = 5;

    private final CheckLoop loop;
    private final Editor editor;
    private final HealthEvents events;
    private final Map<String, ServiceHealth> services = new LinkedHashMap<>();

    /**
     * Nothing is checked yet.
     *
     * @param bfd is the BFD session of this name up? Asked by {@code weir-health}
     */
    public HealthMonitor(ScriptRunner scripts, Editor editor, HealthEvents events, Predicate<String> bfd)
            throws IOException {
        this.loop = new CheckLoop(scripts, editor, bfd);
        this.editor = editor;
        this.events = events;
    }

    /** Begins to check services whose initial servers are in service. */
    public void start(List<ServiceSettings> settings) {
        for (ServiceSettings each : settings) {
            services.put(each.distinctName(), new ServiceHealth(each, loop, events, editor));
        }
        loop.start(this::publish);
        loop.post(
                () -> services.values().forEach(service -> service.start(ServiceCommands.initial(service.settings()))));
    }

    /** Goes over to another configuration; a check that is in both keeps what it knows. */
    public void reload(List<ServiceSettings> settings) {
        loop.post(() -> {
            final Map<String, ServiceHealth> old = new LinkedHashMap<>(services);
            services.clear();
            for (ServiceSettings each : settings) {
                final ServiceHealth service = new ServiceHealth(each, loop, events, editor);
                final ServiceHealth before = old.remove(each.distinctName());
                if (before == null) {
                    service.start(ServiceCommands.initial(each));
                } else {
                    before.stop();
                    service.takeOver(before);
                    // The reload has put the pool as it is configured into service.
                    service.start(ServiceCommands.initial(each));
                }
                services.put(each.distinctName(), service);
            }
            old.values().forEach(ServiceHealth::stop);
        });
    }

    /** Stops or resumes the checks of services that want it (ha_suspend) while their address is elsewhere. */
    public void suspend(Function<ServiceSettings, Boolean> isElsewhere) {
        loop.post(() -> services.values().stream()
                .filter(service -> service.settings().suspend())
                .forEach(service -> service.suspend(isElsewhere.apply(service.settings()))));
    }

    private void publish() {
        final List<String> lines = new ArrayList<>();
        services.values().forEach(service -> lines.addAll(service.takeLines()));
        if (lines.isEmpty()) {
            return;
        }
        final String problems = editor.apply(lines);
        if (!problems.isEmpty()) {
            LOG.warn("event=health-edit problem=\"{}\"", problems.strip().replace('\n', ' '));
        }
        services.values().forEach(ServiceHealth::endConnections);
    }

    /**
     * What {@code weir health} prints.
     *
     * @param history with the last results of every check
     */
    public String report(boolean history) {
        return ask(
                () -> HealthReport.text(services.values(), history, System.currentTimeMillis()),
                "weir: the health checks do not answer\n");
    }

    /** The same for Prometheus. */
    public AvailabilityMetrics metrics() {
        return ask(() -> HealthReport.metrics(services.values()), AvailabilityMetrics.NONE);
    }

    private <T> T ask(Supplier<T> question, T without) {
        final CompletableFuture<T> answer = new CompletableFuture<>();
        loop.post(() -> answer.complete(question.get()));
        try {
            return answer.get(ANSWER_WITHIN_S, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return without;
        } catch (ExecutionException | TimeoutException e) {
            return without;
        }
    }

    @Override
    public void close() {
        final CompletableFuture<Boolean> stopped = new CompletableFuture<>();
        loop.post(() -> {
            services.values().forEach(ServiceHealth::stop);
            for (ServiceHealth service : services.values()) {
                if (service.settings().omega()) {
                    service.servers().stream()
                            .filter(ServerHealth::isAlive)
                            .forEach(server -> events.server(service.settings(), server.settings(), false, "stopping"));
                    if (service.isQuorumUp()) {
                        events.quorum(service.settings(), false, 0);
                    }
                }
            }
            stopped.complete(true);
        });
        try {
            LOG.debug("event=health-stopped clean={}", stopped.get(ANSWER_WITHIN_S, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.warn("event=health-close problem=\"{}\"", e.getMessage());
        }
        loop.close();
    }
}
