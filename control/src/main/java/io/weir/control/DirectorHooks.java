package io.weir.control;

import io.weir.control.health.HealthMonitor;
import io.weir.packet.IpAddress;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the health checks and VRRP may do to a director; each call is one turn. <b>Thread</b>: theirs. */
final class DirectorHooks implements Availability.Hooks {
    private static final Logger LOG = LoggerFactory.getLogger(DirectorHooks.class);

    private final Director director;

    DirectorHooks(Director director) {
        this.director = director;
    }

    @Override
    public String edit(List<String> lines) {
        return director.edit(lines);
    }

    @Override
    public long connections(HealthMonitor.Server server) {
        try {
            return director.alone(
                    live -> ServerConnections.count(live.commands().state(), server));
        } catch (RunException e) {
            LOG.debug("event=connections problem=\"{}\"", e.getMessage());
            return 0;
        }
    }

    @Override
    public void end(HealthMonitor.Server server, boolean reset) {
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
    public void elsewhere(Set<IpAddress> addresses) {
        director.elsewhere(addresses);
    }

    @Override
    public boolean isServed(IpAddress address) {
        return director.isServed(address);
    }
}
