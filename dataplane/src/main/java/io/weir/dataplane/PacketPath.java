package io.weir.dataplane;

import io.weir.conntrack.ConnectionFlags;
import io.weir.conntrack.ConnectionTable;
import io.weir.conntrack.HotRecord;
import io.weir.conntrack.Ticks;
import io.weir.dataplane.forward.ForwardingMethod;
import io.weir.dataplane.io.PacketBatch;
import io.weir.dataplane.route.InterfaceInfo;
import io.weir.dataplane.route.RouteTable;
import io.weir.packet.ParseStatus;
import io.weir.packet.ParsedPacket;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What happens to a packet: <b>read this file first</b>.
 *
 * <p>A batch is worked in passes, so that the cache misses of its packets overlap: parse all and touch the index slot of
 * each, touch all records, then decide packet by packet. For each packet the order is IPVS's: is it for the host or a
 * neighbour, is it a fragment, is it an ICMP error, whose connection is it, else which service takes it, state, method.
 *
 * <p><b>Source</b>: ip_vs_in_hook() and ip_vs_out_hook() of the Linux kernel. <b>Owner</b>: one worker; nothing here
 * allocates, locks, throws or logs.
 */
public final class PacketPath {
    private final WorkerParts parts;
    private final ConnectionTable table;
    private final Connections connections;
    private final NewConnections newConnections;
    private final IcmpPath icmpPath;
    private final LocalDelivery localDelivery;
    private final FragmentPath fragmentPath;
    private final Egress egress;
    private final ForwardingMethod[] methods;
    private final @Nullable LocalServer localServer;
    private final PathCounters counters;
    private final IpsecFlows ipsec;

    private final Intake intake;
    private final EstablishedPath established;
    private final PacketContext c = new PacketContext();
    /** Frames of this batch by verdict; counted once a batch. */
    private final int[] decided = new int[PacketBatch.CONSUMED + 1];

    private boolean hasLocalAddresses;

    public PacketPath(WorkerParts parts) {
        this.parts = parts;
        this.table = parts.table();
        this.intake = new Intake(table);
        this.established = parts.established();
        this.connections = parts.connections();
        this.newConnections = parts.newConnections();
        this.icmpPath = parts.icmpPath();
        this.localDelivery = parts.localDelivery();
        this.fragmentPath = parts.fragmentPath();
        this.egress = parts.egress();
        this.methods = parts.methods();
        this.localServer = parts.localServer();
        this.counters = parts.counters();
        this.ipsec = new IpsecFlows(table);
    }

    /** Takes a new configuration; between batches. */
    public void snapshot(ConfigSnapshot snapshot) {
        c.take(snapshot);
        hasLocalAddresses = !snapshot.localAddresses().isEmpty();
        intake.snapshot(snapshot);
        connections.snapshot(snapshot);
        egress.snapshot(snapshot);
        fragmentPath.snapshot(snapshot);
        parts.endings().snapshot(snapshot);
        established.snapshot(snapshot);
        parts.defence().snapshot(snapshot.sysctls());
        parts.sync().snapshot(snapshot);
    }

    /**
     * Decides every frame of a batch: sets verdict, reason, egress and connection, and rewrites in place.
     *
     * @param nowNs monotonic time, read once for the batch
     */
    public void process(PacketBatch batch, long nowNs) {
        c.nowNs = nowNs;
        c.flow.nowNs = nowNs;
        c.nowTick = Ticks.ofNanos(nowNs);
        Arrays.fill(decided, 0);
        intake.read(batch);
        established.begin(nowNs);
        final long before = established.forwarded();
        for (int i = established.forward(batch, 0, intake); i < batch.size; ) {
            decide(batch, i);
            i = established.forward(batch, i + 1, intake);
        }
        decided[PacketBatch.TRANSMIT] += (int) (established.forwarded() - before);
        count(batch.size);
    }

    /** The long way of one frame. */
    private void decide(PacketBatch batch, int i) {
        c.start(batch, i, intake.packet(batch, i));
        c.simple = intake.isSimple(i);
        final int verdict = handle(i);
        batch.verdict[i] = verdict;
        batch.connection[i] = c.connection;
        if (verdict == PacketBatch.DROP) {
            counters.dropped(batch.reason[i]);
        } else {
            decided[verdict]++;
        }
    }

