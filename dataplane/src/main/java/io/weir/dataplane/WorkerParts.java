package io.weir.dataplane;

import io.weir.conntrack.ConnectionTable;
import io.weir.dataplane.forward.ForwardingMethod;
import io.weir.dataplane.forward.ForwardingMethods;
import io.weir.dataplane.forward.LocalAddressPool;
import io.weir.dataplane.forward.MethodTools;
import io.weir.dataplane.route.NeighbourTable;
import io.weir.dataplane.segment.Reassembler;
import io.weir.dataplane.sync.WorkerSync;
import io.weir.service.DestinationLoad;
import io.weir.service.SlotCounters;
import org.jspecify.annotations.Nullable;

/** The parts of one worker's packet path, put together; nothing in them is shared with another worker. */
// An array: the path indexes it by method code for every packet.
@SuppressWarnings("ArrayRecordComponent")
public record WorkerParts(
        ConnectionTable table,
        Connections connections,
        NewConnections newConnections,
        OutgoingCalls outgoing,
        Defence defence,
        ConnectionReuse reuse,
        IcmpPath icmpPath,
        LocalDelivery localDelivery,
        NextHopRequests nextHopRequests,
        FragmentPath fragmentPath,
        Strays strays,
        Egress egress,
        EstablishedPath established,
        FtpHelper ftp,
        NeighbourTable neighbours,
        FrameOutput output,
        @Nullable LocalServer localServer,
        ForwardingMethod[] methods,
        WorkerSync sync,
        CallIds callIds,
        Endings endings,
        AddressProbes addresses,
        PathLanes lanes,
        PathCounters counters,
        Shard shard) {

    /**
     * Makes the parts of a worker.
     *
     * @param table this worker's connections
     * @param load connection counts of all destinations; the rows are this worker's to write
     * @param services traffic counts of all services
     */
    public static WorkerParts create(
            ConnectionTable table, DestinationLoad load, SlotCounters services, NeighbourTable neighbours) {
        return create(table, load, services, neighbours, PathOptions.LIVE);
    }

    /** The same with other options than those of a live machine. */
    public static WorkerParts create(
            ConnectionTable table,
            DestinationLoad load,
            SlotCounters services,
            NeighbourTable neighbours,
            PathOptions options) {
        return create(table, load, services, neighbours, options, Shard.all());
    }

    /**
     * The same for one of several workers.
     *
     * @param load the counts of this worker, which read as the sum of all
     * @param services likewise
     */
    public static WorkerParts create(
            ConnectionTable table,
            DestinationLoad load,
            SlotCounters services,
            NeighbourTable neighbours,
            PathOptions options,
            Shard shard) {
        final PathCounters counters = new PathCounters();
        final FrameOutput output = new FrameOutput();
        final Egress egress = new Egress(neighbours, output);
        final CallIds callIds = new CallIds(table);
        final WorkerSync sync = new WorkerSync(table, load, callIds, shard);
        final Defence defence = new Defence(table);
        final Connections connections =
                new Connections(table, load, services, counters, sync.master(), defence, callIds);
        final LanePorts lanePorts = new LanePorts();
        final LocalAddressPool pool = new LocalAddressPool(table, shard, lanePorts);
        final NewConnections newConnections =
                new NewConnections(table, connections, load, egress, pool, defence, callIds, counters);
        final FtpHelper ftp = new FtpHelper(table, connections, pool);
        final ForwardingMethod[] methods = ForwardingMethods.create(new MethodTools(table, egress, ftp));
        final IcmpPath icmpPath = new IcmpPath(
                table,
                connections,
                newConnections,
                egress,
                new TunnelErrors(table, egress, options.acceptsIcmp6Replies()),
                methods,
                options);
        final OwnPackets packets = new OwnPackets(egress, output, methods);
        final PathLanes lanes = new PathLanes(table, packets, methods, lanePorts);
        final LocalDelivery localDelivery = new LocalDelivery(egress, neighbours, output, lanes);
        final Strays strays = new Strays(table, connections, methods, egress, lanes, options.routesOthers());
        return new WorkerParts(
                table,
                connections,
                newConnections,
                new OutgoingCalls(table, connections, callIds),
                defence,
                new ConnectionReuse(table),
                icmpPath,
                localDelivery,
                new NextHopRequests(neighbours, output, new UnreachableHosts(icmpPath, egress)),
                new FragmentPath(new Reassembler(), localDelivery, strays, egress),
                strays,
                egress,
                new EstablishedPath(table, connections, sync.master(), egress, neighbours, methods),
                ftp,
                neighbours,
                output,
                options.routesOthers() ? new LocalServer(connections, egress, output) : null,
                methods,
                sync,
                callIds,
                new Endings(connections, table, packets, egress, output),
                new AddressProbes(neighbours, output),
                lanes,
                counters,
                shard);
    }
}
