package io.weir.control.plan;

import io.weir.control.ipvsadm.TableLines;
import io.weir.control.plan.Step.Effect;
import io.weir.control.state.DestinationEntry;
import io.weir.control.state.DirectorState;
import io.weir.control.state.ServiceEntry;
import io.weir.packet.IpAddress;
import io.weir.service.ServiceKey;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The lines that lead from one table to another. What both have is not touched, so its connections and counters stay.
 */
public final class Difference {
    private final DirectorState from;
    private final DirectorState to;
    private final List<Step> steps = new ArrayList<>();

    private Difference(DirectorState from, DirectorState to) {
        this.from = from;
        this.to = to;
    }

    /** In the order in which they must be done; none if the tables are the same. */
    public static List<Step> between(DirectorState from, DirectorState to) {
        final Difference difference = new Difference(from, to);
        difference.compare();
        return List.copyOf(difference.steps);
    }

    private void compare() {
        for (ServiceEntry service : from.services()) {
            if (to.find(service.key()) == null) {
                deleteService(service);
            }
        }
        for (ServiceEntry wanted : to.services()) {
            final ServiceEntry live = from.find(wanted.key());
            if (live == null) {
                addService(wanted);
            } else {
                service(live, wanted);
            }
        }
        if (!TableLines.timeouts(from).equals(TableLines.timeouts(to))) {
            steps.add(Step.of('~', TableLines.timeouts(to), TableLines.timeouts(from), null));
        }
    }

    private void deleteService(ServiceEntry service) {
        final ServiceKey key = service.key();
        // Server by server, so that each one's connections are seen.
        for (DestinationEntry entry : service.destinations()) {
            deleteServer(key, entry);
        }
        steps.add(Step.of('-', "-D " + TableLines.key(key), "", key));
    }

    private void addService(ServiceEntry service) {
        TableLines.service(service).lines().forEach(line -> steps.add(Step.of('+', line, "", service.key())));
    }

    private void service(ServiceEntry live, ServiceEntry wanted) {
        final ServiceKey key = live.key();
        final String name = TableLines.key(key);
        final String before = TableLines.options(live);
        final String after = TableLines.options(wanted);
        if (!before.equals(after)) {
            steps.add(Step.of('~', "-E " + name + " " + after, before, key));
        }
        for (IpAddress local : live.localAddresses()) {
            if (!wanted.localAddresses().contains(local)) {
                steps.add(Step.of('-', "-Q " + name + " -z " + local, "", key));
            }
        }
        for (IpAddress local : wanted.localAddresses()) {
            if (!live.localAddresses().contains(local)) {
                steps.add(Step.of('+', "-P " + name + " -z " + local, "", key));
            }
        }
        servers(live, wanted);
    }

    private void servers(ServiceEntry live, ServiceEntry wanted) {
        final ServiceKey key = live.key();
        final Map<String, DestinationEntry> there = new LinkedHashMap<>();
        live.destinations().forEach(entry -> there.put(TableLines.server(key, entry), entry));
        final List<Step> coming = new ArrayList<>();
        // Oldest first: the newest ends up in front, as in the wanted list.
        for (int i = wanted.destinations().size() - 1; i >= 0; i--) {
            final DestinationEntry want = wanted.destinations().get(i);
            final String server = TableLines.server(key, want);
            final DestinationEntry have = there.remove(server);
            if (have == null) {
                final String line = "-a " + TableLines.key(key) + " " + server + " " + TableLines.options(key, want);
                coming.add(Step.of('+', line, "", key));
            } else {
                edit(key, have, want, server);
            }
        }
        there.values().forEach(entry -> deleteServer(key, entry));
        steps.addAll(coming);
    }

    private void edit(ServiceKey key, DestinationEntry have, DestinationEntry want, String server) {
        final String before = TableLines.options(key, have);
        final String after = TableLines.options(key, want);
        if (before.equals(after)) {
            return;
        }
        final boolean drains = want.value().weight() == 0 && have.value().weight() > 0;
        steps.add(new Step(
                '~',
                "-e " + TableLines.key(key) + " " + server + " " + after,
                before,
                key,
                have.value().slot(),
                drains ? Effect.DRAIN : Effect.NONE));
    }

    private void deleteServer(ServiceKey key, DestinationEntry entry) {
        final String line = "-d " + TableLines.key(key) + " " + TableLines.server(key, entry);
        steps.add(new Step('-', line, "", key, entry.value().slot(), Effect.BREAK));
    }
}
