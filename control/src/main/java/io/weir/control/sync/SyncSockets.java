package io.weir.control.sync;

import io.weir.control.state.SyncDaemon;
import io.weir.dataplane.io.linux.InterfaceControl;
import io.weir.packet.IpAddress;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.DatagramChannel;

/**
 * Opens the sockets of a daemon, set up as the kernel's are; none of them blocks.
 *
 * <p><b>Fails</b>: IOException with what the system says; nothing is left open then.
 *
 * <p><b>Source</b>: make_send_sock() and make_receive_sock() of the Linux kernel.
 */
final class SyncSockets {
    private SyncSockets() {}

    /** Sends to the group by the daemon's interface, and does not hear itself. */
    static DatagramChannel sender(SyncDaemon daemon, int port, int bufferBytes) throws IOException {
        final NetworkInterface via = via(daemon);
        final DatagramChannel channel = DatagramChannel.open(family(daemon));
        try {
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.IP_MULTICAST_IF, via);
            channel.setOption(StandardSocketOptions.IP_MULTICAST_LOOP, false);
            channel.setOption(StandardSocketOptions.IP_MULTICAST_TTL, daemon.ttl());
            if (bufferBytes > 0) {
                channel.setOption(StandardSocketOptions.SO_SNDBUF, bufferBytes);
            }
            if (daemon.group().isV4()) {
                channel.bind(new InetSocketAddress(address4(via), 0));
            }
            channel.connect(new InetSocketAddress(group(daemon, via), daemon.port() + port));
            return channel;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** Hears what comes to the group on the daemon's interface. */
    static DatagramChannel receiver(SyncDaemon daemon, int port, int bufferBytes) throws IOException {
        final NetworkInterface via = via(daemon);
        final DatagramChannel channel = DatagramChannel.open(family(daemon));
        try {
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            if (bufferBytes > 0) {
                channel.setOption(StandardSocketOptions.SO_RCVBUF, bufferBytes);
            }
            final InetAddress group = group(daemon, via);
            channel.bind(new InetSocketAddress(group, daemon.port() + port));
            channel.join(group, via);
            return channel;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static StandardProtocolFamily family(SyncDaemon daemon) {
        return daemon.group().isV4() ? StandardProtocolFamily.INET : StandardProtocolFamily.INET6;
    }

    private static NetworkInterface via(SyncDaemon daemon) throws IOException {
        final NetworkInterface found = NetworkInterface.getByName(daemon.interfaceName());
        if (found == null) {
            throw new IOException("no such interface: " + daemon.interfaceName());
        }
        return found;
    }

    private static InetAddress group(SyncDaemon daemon, NetworkInterface via) throws IOException {
        final byte[] bytes = daemon.group().toBytes();
        return daemon.group().isV4()
                ? InetAddress.getByAddress(bytes)
                : Inet6Address.getByAddress(null, bytes, via.getIndex());
    }

    /** As inet_select_addr(): a later one may be a virtual address that other directors have by now. */
    private static InetAddress address4(NetworkInterface via) throws IOException {
        try (InterfaceControl control = new InterfaceControl(via.getName())) {
            final IpAddress first = control.firstAddress4();
            if (first == null) {
                throw new IOException("interface without an IPv4 address: " + via.getName());
            }
            return InetAddress.getByAddress(first.toBytes());
        }
    }
}
