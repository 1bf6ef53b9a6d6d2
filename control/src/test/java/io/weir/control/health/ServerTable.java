package io.weir.control.health;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.control.keepalived.ServiceSettings.Place;
import io.weir.dataplane.PathLane;
import io.weir.packet.IpAddress;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The servers in service, as health checks without a director have them. */
final class ServerTable implements HealthMonitor.Editor {
    private final Set<String> servers = ConcurrentHashMap.newKeySet();
    private final Set<Place> ended = ConcurrentHashMap.newKeySet();
    private volatile long connections;

    Set<String> servers() {
        return servers;
    }

    /** Those whose connections were ended. */
    Set<Place> ended() {
        return ended;
    }

    void connections(long count) {
        connections = count;
    }

    @Override
    public String apply(List<String> lines) {
        for (String line : lines) {
            final String[] words = line.split(" ", -1);
            if (words[0].equals("-d")) {
                assertTrue(servers.remove(words[4]), line);
            } else if (words[0].equals("-a")) {
                assertTrue(servers.add(words[4]), line);
            }
        }
        return "";
    }

    @Override
    public long connections(Place server) {
        return connections;
    }

    @Override
    public void end(Place server, boolean reset) {
        ended.add(server);
    }

    @Override
    public long[] answers(Place server) {
        return new long[3];
    }

    @Override
    public @Nullable PathLane lane(Place server, int protocol, @Nullable IpAddress from) {
        return null;
    }

    @Override
    public void leave(PathLane lane) {}
}
