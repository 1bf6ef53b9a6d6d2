package io.weir.control.health;

import io.weir.dataplane.io.linux.RawIpSocket;
import io.weir.packet.IpAddress;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * ICMP echo for all ping checks: one raw socket for each family, opened when it is first needed.
 *
 * <p>An answer counts if it comes from the address asked and carries our identifier, its number and a random word of ours.
 *
 * <p><b>Thread</b>: the health thread; a listener thread only waits and hands over.
 */
final class Pings implements AutoCloseable {
    static final int NO_TICKET = -1;

    private static final int ICMP = 1;
    private static final int ICMPV6 = 58;
    private static final int ECHO_REQUEST4 = 8;
    private static final int ECHO_REQUEST6 = 128;
    private static final int ECHO_REPLY6 = 129;
    private static final int LENGTH = 16;
    private static final int NONCE_AT = 8;
    private static final int WAIT_MS = 200;
    private static final int SEQUENCES = 0xFFFF;

    /** An echo that is out. */
    private record Waiting(IpAddress address, long nonce, Runnable answered) {}

    private final CheckLoop loop;
    private final SecureRandom random = new SecureRandom();
    private final int identifier = random.nextInt() & SEQUENCES;
    private final Map<Integer, Waiting> waiting = new HashMap<>();
    private @Nullable RawIpSocket socket4;
    private @Nullable RawIpSocket socket6;
    private int next;
    private volatile boolean closed;

    Pings(CheckLoop loop) {
        this.loop = loop;
    }

    /** Sends an echo request; {@code answered} runs if it comes back. */
    int send(IpAddress address, Runnable answered) {
        final RawIpSocket socket = socket(!address.isV4());
        do {
            next = next + 1 & SEQUENCES;
        } while (waiting.containsKey(next) && waiting.size() < SEQUENCES);
        final long nonce = random.nextLong();
        waiting.put(next, new Waiting(address, nonce, answered));
        final byte[] packet = new byte[LENGTH];
        packet[0] = (byte) (address.isV4() ? ECHO_REQUEST4 : ECHO_REQUEST6);
        put16(packet, 4, identifier);
        put16(packet, 6, next);
        for (int i = 0; i < Long.BYTES; i++) {
            packet[NONCE_AT + i] = (byte) (nonce >>> Byte.SIZE * i);
        }
        if (address.isV4()) {
            put16(packet, 2, checksum(packet));
        }
        final int ticket = next;
        try {
            socket.send(packet, address, 0);
        } catch (RuntimeException e) {
            waiting.remove(ticket);
            throw e;
        }
        return ticket;
    }

    void forget(int ticket) {
        waiting.remove(ticket);
    }

    private RawIpSocket socket(boolean ipv6) {
        final RawIpSocket known = ipv6 ? socket6 : socket4;
        if (known != null) {
            return known;
        }
        final RawIpSocket opened = new RawIpSocket(ipv6, ipv6 ? ICMPV6 : ICMP);
        if (ipv6) {
            socket6 = opened;
        } else {
            socket4 = opened;
        }
        final Thread listener = new Thread(() -> listen(opened, ipv6), "weir-ping");
        listener.setDaemon(true);
        listener.start();
        return opened;
    }

    private void listen(RawIpSocket socket, boolean ipv6) {
        while (!closed) {
            RawIpSocket.await(List.of(socket), WAIT_MS);
            for (RawIpSocket.Received got = socket.receive(); got != null && !closed; got = socket.receive()) {
                final RawIpSocket.Received packet = got;
                final byte[] bytes = packet.payload();
                if (bytes.length >= LENGTH
                        && bytes[0] == (byte) (ipv6 ? ECHO_REPLY6 : 0)
                        && get16(bytes, 4) == identifier) {
                    loop.post(() -> answered(packet.source(), bytes));
                }
            }
        }
        socket.close();
    }

    private void answered(IpAddress source, byte[] bytes) {
        final Waiting echo = waiting.get(get16(bytes, 6));
        long nonce = 0;
        for (int i = Long.BYTES - 1; i >= 0; i--) {
            nonce = nonce << Byte.SIZE | bytes[NONCE_AT + i] & 0xFF;
        }
        if (echo != null && echo.address().equals(source) && echo.nonce() == nonce) {
            echo.answered().run();
        }
    }

    private static void put16(byte[] into, int at, int value) {
        into[at] = (byte) (value >>> Byte.SIZE);
        into[at + 1] = (byte) value;
    }

    private static int get16(byte[] from, int at) {
        return (from[at] & 0xFF) << Byte.SIZE | from[at + 1] & 0xFF;
    }

    /** RFC 1071. */
    private static int checksum(byte[] bytes) {
        int sum = 0;
        for (int i = 0; i < bytes.length; i += 2) {
            sum += get16(bytes, i);
        }
        sum = (sum & SEQUENCES) + (sum >>> Short.SIZE);
        return ~(sum + (sum >>> Short.SIZE)) & SEQUENCES;
    }

    @Override
    public void close() {
        closed = true;
    }
}
