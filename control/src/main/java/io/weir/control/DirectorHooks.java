package io.weir.control;

import io.weir.control.keepalived.ServiceSettings.Place;
import io.weir.dataplane.PathLane;
import io.weir.dataplane.sync.SyncCounters;
import io.weir.packet.IpAddress;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the health checks and VRRP may do to a director; each call is one turn. <b>Thread</b>: theirs. */
final class DirectorHooks implements Availability.Hooks {
    private static final Logger LOG = LoggerFactory.getLogger(DirectorHooks.class);

    private final Director director;
    private final ServicePaths paths = new ServicePaths();
    /** Why a server cannot be asked through its service's path, as it was logged. */
    private final Map<Place, String> obstacles = new ConcurrentHashMap<>();

    DirectorHooks(Director director) {
        this.director = director;
    }

    @Override
    public String apply(List<String> lines) {
        return director.edit(lines);
    }

    @Override
    public long connections(Place server) {
        try {
            return director.alone(
                    live -> ServerConnections.count(live.commands().state(), server));
        } catch (RunException e) {
            LOG.debug("event=connections problem=\"{}\"", e.getMessage());
            return 0;
        }
    }

    @Override
    public void end(Place server, boolean reset) {
        try {
            final int count = director.alone(live -> ServerConnections.end(
                    live.commands().state(),
                    director.dataPlane(),
                    entry -> ServerConnections.isOf(entry, server),
                    reset));
            LOG.info(
                    "event=end-connections server={} port={} reset={} entries={}",
                    server.address(),
                    server.port(),
                    reset,
                    count);
        } catch (RunException e) {
            LOG.debug("event=end-connections problem=\"{}\"", e.getMessage());
        }
    }

    @Override
    public long[] answers(Place server) {
        try {
            return director.alone(
                    live -> ServerConnections.answers(live.commands().state(), director.answers(), server));
        } catch (RunException e) {
            LOG.debug("event=answers problem=\"{}\"", e.getMessage());
            return new long[ServerConnections.ANSWERS];
        }
    }

    @Override
    public @Nullable PathLane lane(Place server, int protocol, @Nullable IpAddress from) {
        try {
            final PathFinder.Found found =
                    director.alone(live -> PathFinder.find(live, director.sight(), server, protocol));
            final PathLane.Way way = found.way();
            if (way != null) {
                obstacles.remove(server);
                return paths.open(director.dataPlane(), way, protocol, from);
            }
            if (!found.obstacle().equals(obstacles.put(server, found.obstacle()))) {
                LOG.info(
                        "event=path-check server={} port={} problem=\"{}\" consequence=\"the check goes directly\"",
                        server.address(),
                        server.port(),
                        found.obstacle());
            }
            return null;
        } catch (RunException e) {
            LOG.debug("event=lane problem=\"{}\"", e.getMessage());
            return null;
        }
    }

    @Override
    public void leave(PathLane lane) {
        paths.leave(lane);
    }

    @Override
    public void close() {
        paths.close(director.dataPlane());
    }

    @Override
    public void elsewhere(Set<IpAddress> addresses) {
        director.elsewhere(addresses);
    }

    @Override
    public long tablesGot() {
        return director.syncCount(SyncCounters.TABLES_GOT);
    }

    @Override
    public boolean isServed(IpAddress address) {
        return director.isServed(address);
    }
}
