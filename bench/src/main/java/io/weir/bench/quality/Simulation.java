package io.weir.bench.quality;

import io.weir.conntrack.StateTimeouts;
import io.weir.control.state.DirectorState;
import io.weir.control.state.SchedulerTuning;
import io.weir.control.state.ServerSpec;
import io.weir.control.state.ServiceSpec;
import io.weir.control.state.StateException;
import io.weir.packet.IpAddress;
import io.weir.packet.ProtocolNumbers;
import io.weir.sched.Flow;
import io.weir.sched.Scheduler;
import io.weir.service.Destination;
import io.weir.service.DestinationLoad;
import io.weir.service.OverloadRule;
import io.weir.service.ServiceKey;
import io.weir.service.SlotCounters;
import io.weir.service.VirtualService;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * One scheduler with one workload, in virtual time: the director's own state holds the service, its scheduler chooses, its
 * counters count; only packets are missing.
 *
 * <p>A connection is active from its arrival to its end and is gone then: it has no closing states. The service is one of
 * a firewall mark, so that the destination address can vary. When a server dies it is deleted from the service, and its
 * clients connect again a second later for the rest of their time.
 *
 * <p>The same arguments give the same result.
 */
public final class Simulation {
    private static final ServiceKey SERVICE = new ServiceKey(0, new IpAddress(0, 0), 0, 1, false);
    private static final long FIRST_SERVER = IpAddress.parse("10.20.0.10").lo();
    private static final int DIRECT_ROUTING = 3;
    private static final int PORT = 80;
    private static final long SECOND_NS = TimeUnit.SECONDS.toNanos(1);
    /** Deleted servers keep their slots for a while. */
    private static final int SPARE_SLOTS = 16;

    private final String scheduler;
    private final Workload workload;
    private final DestinationLoad load;
    private final DirectorState state;
    private final PriorityQueue<Open> ends =
            new PriorityQueue<>(Comparator.comparingLong(Open::endNs).thenComparingLong(Open::number));
    private final PriorityQueue<Arrival> again = new PriorityQueue<>(Comparator.comparingLong(Arrival::startNs)
            .thenComparing(a -> a.client().lo()));
    private final Set<Long> broken = new HashSet<>();
    private final Outcome outcome = new Outcome();
    private final LoadWatch watch;
    private final Flow flow = new Flow();
    private final long[] active;
    private final boolean[] inService;
    private VirtualService service;
    private long revision = -1;
    private int gone = Workload.Outage.NONE.server();
    private boolean complete = true;

    private record Open(long endNs, long number, Destination destination, int server, Arrival arrival) {}

    @SuppressWarnings("NullAway.Init") // publish() sets the service
    private Simulation(String scheduler, Workload workload, long seed) throws StateException {
        this.scheduler = scheduler;
        this.workload = workload;
        final int slots = workload.weights().length + SPARE_SLOTS;
        load = DestinationLoad.allocate(slots);
        state = new DirectorState(load, DestinationLoad.allocate(1).counters(), seed, 0);
        watch = new LoadWatch(workload.weights());
        active = new long[workload.weights().length];
        inService = new boolean[workload.weights().length];
        state.addService(new ServiceSpec(
                SERVICE,
                scheduler,
                0,
                ServiceSpec.FULL_NETMASK,
                false,
                0,
                null,
                false,
                SchedulerTuning.NONE,
                StateTimeouts.NONE));
        for (int i = 0; i < workload.weights().length; i++) {
            add(i);
        }
        publish();
    }

    /** Runs it; IllegalArgumentException if there is no such scheduler, or it does not take so many servers. */
    public static Quality run(String scheduler, Workload workload, long seed) {
        try {
            final Simulation simulation = new Simulation(scheduler, workload, seed);
            simulation.run();
            return simulation.watch.result(scheduler, workload.name(), simulation.outcome);
        } catch (StateException e) {
            throw new IllegalArgumentException(
                    "scheduler " + scheduler + " with " + workload.weights().length + " servers: " + e.reason(), e);
        }
    }

