package io.weir.control.plan;

import io.weir.control.ipvsadm.TableLines;
import io.weir.control.plan.Step.Effect;
import io.weir.control.state.ConnectionInfo;
import io.weir.control.state.DirectorState;
import io.weir.packet.IpAddress;
import io.weir.sched.Flow;
import io.weir.sched.Scheduler;
import io.weir.service.Destination;
import io.weir.service.DestinationLoad;
import io.weir.service.ServiceKey;
import io.weir.service.ServiceTable;
import io.weir.service.VirtualService;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whom steps touch: how many live connections break or drain, and, where clients are hashed to servers, how many of the
 * clients that are connected now would be sent to another server when they come again.
 */
public final class Impact {
    /** Schedulers that send a client where its address says. */
    private static final Set<String> BY_CLIENT = Set.of("sh", "mh", "maglev", "conhash");

    private final DestinationLoad liveLoad;
    private final DestinationLoad wantedLoad;
    private final ServiceTable live;
    private final ServiceTable wanted;
    private final StringBuilder text = new StringBuilder();
    private long breaking;
    private long draining;

    private Impact(DirectorState from, DirectorState to) {
        liveLoad = from.load();
        wantedLoad = to.load();
        live = from.tables().services();
        wanted = to.tables().services();
    }

    /** The steps for a person to read, a line each, with whom they touch. */
    public static String describe(
            List<Step> steps, DirectorState from, DirectorState to, Collection<ConnectionInfo> connections) {
        final Impact impact = new Impact(from, to);
        final Set<ServiceKey> touched = new LinkedHashSet<>();
        for (Step step : steps) {
            impact.step(step);
            if (step.service() != null) {
                touched.add(step.service());
            }
        }
        touched.forEach(key -> impact.clients(key, connections));
        impact.text.append("connections: ").append(impact.breaking).append(" break, ");
        impact.text.append(impact.draining).append(" drain\n");
        return impact.text.toString();
    }

    private void step(Step step) {
        text.append(step.sign()).append(' ').append(step.line());
        if (!step.was().isEmpty()) {
            text.append("   (was ").append(step.was()).append(')');
        }
        if (step.effect() != Effect.NONE) {
            final long count = liveLoad.active(step.slot()) + liveLoad.inactive(step.slot());
            final boolean breaks = step.effect() == Effect.BREAK;
            breaking += breaks ? count : 0;
            draining += breaks ? 0 : count;
            text.append("   ").append(count).append(breaks ? " connections break" : " connections drain");
        }
        text.append('\n');
    }

    private void clients(ServiceKey key, Collection<ConnectionInfo> connections) {
        final VirtualService before = live.exact(key);
        final VirtualService after = wanted.exact(key);
        if (before == null || after == null || !isByClient(before) || !isByClient(after)) {
            return;
        }
        final Set<IpAddress> seen = new LinkedHashSet<>();
        int moved = 0;
        for (ConnectionInfo c : connections) {
            if (c.protocol() == key.protocol()
                    && c.virtualPort() == key.port()
                    && c.virtual().equals(key.address())
                    && seen.add(c.client())
                    && !Objects.equals(server(before, liveLoad, c), server(after, wantedLoad, c))) {
                moved++;
            }
        }
        text.append("  ")
                .append(TableLines.key(key))
                .append(' ')
                .append(after.scheduler().name());
        text.append(": ").append(moved).append(" of ").append(seen.size());
        text.append(" connected clients move to another server when they come again\n");
    }

    private static boolean isByClient(VirtualService service) {
        return BY_CLIENT.contains(service.scheduler().name());
    }

    private static @Nullable String server(VirtualService service, DestinationLoad load, ConnectionInfo c) {
        final Flow flow = new Flow();
        flow.protocol = c.protocol();
        flow.srcHi = c.client().hi();
        flow.srcLo = c.client().lo();
        flow.srcPort = c.clientPort();
        flow.dstHi = c.virtual().hi();
        flow.dstLo = c.virtual().lo();
        flow.dstPort = c.virtualPort();
        final int index = service.scheduler().schedule(flow, load);
        if (index == Scheduler.NONE) {
            return null;
        }
        final Destination d = service.destinations()[index];
        return d.address() + " " + d.port();
    }
}
