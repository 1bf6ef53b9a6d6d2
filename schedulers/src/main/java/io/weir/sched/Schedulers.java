package io.weir.sched;

import io.weir.sched.SchedulerOptions.Choice;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The registry of schedulers: <b>one line in {@link #ALL} adds one</b>, to the commands, the tests and the benchmarks.
 *
 * <p>Behind the built-in ones come the plug-ins of the configuration in force, which {@link #usePlugins} sets all at once.
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

    private static volatile Plugins plugins = Plugins.NONE;
    private static final ThreadLocal<@Nullable Plugins> CONSIDERED = new ThreadLocal<>();

    private Schedulers() {}

    /**
     * Schedulers that are not built in.
     *
     * @param factories by name, in alphabetical order; each makes a scheduler of an empty service, a new one each time
     */
    public record Plugins(Map<String, Supplier<Scheduler>> factories) {
        public static final Plugins NONE = new Plugins(Map.of());

        public Plugins {
            factories = Collections.unmodifiableMap(new TreeMap<>(factories));
        }
    }

    /**
     * From now on these are the plug-ins; services keep the schedulers they have.
     *
     * @throws IllegalArgumentException if one bears the name of a built-in scheduler
     */
    public static void usePlugins(Plugins next) {
        for (final String name : next.factories.keySet()) {
            if (isBuiltIn(name)) {
                throw new IllegalArgumentException("a built-in scheduler has this name: name=" + name);
            }
        }
        plugins = next;
    }

    /** The plug-ins in use, or those that this thread considers. */
    public static Plugins plugins() {
        final Plugins considered = CONSIDERED.get();
        return considered == null ? plugins : considered;
    }

    /** What {@link #considering} runs. */
    @FunctionalInterface
    public interface Task<T, E extends Exception> {
        T run() throws E;
    }

    /**
     * Runs a task for which these are the plug-ins, on this thread and for nobody else: a configuration is looked at before
     * it is in force.
     */
    public static <T, E extends Exception> T considering(Plugins others, Task<T, E> task) throws E {
        final Plugins before = CONSIDERED.get();
        CONSIDERED.set(others);
        try {
            return task.run();
        } finally {
            if (before == null) {
                CONSIDERED.remove();
            } else {
                CONSIDERED.set(before);
            }
        }
    }

    /** Does one of ours have that name? */
    public static boolean isBuiltIn(String name) {
        return ALL.stream().anyMatch(each -> each.name.equals(name));
    }

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

    /** The names of all schedulers, as ipvsadm writes them, plug-ins last. */
    public static List<String> names() {
        return Stream.concat(ALL.stream().map(Entry::name), plugins().factories.keySet().stream())
                .toList();
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
        final Supplier<Scheduler> plugin = plugins().factories.get(name);
        if (plugin != null) {
            return new Entry(name, options -> plugin.get());
        }
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
