package io.weir.control.replay;

import io.weir.conntrack.Ticks;
import io.weir.control.ipvsadm.FixedNames;
import io.weir.control.ipvsadm.Ipvsadm;
import io.weir.control.ipvsadm.ShadowListing;
import io.weir.control.replay.PcapFile.Frame;
import io.weir.control.replay.Scenario.Event;
import io.weir.control.state.ConnectionInfo;
import io.weir.control.state.DirectorState;
import io.weir.dataplane.ConfigSnapshot;
import io.weir.dataplane.route.LocalAddresses;
import io.weir.dataplane.route.RouteTable;
import io.weir.packet.IpAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Runs one scenario in virtual time.
 *
 * <p>Time passes with {@code @sleep}, with the capture's own times if the option {@code pace} is set, and a little with
 * each frame and each command: as much as the recording machine needed, because what depends on the kernel's tick of 10 ms
 * (an ended connection goes, a token bucket fills) shows in recordings.
 *
 * <p><b>Thread</b>: one; any number of runners may run side by side.
 */
final class ReplayRunner {
    private static final List<String> FINAL = List.of(
            "ipvsadm -Ln",
            "ipvsadm -Lnc",
            "ipvsadm -Ln --stats",
            "ipvsadm -Ln --stats --exact",
            "ipvsadm -Ln --rate",
            "ipvsadm -Ln --thresholds",
            "ipvsadm -Ln --persistent-conn",
            "ipvsadm -Ln --timeout",
            "ipvsadm -Ln --daemon",
            "ipvsadm -Sn",
            "cat /proc/net/ip_vs_conn",
            "cat /proc/net/ip_vs");
    private static final long NANOS_PER_US = 1_000;
    private static final long NANOS_PER_MS = 1_000_000;
    /** What the recording machine needed to set up its interfaces. */
    private static final long BOOT_NS = TimeUnit.MILLISECONDS.toNanos(46);
    /** And for one frame: 8,000 a second. */
    private static final long FRAME_NS = TimeUnit.MICROSECONDS.toNanos(125);
    /** And for one command: the many before the first frame, and those between frames (median of 23 in the corpus). */
    private static final long SETUP_COMMAND_NS = TimeUnit.MILLISECONDS.toNanos(12);

    private static final long COMMAND_NS = TimeUnit.MILLISECONDS.toNanos(22);
    /** Of which the last part only comes after the command's effect: before it lies the start of its process. */
    private static final long COMMAND_EXIT_NS = TimeUnit.MILLISECONDS.toNanos(2);

    private static final long SETTLE_MS = 30;
    private static final long TAIL_MS = 20;
    private static final int SMALLEST_TABLE = 4096;
    private static final long SEED = 1;
    private static final long OWN = -1;

    private final Scenario scenario;
    private final ReplayPath path;
    private final ReplayOutput output;
    private final DirectorState state;
    private final ReplayCommands commands;
    private final ReplayShell shell;
    private final LocalAddresses vips;
    private final ReplaySync sync;
    private long nowNs;
    private long zeroNs;
    private long epoch;
    private long publishedState = -1;
    private long publishedCommands = -1;
    private long input = OWN;
    private int nextEvent;

    ReplayRunner(Scenario scenario, Topology topology, ReplayPath path) {
        this.scenario = scenario;
        this.path = path;
        this.output = new ReplayOutput(scenario);
        this.state = new DirectorState(path.load(), path.serviceCounters(), SEED, 0);
        final Ipvsadm ipvsadm = new Ipvsadm(state, new FixedNames(topology.hosts()), () -> path.connections(nowNs));
        this.commands = new ReplayCommands(ipvsadm, state, () -> path.connections(nowNs), topology);
        this.shell = new ReplayShell(commands);
        this.sync = new ReplaySync(path.sync());
        this.vips = LocalAddresses.of(List.of(), topology.vips());
    }

    /** Runs a scenario on a packet path of its own. */
    static ReplayOutput run(Scenario scenario, Topology topology) {
        final int flows = Integer.highestOneBit(
                        Math.max(SMALLEST_TABLE, 4 * scenario.frames().size()) - 1)
                << 1;
        try (ReplayPath path = new WorkerPath(flows, topology)) {
            return new ReplayRunner(scenario, topology, path).run();
        }
    }

    ReplayOutput run() {
        publish();
        pass(BOOT_NS);
        for (List<String> lines : List.of(scenario.sysctls(), scenario.net(), scenario.rules())) {
            for (String line : lines) {
                output.setup(microseconds(), line, execute(line, SETUP_COMMAND_NS));
            }
        }
        pass(scenario.number("settle_ms", SETTLE_MS) * NANOS_PER_MS);
        zeroNs = nowNs;
        frames();
        events(scenario.frames().size());
        pass(scenario.number("tail_ms", TAIL_MS) * NANOS_PER_MS);
        if (scenario.number("final", 1) != 0) {
            for (String line : FINAL) {
                output.last(microseconds(), line, execute(line, SETUP_COMMAND_NS));
            }
        }
        output.shadows(ShadowListing.of(state));
        return output;
    }

