package io.weir.sched;

import io.weir.sched.SchedulerOptions.Choice;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The registry of schedulers: <b>one line in {@link #ALL} adds one</b>, to the commands, the tests and the benchmarks.
 *
 * <p><b>Thread</b>: any.
 */
public final class Schedulers {
    /** What ipvsadm takes when no scheduler is named. */
    public static final String DEFAULT = "wlc";

    private static final List<Entry> ALL = List.of(
            new Entry("rr", options -> new RrScheduler()),
            new Entry("wrr", options -> new WrrScheduler()),
            new Entry("lc", options -> new LcScheduler()),
            new Entry("wlc", options -> new WlcScheduler()),
            new Entry("sed", options -> new SedScheduler()),
            new Entry("nq", options -> new NqScheduler()),
            new Entry("sh", options -> new ShScheduler()),
            new Entry("dh", options -> new DhScheduler()),
            new Entry("mh", MhScheduler::new, MhScheduler.TABLE_SIZE, null),
            new Entry("lblc", options -> new LblcScheduler()),
            new Entry("lblcr", options -> new LblcrScheduler()),
            new Entry("fo", options -> new FoScheduler()),
            new Entry("ovf", options -> new OvfScheduler()),
            new Entry("twos", options -> new TwosScheduler(options.seed())),
            new Entry("conhash", ConhashScheduler::new, ConhashScheduler.TABLE_SIZE, ConhashScheduler.LOAD_BOUND),
            new Entry("maglev", MaglevScheduler::new, MaglevScheduler.TABLE_SIZE, null),
            new Entry("random", RandomScheduler::new),
            new Entry("p2c", P2cScheduler::new));

    private Schedulers() {}

    /** The options are null if the scheduler does not take them. */
    private record Entry(
            String name,
            Function<SchedulerOptions, Scheduler> factory,
            @Nullable Choice tableSize,
            @Nullable Choice loadBound) {
        Entry(String name, Function<SchedulerOptions, Scheduler> factory) {
            this(name, factory, null, null);
        }
    }

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
        return create(name, SchedulerOptions.DEFAULTS);
    }

    /**
     * A scheduler for an empty service.
     *
     * @throws IllegalArgumentException if there is none of that name, or it does not take such options
     */
    public static Scheduler create(String name, SchedulerOptions options) {
        check(name, options);
        return entry(name).factory.apply(options);
    }

    /**
     * Says if a scheduler does not take some options.
     *
     * @throws IllegalArgumentException with a line for the user, also if there is none of that name
     */
    public static void check(String name, SchedulerOptions options) {
        final Entry entry = entry(name);
        check(name, "table size", entry.tableSize, options.tableSize());
        check(name, "load bound", entry.loadBound, options.loadBound());
    }

    private static Entry entry(String name) {
        return ALL.stream()
                .filter(each -> each.name.equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no such scheduler: name=" + name));
    }

    private static void check(String scheduler, String option, @Nullable Choice choice, int value) {
        if (value == 0) {
            return;
        }
        if (choice == null) {
            throw new IllegalArgumentException("scheduler " + scheduler + " takes no " + option);
        }
        if (!choice.isAllowed().test(value)) {
            throw new IllegalArgumentException(
                    "scheduler " + scheduler + ": " + option + " must be " + choice.words() + ", not " + value);
        }
    }
}
