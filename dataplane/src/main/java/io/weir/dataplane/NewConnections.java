package io.weir.dataplane;

import io.weir.conntrack.ConnectionFlags;
import io.weir.conntrack.ConnectionTable;
import io.weir.conntrack.NewConnection;
import io.weir.conntrack.Ticks;
import io.weir.dataplane.forward.LocalAddressPool;
import io.weir.dataplane.io.PacketBatch;
import io.weir.packet.IpAddress;
import io.weir.packet.ParsedPacket;
import io.weir.packet.ProtocolNumbers;
import io.weir.packet.TcpFlags;
import io.weir.sched.Flow;
import io.weir.sched.Scheduler;
import io.weir.service.Destination;
import io.weir.service.DestinationLoad;
import io.weir.service.VirtualService;
import org.jspecify.annotations.Nullable;

/**
 * Finds a service for a packet without a connection, has a real server chosen, and makes the connection's record.
 *
 * <p><b>Source</b>: ip_vs_schedule(), ip_vs_sched_persist() and ip_vs_leave() of the Linux kernel. <b>Owner</b>: one
 * worker.
 */
final class NewConnections {
    /** No service wants the packet: it is the host's. */
    static final int NOT_OURS = PacketBatch.PASS;
    /** A record was made, {@code c.connection} names it. */
    static final int MADE = -1;

    private static final int FTP_PORT = 21;
    private static final int FTP_DATA_PORT = 20;
    static final int LOCAL_NODE = 1;
    private static final int BYPASS = 4;

    private final ConnectionTable table;
    private final Connections connections;
    private final DestinationLoad load;
    private final Egress egress;
    private final LocalAddressPool localAddresses;
    private final Defence defence;
    private final CallIds callIds;
    private final PathCounters counters;
    private final NewConnection request = new NewConnection();

    NewConnections(
            ConnectionTable table,
            Connections connections,
            DestinationLoad load,
            Egress egress,
            LocalAddressPool localAddresses,
            Defence defence,
            CallIds callIds,
            PathCounters counters) {
        this.table = table;
        this.connections = connections;
        this.load = load;
        this.egress = egress;
        this.localAddresses = localAddresses;
        this.defence = defence;
        this.callIds = callIds;
        this.counters = counters;
    }

    /** Could this packet open a connection at all, as far as its transport header goes? */
    private static boolean opens(PacketContext c) {
        final ParsedPacket p = c.packet;
        return switch (p.protocol) {
            case ProtocolNumbers.TCP -> (p.tcpFlags & TcpFlags.RST) == 0
                    && ((p.tcpFlags & TcpFlags.SYN) != 0 || c.snapshot.sysctls().sloppyTcp());
            case ProtocolNumbers.UDP -> true;
            case ProtocolNumbers.SCTP -> p.sctpChunkType == SctpChunks.INIT
                    || (c.snapshot.sysctls().sloppySctp() && p.sctpChunkType != SctpChunks.ABORT);
            default -> false;
        };
    }

    /**
     * Schedules the context's flow.
     *
     * @return {@link #MADE}, or a PacketBatch verdict: PASS if no service takes it, DROP with the reason noted
     */
    int schedule(PacketContext c) {
        if (!c.icmpError && !opens(c)) {
            return NOT_OURS;
        }
        final Flow flow = c.flow;
        final VirtualService service = c.snapshot
                .services()
                .find(flow.protocol, flow.dstHi, flow.dstLo, flow.dstPort, c.mark, !c.packet.isV4());
        if (service == null) {
            return NOT_OURS;
        }
        if (defence.refuses()) {
            return c.drop(DropReason.DEFENCE);
        }
        if (flow.srcPort == FTP_DATA_PORT) {
            return NOT_OURS;
        }
        if (service.isPersistent()) {
            return persistent(c, service);
        }
        if (service.key().fwmark() == 0 && flow.dstPort != service.key().port()) {
            return leave(c, service);
        }
        final Destination destination = choose(c, service);
        if (destination == null) {
            return leave(c, service);
        }
        return make(
                c,
                service,
                destination,
                destination.port() != 0 ? destination.port() : flow.dstPort,
                ConnectionTable.NONE);
    }

