package io.weir.control.bfd;

import io.weir.control.keepalived.KeepalivedConfig.BfdSettings;
import io.weir.dataplane.io.linux.NativeException;
import io.weir.dataplane.io.linux.SocketMarks;
import io.weir.packet.IpAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All BFD sessions of a director: one thread, a socket to hear for each family, one to speak for each session.
 *
 * <p><b>Thread</b>: {@link #isUp}, {@link #reload}, {@link #report} and {@link #close} by any; the rest is
 * {@code weir-bfd}'s. <b>Source</b>: RFC 5881 (ports, TTL).
 */
public final class BfdEngine implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BfdEngine.class);
    private static final int PORT = 3784;
    private static final int FIRST_SOURCE_PORT = 49_152;
    private static final int LAST_SOURCE_PORT = 65_535;
    private static final int DATAGRAM = 2;
    private static final int MOST_AT_ONCE = 256;
    private static final long LONGEST_WAIT_MS = 1_000;
    private static final long STOP_WITHIN_MS = 2_000;
    /** keepalived sends IPv6 with a hop limit of 64, so that is what a neighbour may have at most. */
    private static final int HOPS6 = 64;

    private static final int TTL = 255;

    /** A session and its socket. */
    private record Link(BfdSession session, DatagramChannel out, InetSocketAddress to) {
        void send(BfdPacket packet) {
            try {
                out.send(packet.encode(), to);
            } catch (IOException e) {
                LOG.debug("event=bfd name={} problem=\"{}\"", session.settings().name(), e.getMessage());
            }
        }
    }

    private final Selector selector;
    private final Random random = new Random();
    private final ConcurrentLinkedQueue<Runnable> posted = new ConcurrentLinkedQueue<>();
    private final List<DatagramChannel> ears = new ArrayList<>();
    private final ByteBuffer packet = ByteBuffer.allocate(2048);
    private final Thread thread = new Thread(this::run, "weir-bfd");
    private volatile List<Link> links = List.of();
    private volatile boolean running = true;

    /** Opens the sockets; nothing is said yet. */
    public BfdEngine(List<BfdSettings> sessions) throws IOException {
        selector = Selector.open();
        try {
            open(sessions, List.of());
        } catch (IOException | RuntimeException e) {
            closeAll();
            throw e;
        }
        thread.setDaemon(true);
    }

    public void start() {
        thread.start();
    }

    /** Is this session up? A session that does not exist is not. */
    public boolean isUp(String name) {
        for (Link each : links) {
            if (each.session().settings().name().equals(name)) {
                return each.session().state() == BfdSession.State.UP;
            }
        }
        return false;
    }

    /** Goes over to other sessions; one that is as it was goes on. */
    public void reload(List<BfdSettings> sessions) {
        posted.add(() -> {
            try {
                open(sessions, links);
            } catch (IOException | NativeException e) {
                LOG.error("event=reload problem=\"bfd: {}\"", e.getMessage());
            }
        });
        selector.wakeup();
    }

    private void open(List<BfdSettings> sessions, List<Link> before) throws IOException {
        final List<Link> after = new ArrayList<>();
        try {
            for (BfdSettings each : sessions) {
                Link same = null;
                for (Link old : before) {
                    same = old.session().settings().equals(each) ? old : same;
                }
                after.add(same == null ? link(each) : same);
            }
        } catch (IOException | RuntimeException e) {
            after.removeAll(before);
            for (Link each : after) {
                each.out().close();
            }
            throw e;
        }
        for (Link old : before) {
            if (!after.contains(old)) {
                old.session().leave();
                old.out().close();
            }
        }
        links = List.copyOf(after);
        for (DatagramChannel ear : ears) {
            ear.close();
        }
        ears.clear();
        hear(true);
        hear(false);
    }

    /** From whom it may be that far away, as the kernel sees it: others' packets do not even get here. */
    private void hear(boolean ipv4) throws IOException {
        int least = TTL;
        boolean any = false;
        for (Link each : links) {
            final BfdSettings settings = each.session().settings();
            if (settings.neighbour().isV4() == ipv4) {
                any = true;
                least = Math.min(least, Math.max(0, (ipv4 ? TTL : HOPS6) - settings.maxHops()));
            }
        }
        if (!any) {
            return;
        }
        final DatagramChannel ear = channel(ipv4, new InetSocketAddress(inet(any(ipv4)), PORT));
        ears.add(ear);
        ear.register(selector, SelectionKey.OP_READ);
        if (least > 0) {
            SocketMarks.leastTtl(local(ear), DATAGRAM, least);
        }
    }

    private static IpAddress any(boolean ipv4) {
        return IpAddress.parse(ipv4 ? "0.0.0.0" : "::");
    }

    private static InetAddress inet(IpAddress address) throws IOException {
        return InetAddress.getByAddress(address.toBytes());
    }

    private static InetSocketAddress local(DatagramChannel channel) throws IOException {
        return (InetSocketAddress) channel.getLocalAddress();
    }

    private static DatagramChannel channel(boolean ipv4, InetSocketAddress local) throws IOException {
        final DatagramChannel channel =
                DatagramChannel.open(ipv4 ? StandardProtocolFamily.INET : StandardProtocolFamily.INET6);
        try {
            channel.configureBlocking(false);
            channel.bind(local);
            return channel;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw new IOException("cannot bind " + local + ": " + e.getMessage(), e);
        }
    }

    private Link link(BfdSettings settings) throws IOException {
        final IpAddress from = settings.source();
        final boolean ipv4 = settings.neighbour().isV4();
        final DatagramChannel out = speaker(ipv4, inet(from == null ? any(ipv4) : from));
        try {
            SocketMarks.ttl(local(out), DATAGRAM, settings.ttl());
        } catch (IOException | RuntimeException e) {
            out.close();
            throw e;
        }
        int discriminator = 0;
        while (discriminator == 0 || isTaken(discriminator)) {
            discriminator = random.nextInt();
        }
        final Link[] made = new Link[1];
        final BfdSession session =
                new BfdSession(settings, discriminator, each -> made[0].send(each), random, System.nanoTime());
        made[0] = new Link(session, out, new InetSocketAddress(inet(settings.neighbour()), PORT));
        return made[0];
    }

    /** On a port that RFC 5881 (section 4) wants, a random one. */
    private DatagramChannel speaker(boolean ipv4, InetAddress from) throws IOException {
        final int ports = LAST_SOURCE_PORT - FIRST_SOURCE_PORT + 1;
        for (int i = 0; i < 100; i++) {
            try {
                return channel(ipv4, new InetSocketAddress(from, FIRST_SOURCE_PORT + random.nextInt(ports)));
            } catch (IOException e) {
                if (i == 99) {
                    throw e;
                }
            }
        }
        throw new IOException("no port to speak from");
    }

    private boolean isTaken(int discriminator) {
        for (Link each : links) {
            if (each.session().discriminator() == discriminator) {
                return true;
            }
        }
        return false;
    }

    private void run() {
        while (running) {
            try {
                selector.select(waitMs());
                selector.selectedKeys().clear();
                for (Runnable task = posted.poll(); task != null; task = posted.poll()) {
                    task.run();
                }
                final long nowNs = System.nanoTime();
                for (DatagramChannel ear : ears) {
                    hear(ear, nowNs);
                }
                links.forEach(each -> tell(each, () -> each.session().onTime(nowNs)));
            } catch (IOException | RuntimeException e) {
                LOG.error("event=bug where=bfd", e);
            }
        }
        links.forEach(each -> each.session().leave());
    }

    private long waitMs() {
        final long nowNs = System.nanoTime();
        long wait = TimeUnit.MILLISECONDS.toNanos(LONGEST_WAIT_MS);
        for (Link each : links) {
            wait = Math.min(wait, each.session().deadlineNs() - nowNs);
        }
        // 0 would wait for ever.
        return Math.max(1, TimeUnit.NANOSECONDS.toMillis(wait));
    }

    /** Takes what waits; a flood is bounded. */
    private void hear(DatagramChannel ear, long nowNs) throws IOException {
        for (int i = 0; i < MOST_AT_ONCE; i++) {
            packet.clear();
            if (!(ear.receive(packet) instanceof InetSocketAddress from)) {
                return;
            }
            packet.flip();
            final BfdPacket decoded = BfdPacket.decode(packet);
            final InetAddress sender = from.getAddress();
            if (decoded == null || sender == null) {
                continue;
            }
            final IpAddress neighbour = IpAddress.ofBytes(sender.getAddress());
            for (Link each : links) {
                final int mine = each.session().discriminator();
                if (each.session().settings().neighbour().equals(neighbour)
                        && (decoded.yours() == 0 || decoded.yours() == mine)) {
                    tell(each, () -> each.session().onPacket(decoded, nowNs));
                }
            }
        }
    }

    private static void tell(Link link, Runnable change) {
        final BfdSession.State before = link.session().state();
        change.run();
        final BfdSession.State after = link.session().state();
        if (before != after) {
            LOG.info(
                    "event=bfd name={} state={} from={}",
                    link.session().settings().name(),
                    after,
                    before);
        }
    }

    /** What {@code weir health} says of the sessions. */
    public String report() {
        final StringBuilder text = new StringBuilder();
        for (Link each : links) {
            final BfdSettings settings = each.session().settings();
            text.append("bfd ")
                    .append(settings.name())
                    .append("  ")
                    .append(each.session().state());
            text.append("  neighbour ").append(settings.neighbour()).append('\n');
        }
        return text.toString();
    }

    private void closeAll() {
        try {
            for (Link each : links) {
                each.out().close();
            }
            for (DatagramChannel ear : ears) {
                ear.close();
            }
            selector.close();
        } catch (IOException e) {
            LOG.warn("event=close problem=\"bfd: {}\"", e.getMessage());
        }
    }

    @Override
    public void close() {
        running = false;
        selector.wakeup();
        try {
            if (thread.isAlive()) {
                thread.join(STOP_WITHIN_MS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        closeAll();
    }
}
