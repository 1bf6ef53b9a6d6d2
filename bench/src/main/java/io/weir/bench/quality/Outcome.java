package io.weir.bench.quality;

import io.weir.packet.IpAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** What became of the connections of a run, and of their clients' attachment to a server. */
final class Outcome {
    int connections;
    int refused;
    int broken;

    private final Map<IpAddress, Integer> lastServer = new HashMap<>();
    private final Set<IpAddress> judged = new HashSet<>();
    private int stayersSeen;
    private int stayersMoved;
    private int returns;
    private int returnsMoved;

    /**
     * Counts a connection that got a server.
     *
     * @param gone the server that is away, or NONE
     * @param complete all servers have been there since the start
     */
    void connected(IpAddress client, int server, int gone, boolean complete) {
        connections++;
        final Integer before = lastServer.put(client, server);
        if (before == null) {
            judged.add(client);
            return;
        }
        if (complete) {
            returns++;
            returnsMoved += before == server ? 0 : 1;
        } else if (gone >= 0 && judged.add(client) && before != gone) {
            stayersSeen++;
            stayersMoved += before == server ? 0 : 1;
        }
    }

    /** A server goes: from now on each client's next connection is looked at once. */
    void serverGoes() {
        judged.clear();
    }

    double moved() {
        return (double) stayersMoved / stayersSeen;
    }

    double movedAnyway() {
        return (double) returnsMoved / returns;
    }
}
