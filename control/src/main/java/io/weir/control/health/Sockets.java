package io.weir.control.health;

import io.weir.control.keepalived.ServiceSettings.Endpoint;
import io.weir.dataplane.io.linux.SocketMarks;
import io.weir.packet.IpAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.NetworkChannel;
import java.nio.channels.SocketChannel;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Addresses and failures of sockets in our own terms. */
final class Sockets {
    private static final int STREAM = 1;
    private static final int DATAGRAM = 2;

    private Sockets() {}

    /** The JDK's form of an address; never asks a name server. */
    static InetAddress inet(IpAddress address) {
        try {
            return InetAddress.getByName(address.toString());
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("not an address: " + address, e);
        }
    }

    static InetSocketAddress address(Endpoint endpoint) {
        return new InetSocketAddress(inet(endpoint.address()), endpoint.port());
    }

    static void bind(SocketChannel channel, Endpoint endpoint) throws IOException {
        final InetSocketAddress local = local(endpoint);
        if (local != null) {
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            channel.bind(local);
            mark(channel, STREAM, endpoint);
        }
    }

    static void bind(DatagramChannel channel, Endpoint endpoint) throws IOException {
        final InetSocketAddress local = local(endpoint);
        if (local != null) {
            channel.bind(local);
            mark(channel, DATAGRAM, endpoint);
        }
    }

    private static void mark(NetworkChannel channel, int type, Endpoint endpoint) throws IOException {
        if (hasOptions(endpoint) && channel.getLocalAddress() instanceof InetSocketAddress local) {
            SocketMarks.set(local, type, endpoint.mark(), endpoint.bindInterface());
        }
    }

    private static boolean hasOptions(Endpoint endpoint) {
        return endpoint.mark() != 0 || !endpoint.bindInterface().isEmpty();
    }

    private static @Nullable InetSocketAddress local(Endpoint endpoint) {
        final IpAddress from = endpoint.bindAddress();
        if (from == null && endpoint.bindPort() == 0 && !hasOptions(endpoint)) {
            return null;
        }
        return from == null
                ? new InetSocketAddress(endpoint.bindPort())
                : new InetSocketAddress(inet(from), endpoint.bindPort());
    }

    /** Why something failed, in a few words. */
    static String reason(Exception problem) {
        final String text = problem.getMessage();
        return text == null
                ? problem.getClass().getSimpleName()
                : text.substring(0, 1).toLowerCase(Locale.ROOT) + text.substring(1);
    }
}