    private void run() throws StateException {
        final List<Arrival> arrivals = workload.arrivals();
        final int samples = LoadWatch.WINDOWS * LoadWatch.SAMPLES;
        int next = 0;
        for (int sample = 1; sample <= samples; sample++) {
            final long untilNs = (long) ((double) workload.durationNs() * sample / samples);
            while (true) {
                final Arrival first = next < arrivals.size() ? arrivals.get(next) : null;
                final Arrival back = again.peek();
                final boolean isBack = back != null && (first == null || back.startNs() <= first.startNs());
                final Arrival arrival = isBack ? back : first;
                if (arrival == null || arrival.startNs() > untilNs) {
                    break;
                }
                if (isBack) {
                    again.remove();
                } else {
                    next++;
                }
                pass(arrival.startNs());
                open(arrival);
            }
            pass(untilNs);
            watch.sample(active, inService);
        }
    }

    /** Lets time pass: connections end, the server goes and comes. */
    private void pass(long nowNs) throws StateException {
        final Workload.Outage outage = workload.outage();
        if (gone < 0 && complete && nowNs >= outage.fromNs()) {
            endUntil(outage.fromNs());
            die(outage);
        }
        if (gone >= 0 && nowNs >= outage.toNs()) {
            endUntil(outage.toNs());
            state.advance(outage.toNs());
            add(gone);
            gone = Workload.Outage.NONE.server();
        }
        endUntil(nowNs);
        state.advance(nowNs);
        if (state.revision() != revision) {
            publish();
        }
    }

    private void endUntil(long nowNs) {
        while (!ends.isEmpty() && ends.element().endNs() <= nowNs) {
            final Open open = ends.remove();
            if (!broken.remove(open.number())) {
                close(open);
            }
        }
    }

    private void close(Open open) {
        final Destination destination = open.destination();
        load.counters().add(destination.slot(), SlotCounters.ACTIVE, -1);
        active[open.server()]--;
        if (load.isOverloaded(destination.slot()) && OverloadRule.clearsAtUnbind(destination, load)) {
            load.setOverloaded(destination.slot(), false);
        }
    }

    private void die(Workload.Outage outage) throws StateException {
        gone = outage.server();
        complete = false;
        inService[gone] = false;
        outcome.serverGoes();
        state.advance(outage.fromNs());
        state.deleteServer(SERVICE, address(gone), false, PORT);
        for (final Open open : ends) {
            if (open.server() == gone) {
                broken.add(open.number());
                outcome.broken++;
                close(open);
                final Arrival a = open.arrival();
                final long backNs = outage.fromNs() + SECOND_NS;
                final long restNs = Math.max(SECOND_NS, open.endNs() - outage.fromNs());
                again.add(new Arrival(backNs, a.client(), a.port() ^ 1, a.destination(), restNs));
            }
        }
    }

    private void add(int server) throws StateException {
        inService[server] = true;
        state.addServer(
                SERVICE,
                new ServerSpec(
                        address(server),
                        false,
                        PORT,
                        DIRECT_ROUTING,
                        workload.weights()[server],
                        0,
                        0,
                        Destination.Tunnel.IPIP,
                        StateTimeouts.NONE));
    }

    private static IpAddress address(int server) {
        return new IpAddress(0, FIRST_SERVER + server);
    }

    private void publish() {
        revision = state.revision();
        service = state.tables().services().services().get(0);
    }

    private void open(Arrival arrival) {
        flow.nowNs = arrival.startNs();
        flow.protocol = ProtocolNumbers.TCP;
        flow.srcHi = arrival.client().hi();
        flow.srcLo = arrival.client().lo();
        flow.srcPort = arrival.port();
        flow.dstHi = arrival.destination().hi();
        flow.dstLo = arrival.destination().lo();
        flow.dstPort = PORT;
        final int index = service.scheduler().schedule(flow, load);
        if (index == Scheduler.NONE) {
            outcome.refused++;
            return;
        }
        final Destination destination = service.destinations()[index];
        final int server = (int) (destination.address().lo() - FIRST_SERVER);
        load.counters().add(destination.slot(), SlotCounters.ACTIVE, 1);
        load.counters().add(destination.slot(), SlotCounters.CONNS, 1);
        if (OverloadRule.overloadsAtBind(destination, load)) {
            load.setOverloaded(destination.slot(), true);
        }
        active[server]++;
        outcome.connected(arrival.client(), server, gone, complete);
        ends.add(new Open(arrival.startNs() + arrival.durationNs(), outcome.connections, destination, server, arrival));
    }
}
