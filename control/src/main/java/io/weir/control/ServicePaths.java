package io.weir.control;

import io.weir.control.config.WeirConfig;
import io.weir.dataplane.DataPlane;
import io.weir.dataplane.PathLane;
import io.weir.dataplane.PathTun;
import io.weir.dataplane.io.linux.NativeException;
import io.weir.packet.IpAddress;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The director's own conversations with real servers through the paths of its services; the interface for them is made
 * when the first one is wanted.
 *
 * <p><b>Thread</b>: any, one at a time.
 */
final class ServicePaths {
    private static final Logger LOG = LoggerFactory.getLogger(ServicePaths.class);

    private static final int WAIT_MS = 200;
    private static final long STOP_WITHIN_MS = 3_000;
    /** A FULLNAT connection may have the port. */
    private static final int MOST_TRIES = 8;

    private @Nullable PathTun tun;
    private @Nullable Thread reader;
    private boolean failed;
    private volatile boolean closed;

    /**
     * Opens a lane.
     *
     * @param from whom the server is to see; null: the best choice
     * @return null if there can be none
     */
    synchronized @Nullable PathLane open(
            DataPlane dataPlane, PathLane.Way way, int protocol, @Nullable IpAddress from) {
        PathTun lanes = tun;
        if (lanes == null && !failed) {
            lanes = make(dataPlane);
            tun = lanes;
            failed = lanes == null;
        }
        for (int i = 0; lanes != null && i < MOST_TRIES; i++) {
            final PathLane lane = lanes.lane(protocol, way, from);
            if (lane == null || dataPlane.order(parts -> parts.lanes().claim(lane)) && !lane.isRefused()) {
                return lane;
            }
            lanes.leave(lane);
        }
        return null;
    }

    private @Nullable PathTun make(DataPlane dataPlane) {
        try {
            final PathTun made = PathTun.open();
            try {
                TunAddresses.give(made.name(), List.of(new WeirConfig.Network(made.own(true), PathTun.LENGTH4)));
                giveIpv6(made);
                if (!dataPlane.order(parts -> parts.lanes().serve(made))) {
                    // It may take it yet: the descriptor must stay what it is.
                    LOG.error("event=path-interface problem=\"the worker has not taken it\" name={}", made.name());
                    return null;
                }
                reader = new Thread(() -> read(dataPlane, made), "weir-path");
                reader.setDaemon(true);
                reader.start();
                LOG.info("event=path-interface name={} address={}", made.name(), made.own(true));
                return made;
            } catch (RunException | IOException | RuntimeException e) {
                made.close();
                throw e;
            }
        } catch (RunException | IOException | NativeException e) {
            LOG.error(
                    "event=path-interface problem=\"{}\" consequence=\"checks go directly\"",
                    String.valueOf(e.getMessage()).strip());
            return null;
        }
    }

    /** One order at a time, so that commands find room in the worker's queue. */
    private void read(DataPlane dataPlane, PathTun from) {
        while (!closed) {
            from.await(WAIT_MS);
            final List<PathTun.Outgoing> packets = from.receive();
            final long nowNs = System.nanoTime();
            if (!packets.isEmpty() && !dataPlane.order(0, parts -> parts.lanes().send(packets, nowNs))) {
                LOG.debug("event=path-packets-lost count={}", packets.size());
            }
        }
    }

    /** A host without IPv6 has no IPv6 services either. */
    private static void giveIpv6(PathTun made) throws IOException {
        try {
            TunAddresses.give(made.name(), List.of(new WeirConfig.Network(made.own(false), PathTun.LENGTH6)));
        } catch (RunException e) {
            LOG.debug("event=path-interface problem=\"{}\"", e.getMessage());
        }
    }

    synchronized void leave(PathLane lane) {
        if (tun != null) {
            tun.leave(lane);
        }
    }

    /** Called while the workers still run. */
    synchronized void close(DataPlane dataPlane) {
        final PathTun open = tun;
        final Thread reading = reader;
        tun = null;
        failed = true;
        closed = true;
        if (open == null || reading == null) {
            return;
        }
        try {
            reading.join(STOP_WITHIN_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (!reading.isAlive() && dataPlane.order(parts -> parts.lanes().serve(null))) {
            open.close();
        } else {
            LOG.warn("event=path-interface problem=\"a worker has not let go of it\" name={}", open.name());
        }
    }
}
