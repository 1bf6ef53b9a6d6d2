package io.weir.control.config;

import io.weir.conntrack.StateTimeouts;
import io.weir.control.keepalived.KeepalivedConfig;
import io.weir.dataplane.WorkerOptions;
import io.weir.packet.IpAddress;
import io.weir.sched.Schedulers;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What {@code weir.yaml} says, each value checked on its own; {@code docs/examples} has one commented file for every
 * topology.
 *
 * @param name of this director: its control socket is {@code /run/weir/NAME.sock}
 * @param interfaces at least one
 * @param routes none means the kernel's
 * @param neighbours static entries; others are resolved
 * @param vips answered for besides the services' own addresses; firewall-mark services need it
 * @param commands every service, as ipvsadm restore lines in order
 * @param marks iptables rules that set firewall marks
 * @param localAddresses FULLNAT local addresses (LIPs) for all services
 * @param worker how the packet thread runs
 * @param control who may give commands
 * @param state where the table is saved
 * @param metrics where Prometheus asks
 * @param keepalived what is checked, elected and told; its services are among the commands
 * @param plugins schedulers of the user's own, tried and loaded
 */
public record WeirConfig(
        String name,
        List<Interface> interfaces,
        List<Route> routes,
        List<Neighbour> neighbours,
        List<Network> vips,
        Table table,
        Ring ring,
        WorkerOptions worker,
        Map<String, Sysctl> sysctls,
        Timeouts timeouts,
        List<SourceLine> commands,
        List<SourceLine> marks,
        List<Local> localAddresses,
        Control control,
        State state,
        Metrics metrics,
        KeepalivedConfig keepalived,
        Schedulers.Plugins plugins) {

    /**
     * One device.
     *
     * @param device its URI: {@code auto:eth0}, {@code afpacket:eth0}, {@code xdp:eth0}, {@code tun:weir0}, with options after a question mark
     * @param addresses of a TUN device, given to the kernel; other devices have theirs already
     */
    public record Interface(int line, String device, List<Network> addresses) {
        /** The part before the colon. */
        public String scheme() {
            return device.substring(0, device.indexOf(':'));
        }

        /** The kernel's name of it. */
        public String name() {
            final int options = device.indexOf('?');
            return device.substring(device.indexOf(':') + 1, options < 0 ? device.length() : options);
        }
    }

    /**
     * An address with a prefix length.
     *
     * @param length in the address's own family
     */
    public record Network(IpAddress address, int length) {}

    /** A route; without a gateway the network is on link. */
    public record Route(int line, Network to, @Nullable IpAddress via, String interfaceName) {}

    /** A static neighbour. */
    public record Neighbour(int line, IpAddress address, long mac, String interfaceName) {}

    /**
     * The connection table.
     *
     * @param size connections it holds
     * @param file keeps them over a restart; null is memory only
     */
    public record Table(int size, @Nullable Path file) {}

    /**
     * The receive and transmit rings of packet sockets.
     *
     * @param throughput more packets a second, with a millisecond of delay
     * @param slots 0 for the device's own choice
     */
    public record Ring(boolean throughput, int slots) {}

    /**
     * The control socket.
     *
     * @param group may use it besides the owner; null is nobody
     */
    public record Control(@Nullable String group) {}

    /**
     * What commands have changed, on disk.
     *
     * @param file null is not at all
     */
    public record State(@Nullable Path file) {}

    /**
     * The endpoint for Prometheus.
     *
     * @param address null is none
     */
    public record Metrics(@Nullable IpAddress address, int port) {}

    /** A sysctl's value as written, with its line. */
    public record Sysctl(int line, String value) {}

    /**
     * {@code ipvsadm --set}, in seconds; 0 leaves the default.
     *
     * @param states of single states, which ipvsadm cannot set
     */
    public record Timeouts(int tcp, int tcpFin, int udp, StateTimeouts states) {}

    /** A line of a command language, and where it came from. */
    public record SourceLine(int line, String field, String text) {}

    /** A FULLNAT local address. */
    public record Local(int line, IpAddress address) {}
}
