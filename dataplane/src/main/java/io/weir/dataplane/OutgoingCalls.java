package io.weir.dataplane;

import io.weir.conntrack.ConnectionFlags;
import io.weir.conntrack.ConnectionTable;
import io.weir.conntrack.NewConnection;
import io.weir.conntrack.Ticks;
import io.weir.packet.ParsedPacket;
import io.weir.packet.ProtocolNumbers;
import io.weir.service.Destination;
import io.weir.service.VirtualService;
import org.jspecify.annotations.Nullable;

/**
 * Calls that a real server of a SIP service starts, and answers under one-packet scheduling, which no connection awaits: they
 * get a connection of the service, so that they leave with the VIP, and the call's further packets find the same server.
 *
 * <p><b>Owner</b>: one worker. <b>Source</b>: __ip_vs_rs_conn_out() and ip_vs_new_conn_out() of the Linux kernel.
 */
final class OutgoingCalls {
    private static final int MASQUERADING = 0;

    private final ConnectionTable table;
    private final Connections connections;
    private final CallIds callIds;
    private final NewConnection request = new NewConnection();
    private @Nullable Destination server;

    OutgoingCalls(ConnectionTable table, Connections connections, CallIds callIds) {
        this.table = table;
        this.connections = connections;
        this.callIds = callIds;
    }

    /** Makes a connection for a real server's packet, and a template if the call has none here; or NONE. */
    int start(PacketContext c) {
        if (c.packet.protocol != ProtocolNumbers.UDP) {
            return ConnectionTable.NONE;
        }
        final VirtualService service = service(c);
        final Destination destination = server;
        if (service == null || destination == null || !callIds.read(c)) {
            return ConnectionTable.NONE;
        }
        final int template = template(c, service, destination);
        return template == ConnectionTable.NONE ? ConnectionTable.NONE : connection(c, service, destination, template);
    }

    /** Ends it again if it was for one packet; returns the verdict it is given. */
    int sent(PacketContext c, int verdict) {
        if (table.hasFlags(c.connection, ConnectionFlags.ONE_PACKET)) {
            connections.end(c.connection);
            c.connection = ConnectionTable.NONE;
        }
        return verdict;
    }

    /** The SIP service of which the packet's sender is a real server under NAT, as {@link #server}. */
    private @Nullable VirtualService service(PacketContext c) {
        final ParsedPacket p = c.packet;
        for (int i = 0; i < c.snapshot.services().services().size(); i++) {
            final VirtualService service = c.snapshot.services().services().get(i);
            if (service.persistenceEngine() == null || service.key().protocol() != p.protocol) {
                continue;
            }
            for (final Destination each : service.destinations()) {
                if (each.methodCode() == MASQUERADING
                        && each.port() == p.srcPort
                        && each.address().lo() == p.srcLo
                        && each.address().hi() == p.srcHi) {
                    server = each;
                    return service;
                }
            }
        }
        return null;
    }

    private int template(PacketContext c, VirtualService service, Destination destination) {
        final ParsedPacket p = c.packet;
        final long clientHi = service.maskHi(p.dstHi);
        final long clientLo = service.maskLo(p.dstLo);
        final long virtualHi = service.key().address().hi();
        final long virtualLo = service.key().address().lo();
        final int port = service.key().port();
        final long hash = callIds.hash(p.protocol, clientHi, clientLo);
        final int known = table.findTemplate(hash, p.protocol, clientHi, clientLo, virtualHi, virtualLo, port, callIds);
        if (known != ConnectionTable.NONE) {
            if (table.destinationSlot(known) == destination.slot()) {
                connections.touchTemplate(known, c.nowTick);
                return known;
            }
            table.invalidateTemplate(known);
        }
        request.clear()
                .client(clientHi, clientLo, 0)
                .virtual(virtualHi, virtualLo, port)
                .destination(destination.slot(), p.srcHi, p.srcLo, p.srcPort);
        request.protocol = p.protocol;
        request.flags = ConnectionFlags.TEMPLATE | ConnectionFlags.ENGINE;
        final int made = table.insert(hash, request, c.nowTick);
        if (made != ConnectionTable.NONE) {
            callIds.keep(made);
            connections.bind(made, destination);
            connections.startTemplate(made, Ticks.ofSeconds(service.persistenceSeconds()), c.nowTick);
        }
        return made;
    }

    private int connection(PacketContext c, VirtualService service, Destination destination, int template) {
        final ParsedPacket p = c.packet;
        request.clear()
                .client(p.dstHi, p.dstLo, p.dstPort)
                .virtual(
                        service.key().address().hi(),
                        service.key().address().lo(),
                        service.key().port())
                .destination(destination.slot(), p.srcHi, p.srcLo, p.srcPort);
        request.protocol = p.protocol;
        request.flags = service.onePacket() ? ConnectionFlags.ONE_PACKET : 0;
        request.controller = template;
        request.timeoutTicks = Connections.NEW_TICKS;
        final int id = table.insert(table.hash(p.protocol, p.dstHi, p.dstLo, p.dstPort), request, c.nowTick);
        if (id != ConnectionTable.NONE) {
            connections.bind(id, destination);
            connections.countNew(id);
        }
        return id;
    }
}
