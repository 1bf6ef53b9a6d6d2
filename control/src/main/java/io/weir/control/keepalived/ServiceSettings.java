package io.weir.control.keepalived;

import io.weir.control.keepalived.KeepalivedConfig.Script;
import io.weir.packet.IpAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A {@code virtual_server}: what ipvsadm must know of it, and how its real servers are watched.
 *
 * @param line where it stands
 * @param name for people: {@code [192.0.2.1]:tcp:80}, as keepalived writes it
 * @param keys ipvsadm's words for every address it has: {@code -t 192.0.2.1:80}; more than one if it is of a group
 * @param options ipvsadm's words after the key: {@code -s wrr -p 60}
 * @param localAddresses FULLNAT local addresses for this service alone
 * @param omega run the down scripts when the director stops
 * @param quorum the weight that must live
 * @param failure what becomes of the connections of a server that is down
 * @param drainMs how long a server may drain, milliseconds
 * @param panic what is done when no server is alive
 */
public record ServiceSettings(
        String file,
        int line,
        String name,
        List<String> keys,
        String options,
        List<IpAddress> localAddresses,
        List<ServerSettings> servers,
        @Nullable ServerSettings sorry,
        int quorum,
        int hysteresis,
        boolean omega,
        boolean suspend,
        boolean mail,
        @Nullable Script quorumUp,
        @Nullable Script quorumDown,
        FailureAction failure,
        long drainMs,
        PanicRule panic) {

    /** The virtual addresses it has. */
    public List<IpAddress> addresses() {
        return keys.stream()
                .filter(key -> !key.startsWith(MARK))
                .map(key -> key.substring(key.indexOf(' ') + 1, key.lastIndexOf(':'))
                        .replaceAll("[\\[\\]]", ""))
                .map(IpAddress::parse)
                .toList();
    }

    /** Is it known by a firewall mark? */
    public boolean hasMark() {
        return keys.stream().anyMatch(key -> key.startsWith(MARK));
    }

    /** As keepalived writes it: tcp, udp, sctp. */
    public String protocol() {
        final String key = keys.isEmpty() ? "" : keys.get(0);
        return key.startsWith("-u") ? "udp" : key.startsWith("--sctp") ? "sctp" : "tcp";
    }

    /**
     * The name, where keepalived gives the same one to several services: a group may be that of a TCP service and of a UDP
     * one, a firewall mark that of either family.
     */
    public String distinctName() {
        if (name.startsWith("group ") && !protocol().equals("tcp")) {
            return name + ":" + protocol();
        }
        return hasMark() && keys.get(0).endsWith(" -6") ? name + " ipv6" : name;
    }

    private static final String MARK = "-f";

    /** What becomes of the connections of a server that is down. */
    public enum FailureAction {
        /** As keepalived: the server leaves the service; its connections live while the server answers. */
        REMOVE,
        /** Weight 0: connections go on, new ones go elsewhere; keepalived's inhibit_on_failure. */
        KEEP,
        /** Weight 0 until its connections have ended, or for a while; then removed. */
        DRAIN,
        /** Removed, and both ends of its connections are reset; flows without a connection are forgotten. */
        RESET,
        /** Removed and its connections forgotten: what can go on at another server does with its next packet. */
        MOVE
    }

    /** What is done when no server is alive. */
    public enum PanicRule {
        /** As keepalived: the sorry server, or no server. */
        NONE,
        /** All servers stay in service: if all checks fail at once, the checks are more likely wrong than the servers. */
        ALL
    }

    /**
     * A real server.
     *
     * @param words ipvsadm's words after the service's: {@code 10.0.0.1:80 -m} with thresholds, without the weight
     * @param weight as configured
     * @param inhibit weight 0 instead of removal
     */
    public record ServerSettings(
            int line,
            IpAddress address,
            int port,
            String words,
            int weight,
            boolean inhibit,
            boolean alpha,
            boolean mail,
            @Nullable Script up,
            @Nullable Script down,
            List<CheckSettings> checks) {}

    /**
     * A real server within its service.
     *
     * @param keys the service in ipvsadm's words, one for each of its addresses
     */
    public record Place(List<String> keys, IpAddress address, int port) {
        /** Is it a TCP service, known by its address? */
        public boolean isTcp() {
            return keys.stream().allMatch(key -> key.startsWith("-t"));
        }
    }

    /**
     * One check of a real server.
     *
     * @param kind its keyword: TCP_CHECK
     * @param options what its kind has read
     * @param throughPath the server is asked in the way of the service's traffic
     */
    public record CheckSettings(
            int line,
            CheckKind kind,
            Endpoint endpoint,
            CheckTimers timers,
            Object options,
            Place place,
            boolean throughPath) {
        /** Does its whole conversation go in the way of the service's traffic? Else a handshake does, before it. */
        public boolean isWholeThroughPath() {
            return throughPath
                    && kind.asksService()
                    && endpoint.port() == place.port()
                    && endpoint.address().equals(place.address());
        }

        /** The same check, straight to another place. */
        public CheckSettings at(Endpoint other) {
            return new CheckSettings(line, kind, other, timers, options, place, false);
        }
    }

    /**
     * Where a check goes, and from where.
     *
     * @param bindAddress null: any
     * @param bindPort 0: any
     * @param bindInterface "": any
     * @param mark of the packets, 0: none
     */
    public record Endpoint(
            IpAddress address,
            int port,
            @Nullable IpAddress bindAddress,
            int bindPort,
            String bindInterface,
            int mark) {}
}