    private @Nullable Destination choose(PacketContext c, VirtualService service) {
        final int index = service.scheduler().schedule(c.flow, load);
        return index == Scheduler.NONE ? null : service.destinations()[index];
    }

    private int persistent(PacketContext c, VirtualService service) {
        final Flow flow = c.flow;
        final boolean exactPort =
                flow.dstPort == service.key().port() && service.key().fwmark() == 0;
        final boolean ownPort =
                flow.dstPort == service.key().port() && service.key().port() != FTP_PORT;
        final int virtualPort = ownPort ? flow.dstPort : 0;
        final boolean byMark = !exactPort && service.key().fwmark() != 0;
        final int protocol = byMark ? 0 : flow.protocol;
        // The mark stands in the first four bytes of the virtual address, of either family.
        final boolean byMark6 = byMark && service.key().ipv6();
        final long virtualHi = byMark6 ? (long) service.key().fwmark() << 32 : byMark ? 0 : flow.dstHi;
        final long virtualLo = byMark6 ? 0 : byMark ? IpAddress.v4(service.key().fwmark()) : flow.dstLo;
        final long clientHi = service.maskHi(flow.srcHi);
        final long clientLo = service.maskLo(flow.srcLo);

        final boolean byCallId = service.persistenceEngine() != null;
        if (byCallId && !callIds.read(c)) {
            return c.drop(DropReason.NO_CALL_ID);
        }
        final long hash =
                byCallId ? callIds.hash(protocol, clientHi, clientLo) : table.hash(protocol, clientHi, clientLo, 0);
        int template = byCallId
                ? table.findTemplate(hash, protocol, clientHi, clientLo, virtualHi, virtualLo, virtualPort, callIds)
                : table.findTemplate(hash, protocol, clientHi, clientLo, 0, virtualHi, virtualLo, virtualPort);
        Destination destination = template == ConnectionTable.NONE ? null : templateDestination(c, template);
        if (destination == null) {
            destination = choose(c, service);
            if (destination == null) {
                return leave(c, service);
            }
            request.clear()
                    .client(clientHi, clientLo, 0)
                    .virtual(virtualHi, virtualLo, virtualPort)
                    .destination(
                            destination.slot(),
                            destination.address().hi(),
                            destination.address().lo(),
                            ownPort ? destination.port() : 0);
            request.protocol = protocol;
            request.flags = ConnectionFlags.TEMPLATE | (byCallId ? ConnectionFlags.ENGINE : 0);
            request.methodCode = destination.methodCode();
            request.fwmark = c.mark;
            template = table.insert(hash, request, c.nowTick);
            if (template == ConnectionTable.NONE) {
                return c.drop(DropReason.TABLE_FULL);
            }
            if (byCallId) {
                callIds.keep(template);
            }
            connections.bind(template, destination);
            connections.startTemplate(template, Ticks.ofSeconds(service.persistenceSeconds()), c.nowTick);
            counters.increment(PathCounters.TEMPLATES);
        }
        final boolean mapped = flow.dstPort == service.key().port() && destination.port() != 0;
        final int made = make(c, service, destination, mapped ? destination.port() : flow.dstPort, template);
        connections.touchTemplate(template, c.nowTick);
        return made;
    }

    /** The template's destination if it may still be used; else the template is put where nobody finds it. */
    private @Nullable Destination templateDestination(PacketContext c, int template) {
        final int slot = table.destinationSlot(template);
        final Destination destination = c.snapshot.destinations().destination(slot);
        final boolean valid = destination != null
                && c.snapshot.destinations().isAvailable(slot)
                && !(c.snapshot.sysctls().expireQuiescentTemplate() && destination.weight() == 0);
        if (!valid) {
            table.invalidateTemplate(template);
        }
        return valid ? destination : null;
    }