    private int handle(int i) {
        final ParsedPacket p = c.packet;
        final InterfaceInfo in = c.interfaces[c.batch.ingress[i]];
        final int status = intake.status(i);
        if (status != ParseStatus.OK) {
            return status == ParseStatus.NOT_IP
                    ? localDelivery.notIp(c, in)
                    : c.drop(DropReasons.ofParseStatus(status));
        }
        if (in.linkLayer() && LinkHeader.destination(c.buffer, p.frameOffset) != in.mac()) {
            return localDelivery.otherHost(c, in);
        }
        if (intake.isPlain(i)) {
            return balance(in);
        }
        final boolean lip = hasLocalAddresses && c.snapshot.localAddressSet().contains(p.dstHi, p.dstLo);
        final boolean ours = lip || intake.isToVip(i) || c.snapshot.own().contains(p.dstHi, p.dstLo);
        if (FragmentPath.concerns(c) && !fragmentPath.gather(c, ours)) {
            return c.batch.verdict[i];
        }
        return lip ? outFullNat(in) : ours ? in(in) : out();
    }

    /** A packet for the director: of a connection, for a new one, or for the host's side of a VIP. */
    private int in(InterfaceInfo ingress) {
        final ParsedPacket p = c.packet;
        IpOptions.record(c, (int) p.dstLo);
        if (Protocols.isIcmp(p)) {
            if (LocalDelivery.isMartian(c)) {
                return localDelivery.martian(c);
            }
            final int verdict = leavesAlone() ? IcmpPath.NOT_RELATED : icmpPath.in(c);
            return verdict == IcmpPath.NOT_RELATED ? localDelivery.deliver(c, ingress) : verdict;
        }
        if (!Protocols.isBalanced(p.protocol) || leavesAlone()) {
            return LocalDelivery.isMartian(c) ? c.drop(DropReason.MARTIAN) : localDelivery.deliver(c, ingress);
        }
        return balance(ingress);
    }

    private boolean leavesAlone() {
        return c.snapshot.isPassive() || !c.isHooked();
    }

    /** A packet of a protocol that has connections: of one, or for a new one. */
    private int balance(InterfaceInfo ingress) {
        final ParsedPacket p = c.packet;
        final int id = findIn();
        if (id != ConnectionTable.NONE) {
            c.use(table, id);
        } else {
            // A connection of a martian source was never made: only those without one need the check.
            if (LocalDelivery.isMartian(c)) {
                return localDelivery.martian(c);
            }
            c.mark = c.snapshot.marks().mark(p, c.batch.ingress[c.index]);
            c.flowFromPacket();
            final int made = newConnections.schedule(c);
            if (made != NewConnections.MADE) {
                return made == NewConnections.NOT_OURS ? localDelivery.deliver(c, ingress) : made;
            }
            if (c.superseded != ConnectionTable.NONE) {
                table.findLast(c.superseded);
            }
        }
        return forward();
    }

    /** The packet's connection, if it has one that may still be used. */
    private int findIn() {
        final ParsedPacket p = c.packet;
        if (Protocols.isIpsec(p.protocol)) {
            return ipsec.in(p);
        }
        final boolean known = intake.isToVip(c.index) && !c.reassembled;
        final int hint = known ? intake.hint(c.index) : ConnectionTable.NONE;
        final long hash = known ? intake.hash(c.index) : table.hash(p.protocol, p.srcHi, p.srcLo, p.srcPort);
        final int id = table.find(hint, hash, p.protocol, p.srcHi, p.srcLo, p.srcPort, p.dstHi, p.dstLo, p.dstPort);
        if (id == ConnectionTable.NONE || !parts.reuse().endsConnection(c, id)) {
            return id;
        }
        if (table.controlled(id) == 0) {
            connections.expireNow(id, c.nowTick);
        }
        c.superseded = id;
        return ConnectionTable.NONE;
    }

