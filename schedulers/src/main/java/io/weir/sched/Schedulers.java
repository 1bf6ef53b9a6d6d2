package io.weir.sched;

import java.util.List;
import java.util.function.LongFunction;

/**
 * The registry of schedulers: <b>one line in {@link #ALL} adds one</b>, to the commands, the tests and the benchmarks.
 *
 * <p><b>Thread</b>: any.
 */
public final class Schedulers {
    /** What ipvsadm takes when no scheduler is named. */
    public static final String DEFAULT = "wlc";

    private static final List<Entry> ALL = List.of(
            new Entry("rr", seed -> new RrScheduler()),
            new Entry("wrr", seed -> new WrrScheduler()),
            new Entry("lc", seed -> new LcScheduler()),
            new Entry("wlc", seed -> new WlcScheduler()),
            new Entry("sed", seed -> new SedScheduler()),
            new Entry("nq", seed -> new NqScheduler()),
            new Entry("sh", seed -> new ShScheduler()),
            new Entry("dh", seed -> new DhScheduler()),
            new Entry("mh", seed -> new MhScheduler()),
            new Entry("lblc", seed -> new LblcScheduler()),
            new Entry("lblcr", seed -> new LblcrScheduler()),
            new Entry("fo", seed -> new FoScheduler()),
            new Entry("ovf", seed -> new OvfScheduler()),
            new Entry("twos", TwosScheduler::new));

    private static final long DEFAULT_SEED = 1;

    private Schedulers() {}

    private record Entry(String name, LongFunction<Scheduler> factory) {}

    /** The names of all schedulers, as ipvsadm writes them. */
    public static List<String> names() {
        return ALL.stream().map(Entry::name).toList();
    }

    /** Is there a scheduler of that name? */
    public static boolean isKnown(String name) {
        return names().contains(name);
    }

    /** A scheduler for an empty service, with a fixed seed if it draws lots: runs repeat. */
    public static Scheduler create(String name) {
        return create(name, DEFAULT_SEED);
    }

    /**
     * A scheduler for an empty service.
     *
     * @param seed for those that draw lots
     * @throws IllegalArgumentException if there is none of that name
     */
    public static Scheduler create(String name, long seed) {
        for (final Entry entry : ALL) {
            if (entry.name.equals(name)) {
                return entry.factory.apply(seed);
            }
        }
        throw new IllegalArgumentException("no such scheduler: name=" + name);
    }
}