    private int make(PacketContext c, VirtualService service, Destination destination, int port, int template) {
        final Flow flow = c.flow;
        final boolean onePacket = isOnePacket(service, flow);
        request.clear()
                .client(flow.srcHi, flow.srcLo, flow.srcPort)
                .virtual(flow.dstHi, flow.dstLo, flow.dstPort)
                .destination(
                        destination.slot(),
                        destination.address().hi(),
                        destination.address().lo(),
                        port);
        request.protocol = flow.protocol;
        request.flags =
                (onePacket ? ConnectionFlags.ONE_PACKET : 0) | (service.toa() ? ConnectionFlags.ANNOUNCE_CLIENT : 0);
        request.methodCode = isLocal(c.snapshot, destination.address()) ? LOCAL_NODE : destination.methodCode();
        request.flags |= FtpHelper.flag(flow.protocol, flow.dstPort, request.methodCode);
        request.fwmark = c.mark;
        request.timeoutTicks = Connections.NEW_TICKS;
        request.controller = template;
        final int id =
                table.insert(table.hash(flow.protocol, flow.srcHi, flow.srcLo, flow.srcPort), request, c.nowTick);
        if (id == ConnectionTable.NONE) {
            return c.drop(DropReason.TABLE_FULL);
        }
        if (request.methodCode == Connections.FULLNAT && !localAddresses.bind(id, service, c.snapshot)) {
            table.remove(id);
            return c.drop(DropReason.NO_LOCAL_PORT);
        }
        connections.bind(id, destination);
        connections.countNew(id);
        if (service.shadows().length > 0) {
            connections.shadows().opened(id, service, flow, destination.slot(), template);
        }
        c.use(table, id);
        return MADE;
    }

    /** A real server that is the director itself is its kernel's business. */
    static boolean isLocal(ConfigSnapshot snapshot, IpAddress address) {
        return address.isLoopback() || snapshot.isOwn(address.hi(), address.lo());
    }

    /** No real server: bypass if the operator wants that, pass for FTP's other ports, else tell the client. */
    private int leave(PacketContext c, VirtualService service) {
        final Flow flow = c.flow;
        if (c.snapshot.sysctls().cacheBypass() && service.key().fwmark() != 0 && !c.icmpError && isUnicast(c, flow)) {
            return bypass(c, isOnePacket(service, flow));
        }
        if (service.key().port() == FTP_PORT && flow.dstPort != FTP_PORT) {
            return NOT_OURS;
        }
        if (!c.icmpError) {
            egress.icmp().portUnreachable(c);
        }
        return c.drop(DropReason.NO_DESTINATION);
    }

    /** As ip_vs_addr_is_unicast(): of IPv4 somebody else's address, of IPv6 also one of our own. */
    private static boolean isUnicast(PacketContext c, Flow flow) {
        return !c.packet.isV4() || !c.snapshot.isOwn(flow.dstHi, flow.dstLo);
    }

    private static boolean isOnePacket(VirtualService service, Flow flow) {
        return service.onePacket() && flow.protocol == ProtocolNumbers.UDP;
    }

    private int bypass(PacketContext c, boolean onePacket) {
        final Flow flow = c.flow;
        request.clear()
                .client(flow.srcHi, flow.srcLo, flow.srcPort)
                .virtual(flow.dstHi, flow.dstLo, flow.dstPort)
                .destination(ConnectionTable.NO_DESTINATION, 0, c.packet.isV4() ? IpAddress.ANY4.lo() : 0, 0);
        request.protocol = flow.protocol;
        request.methodCode = BYPASS;
        request.flags = onePacket ? ConnectionFlags.ONE_PACKET : 0;
        request.timeoutTicks = Connections.NEW_TICKS;
        request.fwmark = c.mark;
        final int id =
                table.insert(table.hash(flow.protocol, flow.srcHi, flow.srcLo, flow.srcPort), request, c.nowTick);
        if (id == ConnectionTable.NONE) {
            return c.drop(DropReason.TABLE_FULL);
        }
        c.use(table, id);
        return MADE;
    }
}
