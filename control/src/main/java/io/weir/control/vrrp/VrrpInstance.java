package io.weir.control.vrrp;

import io.weir.control.keepalived.KeepalivedConfig.VirtualAddress;
import io.weir.control.keepalived.VrrpSettings;
import io.weir.control.vrrp.Election.State;
import io.weir.dataplane.io.linux.InterfaceControl;
import io.weir.dataplane.io.linux.NativeException;
import io.weir.dataplane.io.linux.RawIpSocket;
import io.weir.packet.IpAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One virtual router: its election, its sockets, its announcements.
 *
 * <p>Adverts that are not for it, or not from whom they should be, are counted by reason and logged once in a while.
 *
 * <p><b>Thread</b>: {@code weir-vrrp}.
 */
final class VrrpInstance implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(VrrpInstance.class);
    private static final int TTL = 255;
    private static final int IPV6_BYTES = 16;
    private static final long SECOND_MS = 1_000;
    private static final int MOST_BURSTS = 8;

    private final VrrpSettings settings;
    private final VrrpInstances instances;
    private final Election election;
    private final RawIpSocket hears;
    private final RawIpSocket says;
    private final IpAddress source;
    private final int interfaceIndex;
    private final Announcements announcements;
    private final Map<String, Long> refused = new HashMap<>();
    private boolean bound;
    private String lacks = "";
    private @Nullable IpAddress lastMaster;
    private final Bursts bursts = new Bursts();
    private final AdvertChecks checks;

    VrrpInstance(VrrpSettings settings, VrrpInstances instances, Announcements announcements) throws IOException {
        this.settings = settings;
        this.instances = instances;
        this.announcements = announcements;
        final NetworkInterface device = NetworkInterface.getByName(settings.interfaceName());
        if (device == null) {
            throw new IOException(
                    "vrrp_instance " + settings.name() + ": no such interface: " + settings.interfaceName());
        }
        interfaceIndex = device.getIndex();
        source = settings.source() == null ? firstAddress(device, settings.ipv6()) : settings.source();
        final boolean ipv6 = !source.isV4();
        hears = new RawIpSocket(ipv6, VrrpPacket.PROTOCOL);
        says = new RawIpSocket(ipv6, VrrpPacket.PROTOCOL);
        hears.bindToDevice(settings.interfaceName());
        says.bindToDevice(settings.interfaceName());
        says.deaf();
        bind();
        if (settings.peers().isEmpty()) {
            hears.multicast(interfaceIndex, TTL);
            hears.join(settings.group(), interfaceIndex);
            says.multicast(interfaceIndex, TTL);
        } else {
            says.unicastTtl(settings.unicastTtl());
        }
        checks = new AdvertChecks(
                settings, TimeUnit.NANOSECONDS.toMillis(rules(settings).advertNs()));
        election = new Election(rules(settings), settings.priority(), new Decisions());
        devices().forEach(announcements::open);
    }

    /** An address that is not there yet may come. */
    private void bind() {
        try {
            says.bind(source, interfaceIndex);
            bound = true;
        } catch (NativeException e) {
            LOG.warn("event=vrrp instance={} problem=\"{}\"", settings.name(), e.getMessage());
        }
    }

    /**
     * Does it lack the address it speaks from? Once it could speak, that counts only with {@code track_src_ip}, as in
     * keepalived.
     */
    boolean lacksSource() {
        if (bound && !settings.trackSource()) {
            return false;
        }
        try {
            if (NetworkInterface.getByInetAddress(InetAddress.getByAddress(source.toBytes())) == null) {
                return true;
            }
        } catch (IOException e) {
            return true;
        }
        if (!bound) {
            bind();
        }
        return !bound;
    }

    private static Election.Rules rules(VrrpSettings s) {
        // Version 2 counts whole seconds.
        final long advertMs = s.version() == 2
                ? Math.max(SECOND_MS, Math.round((double) s.advertMs() / SECOND_MS) * SECOND_MS)
                : s.advertMs();
        return new Election.Rules(
                s.version(),
                TimeUnit.MILLISECONDS.toNanos(advertMs),
                s.preempt(),
                s.startMaster() ? 0 : TimeUnit.MILLISECONDS.toNanos(s.preemptDelayMs()),
                s.downTimerAdverts(),
                !s.lowerPriorityNoAdvert(),
                s.higherPrioritySendAdvert(),
                s.priority() == Election.OWNER);
    }

    private static IpAddress firstAddress(NetworkInterface device, boolean ipv6) throws IOException {
        if (!ipv6) {
            try (InterfaceControl control = new InterfaceControl(device.getName())) {
                final IpAddress first = control.firstAddress4();
                if (first != null) {
                    return first;
                }
            }
        }
        for (InetAddress each : Collections.list(device.getInetAddresses())) {
            if (ipv6 && each.getAddress().length == IPV6_BYTES && each.isLinkLocalAddress()) {
                return IpAddress.ofBytes(each.getAddress());
            }
        }
        throw new IOException("interface " + device.getName() + " has no " + (ipv6 ? "IPv6 link-local" : "IPv4")
                + " address to speak VRRP from");
    }

    /** The interfaces that its addresses are on. */
    List<String> devices() {
        return addresses().stream().map(this::device).distinct().toList();
    }

    private String device(VirtualAddress address) {
        return address.device() == null ? settings.interfaceName() : address.device();
    }

    /** All addresses that move with it. */
    List<VirtualAddress> addresses() {
        final List<VirtualAddress> all = new ArrayList<>(settings.advertised());
        all.addAll(settings.excluded());
        return all;
    }

    VrrpSettings settings() {
        return settings;
    }

    Election election() {
        return election;
    }

    State state() {
        return election.state();
    }

    RawIpSocket socket() {
        return hears;
    }

    /** The earliest time something is due. */
    long deadlineNs() {
        return Math.min(election.deadlineNs(), bursts.deadlineNs());
    }

    void onTime(long nowNs) {
        if (election.deadlineNs() != Long.MAX_VALUE) {
            election.onTime(nowNs);
        }
        bursts.onTime(nowNs);
    }

    private void announce(int rounds) {
        for (int i = 0; i < rounds; i++) {
            for (VirtualAddress each : addresses()) {
                announcements.add(this, device(each), each.address());
            }
        }
    }

    /** Announces every address {@code rounds} times: now, and once more after a delay. */
    private void twice(long delayMs, int rounds) {
        announce(rounds);
        if (rounds > 0) {
            bursts.once(delayMs, () -> announce(rounds));
        }
    }

    /** As keepalived: one address on each interface other than its own, so that switches know where they are. */
    private void announceElsewhere() {
        final Set<String> done = new HashSet<>(Set.of(settings.interfaceName()));
        for (VirtualAddress each : addresses()) {
            if (done.add(device(each))) {
                announcements.add(this, device(each), each.address());
            }
        }
    }

    /**
     * Another believed it was master: as keepalived, at once, for it has just drawn the traffic to itself, and again when it
     * has yielded.
     */
    void announceAgain() {
        if (bursts.size() < MOST_BURSTS) {
            twice(settings.garp().lowerDelayMs(), settings.garp().lowerRepeat());
        }
    }

    /** Takes every packet that waits; a flood is bounded. */
    void receive(long nowNs) {
        for (int i = 0; i < 64; i++) {
            final RawIpSocket.Received got = hears.receive();
            if (got == null) {
                return;
            }
            take(got, nowNs);
        }
    }

    private void take(RawIpSocket.Received got, long nowNs) {
        if (got.source().equals(source)) {
            refuse(source + ": somebody else has our own address");
            return;
        }
        try {
            final VrrpPacket packet = VrrpPacket.decode(got.payload(), got.source(), got.destination());
            if (packet.routerId() != settings.routerId()) {
                return;
            }
            // As keepalived: only a master that has been checked once, and whom a backup follows, is not checked again.
            final String problem = checks.problem(
                    packet, got, state() == State.BACKUP && got.source().equals(lastMaster));
            if (problem != null) {
                refuse(got.source() + ": " + problem);
                return;
            }
            lastMaster = got.source();
            election.onAdvert(
                    packet.priority(),
                    got.source().compareTo(source) > 0,
                    TimeUnit.MILLISECONDS.toNanos(packet.advertMs()),
                    nowNs);
        } catch (VrrpPacket.Malformed e) {
            refuse(got.source() + ": " + e.getMessage());
        }
    }

    /** What it needs and has not, as {@code weir health} says it. */
    String lacking() {
        return lacks.isEmpty() ? "" : "  lacks " + lacks;
    }

    /** What it needs and has not, "" for nothing; logged when it changes. */
    void lacks(String what) {
        if (!what.isEmpty() && !what.equals(lacks)) {
            LOG.warn("event=vrrp-fault instance={} why=\"{}\"", settings.name(), what);
        }
        lacks = what;
    }

    /** Counts; logs the first, the second, the fourth ... of a reason. */
    void refuse(String why) {
        if (refused.size() > 1_000) {
            refused.clear();
        }
        final long count = refused.merge(why, 1L, Long::sum);
        if (Long.bitCount(count) == 1) {
            LOG.warn("event=vrrp-refused instance={} count={} problem=\"{}\"", settings.name(), count, why);
        }
    }

    /** How often something was refused, whatever the reason. */
    long refusedCount() {
        return refused.values().stream().mapToLong(Long::longValue).sum();
    }

    /** What the election decides, done. */
    private final class Decisions implements Election.Listener {
        @Override
        public void state(State from, State to) {
            bursts.clear();
            announcements.forget(VrrpInstance.this);
            LOG.info(
                    "event=vrrp instance={} state={} from={} priority={}",
                    settings.name(),
                    to,
                    from,
                    election.priority());
            instances.changed(VrrpInstance.this, from, to);
            if (to == State.MASTER) {
                // Only now: an answer to the announcement must find the address here.
                twice(settings.garp().delayMs(), settings.garp().repeat());
                bursts.often(
                        settings.garp().refreshMs(),
                        () -> announce(settings.garp().refreshRepeat()));
                bursts.often(settings.garp().extraMs(), VrrpInstance.this::announceElsewhere);
            }
        }

        @Override
        public void advert(int priority) {
            final VrrpPacket packet = new VrrpPacket(
                    settings.version(),
                    settings.routerId(),
                    priority,
                    TimeUnit.NANOSECONDS.toMillis(rules(settings).advertNs()),
                    settings.password() == null ? "" : settings.password(),
                    settings.advertised().stream().map(VirtualAddress::address).toList());
            if (settings.peers().isEmpty()) {
                send(packet, settings.group());
            } else {
                settings.peers().forEach(peer -> send(packet, peer.address()));
            }
        }

        private void send(VrrpPacket packet, IpAddress to) {
            try {
                says.send(packet.encode(source, to), to, to.isV4() ? 0 : interfaceIndex);
            } catch (NativeException e) {
                refuse("cannot send: " + e.getMessage());
            }
        }

        @Override
        public void lowerMaster() {
            announceAgain();
            instances.lowerMaster(VrrpInstance.this);
        }

        @Override
        public void priority(int priority) {
            instances.priorityChanged(VrrpInstance.this);
        }

        @Override
        public boolean mayBecomeMaster() {
            return instances.mayBecomeMaster(VrrpInstance.this);
        }
    }

    @Override
    public void close() {
        hears.close();
        says.close();
    }
}
