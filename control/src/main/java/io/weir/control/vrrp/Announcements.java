package io.weir.control.vrrp;

import io.weir.control.keepalived.KeepalivedConfig.GarpGroup;
import io.weir.dataplane.io.linux.NativeException;
import io.weir.packet.IpAddress;
import java.io.IOException;
import java.net.NetworkInterface;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gratuitous ARPs and unsolicited neighbour advertisements of all instances, each in its turn: between two on one interface
 * lies {@code vrrp_garp_interval} or {@code vrrp_gna_interval}, or that of a {@code garp_group}, whose interfaces share one
 * queue.
 *
 * <p><b>Thread</b>: {@code weir-vrrp}. <b>Bounded</b>: what a queue has no room for is dropped and logged.
 */
final class Announcements implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Announcements.class);
    private static final int MOST_WAITING = 20_000;

    /** One that waits. */
    private record Waiting(VrrpInstance instance, Announcer announcer, IpAddress address) {}

    /** What goes out over an interface, or a group of them. */
    private static final class Lane {
        private final long garpNs;
        private final long gnaNs;
        private final Deque<Waiting> waiting = new ArrayDeque<>();
        private long nextNs;

        Lane(long garpMs, long gnaMs) {
            this.garpNs = TimeUnit.MILLISECONDS.toNanos(garpMs);
            this.gnaNs = TimeUnit.MILLISECONDS.toNanos(gnaMs);
        }

        long betweenNs(IpAddress address) {
            return address.isV4() ? garpNs : gnaNs;
        }
    }

    private final Map<String, Announcer> announcers = new HashMap<>();
    private final Map<String, Lane> lanes = new HashMap<>();
    private long garpMs;
    private long gnaMs;

    /** Other intervals from now on; what waits is said at once. */
    void pace(long everyGarpMs, long everyGnaMs, List<GarpGroup> groups) {
        lanes.values().forEach(lane -> {
            lane.waiting.forEach(Announcements::say);
            lane.waiting.clear();
        });
        lanes.clear();
        this.garpMs = everyGarpMs;
        this.gnaMs = everyGnaMs;
        for (GarpGroup group : groups) {
            final Lane lane = new Lane(
                    group.garpIntervalMs() < 0 ? everyGarpMs : group.garpIntervalMs(),
                    group.gnaIntervalMs() < 0 ? everyGnaMs : group.gnaIntervalMs());
            group.interfaces().forEach(each -> lanes.put(each, lane));
        }
    }

    /** Opens what an interface takes; one without link addresses, or that is not there, is left out. */
    void open(String device) {
        if (announcers.containsKey(device)) {
            return;
        }
        try {
            final NetworkInterface found = NetworkInterface.getByName(device);
            final byte[] hardware = found == null ? null : found.getHardwareAddress();
            if (found != null && hardware != null) {
                long mac = 0;
                for (byte octet : hardware) {
                    mac = mac << Byte.SIZE | octet & 0xFF;
                }
                announcers.put(device, new Announcer(device, found.getIndex(), mac));
            }
        } catch (IOException | NativeException e) {
            LOG.warn("event=announce interface={} problem=\"{}\"", device, e.getMessage());
        }
    }

    /** Says it as soon as the interface's interval lets it. */
    void add(VrrpInstance instance, String device, IpAddress address) {
        final Announcer announcer = announcers.get(device);
        if (announcer == null) {
            return;
        }
        final Lane lane = lanes.computeIfAbsent(device, name -> new Lane(garpMs, gnaMs));
        final Waiting waiting = new Waiting(instance, announcer, address);
        if (lane.betweenNs(address) == 0) {
            say(waiting);
        } else if (lane.waiting.size() < MOST_WAITING) {
            lane.waiting.add(waiting);
        } else {
            LOG.warn("event=announce interface={} problem=\"{} wait already\"", device, MOST_WAITING);
        }
    }

    /** An instance that is no longer master says nothing any more. */
    void forget(VrrpInstance instance) {
        lanes.values()
                .forEach(lane -> lane.waiting.removeIf(each -> each.instance().equals(instance)));
    }

    /** When {@link #onTime} wants to be called; Long.MAX_VALUE for never. */
    long deadlineNs() {
        long first = Long.MAX_VALUE;
        for (Lane lane : lanes.values()) {
            if (!lane.waiting.isEmpty()) {
                first = first == Long.MAX_VALUE || lane.nextNs - first < 0 ? lane.nextNs : first;
            }
        }
        return first;
    }

    void onTime(long nowNs) {
        for (Lane lane : new HashSet<>(lanes.values())) {
            for (Waiting next = lane.waiting.peek();
                    next != null && nowNs - lane.nextNs >= 0;
                    next = lane.waiting.peek()) {
                lane.waiting.remove();
                say(next);
                lane.nextNs = nowNs + lane.betweenNs(next.address());
            }
        }
    }

    private static void say(Waiting waiting) {
        try {
            waiting.announcer().announce(waiting.address());
        } catch (NativeException e) {
            waiting.instance().refuse("cannot announce: " + e.getMessage());
        }
    }

    /** Leaves only what these interfaces take. */
    void keep(Collection<String> devices) {
        final Map<String, Announcer> gone = new HashMap<>(announcers);
        gone.keySet().removeAll(devices);
        gone.forEach((device, announcer) -> {
            announcers.remove(device);
            final @Nullable Lane lane = lanes.get(device);
            if (lane != null) {
                lane.waiting.removeIf(each -> each.announcer().equals(announcer));
            }
            announcer.close();
        });
    }

    @Override
    public void close() {
        announcers.values().forEach(Announcer::close);
        announcers.clear();
        lanes.clear();
    }
}