    private long microseconds() {
        return (nowNs - zeroNs) / NANOS_PER_US;
    }

    private void frames() {
        final boolean pace = scenario.is("pace");
        final long autosnap = scenario.number("autosnap", 0);
        final List<Frame> frames = scenario.frames();
        for (int i = 0; i < frames.size(); i++) {
            final Frame frame = frames.get(i);
            events(i);
            if (pace) {
                final long dueNs = zeroNs + (frame.timeUs() - frames.get(0).timeUs()) * NANOS_PER_US;
                pass(Math.max(0, dueNs - nowNs));
            }
            input = i;
            final int ingress = commands.topology().ingress(frame.bytes());
            sync.receive(frame.bytes(), commands.topology().interfaces().get(ingress));
            path.process(frame.bytes(), ingress, nowNs, this::leave);
            input = OWN;
            output.verdict(i, path.verdict(), path.reason(), connectionsOf(frame.bytes(), autosnap));
            if (autosnap != 0) {
                output.snapshot(i, path.connections(nowNs));
            }
            pass(FRAME_NS);
        }
    }

    private void leave(UnsafeBuffer buffer, int offset, int length, int egress) {
        output.frame(
                input,
                microseconds(),
                commands.topology().interfaces().get(egress).name(),
                buffer,
                offset,
                length);
    }

    /** The frame's own connection; where every state is recorded, all connections of its client's end. */
    private List<ConnectionInfo> connectionsOf(byte[] frame, long autosnap) {
        if (autosnap == 0 || !scenario.is("states")) {
            final ConnectionInfo own = path.connection(nowNs);
            return own == null ? List.of() : List.of(own);
        }
        final @Nullable ClientEnd client =
                ClientEnd.of(frame, commands.topology().ingress(frame) != 0);
        return path.connections(nowNs).stream()
                .filter(c -> c.clientPort() != 0 && c.expiresSeconds() != 0)
                .filter(c -> client == null || client.is(c.client(), c.clientPort()))
                .toList();
    }

    /** The events that are due before frame {@code index}. */
    private void events(int index) {
        final boolean end = index == scenario.frames().size();
        while (nextEvent < scenario.events().size()) {
            final Event event = scenario.events().get(nextEvent);
            if (event.before() > index && !end) {
                return;
            }
            nextEvent++;
            event(index, event.command());
        }
    }

    private void event(int index, String command) {
        if (command.startsWith("@sleep ")) {
            pass(Long.parseLong(command.substring("@sleep ".length()).trim()) * NANOS_PER_MS);
        } else if ("@snap".equals(command)) {
            output.snapshot(index, path.connections(nowNs));
        } else if (!command.startsWith("@")) {
            output.command(index, microseconds(), "event", command, execute(command, COMMAND_NS));
        }
    }

    private Ipvsadm.Result execute(String line, long nanos) {
        pass(nanos - COMMAND_EXIT_NS);
        final Ipvsadm.Result result = shell.run(line);
        publish();
        path.advance(nowNs, this::leave);
        pass(COMMAND_EXIT_NS);
        return result;
    }

    private void pass(long nanos) {
        long left = nanos;
        while (left > 0) {
            final long step = sync.isActive() || path.isWaiting() ? Math.min(left, Ticks.NANOS) : left;
            left -= step;
            nowNs += step;
            path.advance(nowNs, this::leave);
            sync.run(nowNs, commands.topology(), this::leave);
            state.advance(nowNs);
            publish();
        }
    }

    private void publish() {
        if (state.revision() == publishedState && commands.revision() == publishedCommands) {
            return;
        }
        publishedState = state.revision();
        publishedCommands = commands.revision();
        final DirectorState.Tables tables = state.tables();
        sync.update(state, nowNs + COMMAND_EXIT_NS);
        final Topology topology = commands.topology();
        final List<IpAddress> locals = state.localAddresses();
        path.publish(new ConfigSnapshot(
                ++epoch,
                tables.services(),
                tables.destinations(),
                RouteTable.of(topology.allRoutes(), topology.interfaces()),
                topology.interfaces(),
                vips,
                LocalAddresses.ofInterfaces(topology.interfaces()),
                LocalAddresses.of(locals, List.of()),
                locals,
                state.timeouts(),
                state.sysctls(),
                commands.marks(),
                state.syncRoles()));
    }
}
