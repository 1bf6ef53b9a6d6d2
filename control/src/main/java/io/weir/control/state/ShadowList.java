package io.weir.control.state;

import io.weir.sched.MemoryLimits;
import io.weir.sched.Scheduler;
import io.weir.sched.SchedulerOptions;
import io.weir.sched.Schedulers;
import io.weir.service.Destination;
import io.weir.service.Shadow;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The shadow schedulers of one service: they follow its destinations as the live scheduler does.
 *
 * <p><b>Thread</b>: the director's.
 */
final class ShadowList {
    private final ShadowLanes lanes;
    private final List<Entry> entries = new ArrayList<>();

    ShadowList(ShadowLanes lanes) {
        this.lanes = lanes;
    }

    /** One that is attached. */
    private static final class Entry {
        private final String name;
        private final long serial;
        private final int lane;
        private final Shadow.Tally tally = new Shadow.Tally();
        private Scheduler scheduler;

        Entry(String name, long serial, int lane, Scheduler scheduler) {
            this.name = name;
            this.serial = serial;
            this.lane = lane;
            this.scheduler = scheduler;
        }

        /** One that has not room for so many is no reason to refuse a server: it has none to offer until there are fewer. */
        private Entry with(List<Destination> destinations, int flags) {
            final boolean fits = destinations.size() <= scheduler.mostDestinations();
            scheduler = scheduler.withDestinations(fits ? destinations : List.of(), flags);
            return this;
        }
    }

    /** From now on these are attached, in this order; one that was goes on where it is. */
    void attach(List<String> names, List<Destination> destinations, int flags) {
        entries.removeIf(entry -> !names.contains(entry.name));
        for (final String name : names) {
            if (entries.stream().noneMatch(entry -> entry.name.equals(name))) {
                final Scheduler scheduler = Schedulers.create(name, SchedulerOptions.seeded(lanes.seed()));
                entries.add(new Entry(name, lanes.nextSerial(), freeLane(), scheduler).with(destinations, flags));
            }
        }
        entries.sort(Comparator.comparingInt(entry -> names.indexOf(entry.name)));
    }

    private int freeLane() {
        int lane = 0;
        for (int i = 0; i < entries.size(); i++) {
            for (final Entry entry : entries) {
                lane += entry.lane == lane ? 1 : 0;
            }
        }
        return lane;
    }

    /** One thing about the list of destinations has changed. */
    void update(List<Destination> destinations, int flags) {
        entries.forEach(entry -> entry.with(destinations, flags));
    }

    void advance(long nowNs, MemoryLimits limits) {
        entries.forEach(entry -> entry.scheduler.advance(nowNs, limits));
    }

    /** For the data plane. */
    Shadow[] publish() {
        return entries.stream()
                .map(e -> new Shadow(e.serial, e.lane, e.scheduler, lanes.lane(e.lane), e.tally))
                .toArray(Shadow[]::new);
    }
}