    private int forward() {
        if (c.slot != ConnectionTable.NO_DESTINATION
                && !c.snapshot.destinations().isAvailable(c.slot)) {
            return parts.endings().gone(c);
        }
        connections.countIn(c, c.packet.l3Length);
        connections.transition(c, c.packet, Connections.INPUT);
        int verdict = methods[HotRecord.methodCode(c.record)].in(c);
        if (verdict == PacketBatch.PASS && localServer != null) {
            verdict = localServer.in(c);
        }
        connections.countPacket(c.connection);
        parts.sync().master().packet(c.connection, c.nowTick);
        if (HotRecord.hasFlags(c.record, ConnectionFlags.ONE_PACKET)) {
            connections.end(c.connection);
            c.connection = ConnectionTable.NONE;
        } else if (verdict == PacketBatch.TRANSMIT && c.simple) {
            established.learn(c);
        }
        return verdict;
    }

    /** A packet that goes through the director: a reply of a real server under NAT, or none of ours. */
    private int out() {
        final ParsedPacket p = c.packet;
        if (!c.isHooked()) {
            return parts.strays().pass(c);
        }
        if (Protocols.isIcmp(p)) {
            final int verdict = icmpPath.out(c);
            return verdict == IcmpPath.NOT_RELATED ? parts.strays().pass(c) : verdict;
        }
        if (!Protocols.isBalanced(p.protocol)) {
            return parts.strays().pass(c);
        }
        final int id = findReply();
        if (id == ConnectionTable.NONE || !methods[table.methodCode(id)].translatesReplies()) {
            return c.snapshot.services().anyEngine()
                    ? started()
                    : parts.strays().reply(c);
        }
        return reply(id, egress.routeTo(c, p.dstHi, p.dstLo));
    }

    private int findReply() {
        final ParsedPacket p = c.packet;
        if (Protocols.isIpsec(p.protocol)) {
            return ipsec.reply(p);
        }
        final int hint = c.reassembled ? ConnectionTable.NONE : intake.hint(c.index);
        final long hash = c.reassembled ? table.hash(p.protocol, p.dstHi, p.dstLo, p.dstPort) : intake.hash(c.index);
        return table.findReply(hint, hash, p.protocol, p.srcHi, p.srcLo, p.srcPort, p.dstHi, p.dstLo, p.dstPort);
    }

    /** A packet of a real server that belongs to nothing: it may start a connection itself. */
    private int started() {
        final int id = parts.outgoing().start(c);
        return id == ConnectionTable.NONE
                ? parts.strays().reply(c)
                : parts.outgoing().sent(c, reply(id, egress.routeTo(c, c.packet.dstHi, c.packet.dstLo)));
    }

    /** A packet for a FULLNAT local address: a reply, or nothing we know. */
    private int outFullNat(InterfaceInfo ingress) {
        final ParsedPacket p = c.packet;
        if (Protocols.isIcmp(p)) {
            final int verdict = icmpPath.outFullNat(c);
            return verdict == IcmpPath.NOT_RELATED ? localDelivery.deliver(c, ingress) : verdict;
        }
        final int id = table.findLocal(p.protocol, p.srcHi, p.srcLo, p.srcPort, p.dstHi, p.dstLo, p.dstPort);
        if (id == ConnectionTable.NONE) {
            return localDelivery.deliver(c, ingress);
        }
        return reply(id, egress.routeTo(c, table.clientHi(id), table.clientLo(id)));
    }

    private int reply(int id, int route) {
        c.use(table, id);
        final int admitted = route == RouteTable.NONE ? c.drop(DropReason.NO_ROUTE) : egress.admitReply(c, route);
        if (admitted != PacketBatch.TRANSMIT) {
            return admitted;
        }
        if (HotRecord.hasFlags(c.record, ConnectionFlags.FTP) && !parts.ftp().out(c)) {
            return c.drop(DropReason.FTP_REFUSED);
        }
        connections.countOut(c, c.packet.l3Length);
        connections.transition(c, c.packet, Connections.OUTPUT);
        IpOptions.record(c, (int) HotRecord.virtualLo(c.record));
        return methods[HotRecord.methodCode(c.record)].out(c);
    }

    private void count(int frames) {
        counters.add(PathCounters.RECEIVED, frames);
        counters.add(PathCounters.TRANSMITTED, decided[PacketBatch.TRANSMIT]);
        counters.add(PathCounters.PASSED, decided[PacketBatch.PASS]);
        counters.add(PathCounters.CONSUMED, decided[PacketBatch.CONSUMED]);
    }
}
