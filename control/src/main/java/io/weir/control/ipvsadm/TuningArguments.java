package io.weir.control.ipvsadm;

import io.weir.control.state.SchedulerTuning;
import io.weir.sched.Schedulers;
import java.util.List;
import java.util.Set;

/**
 * Weir's own scheduler options of one command line: {@code --table-size}, {@code --load-bound}, {@code --slow-start},
 * {@code --shadow}.
 */
public final class TuningArguments {
    private static final int DAY_SECONDS = 86_400;

    private int tableSize;
    private int loadBound;
    private int slowStartSeconds;
    private List<String> shadows = List.of();

    /** Takes one of them in; others are not for this class. */
    void take(CliOption option, String text) throws IpvsadmException {
        switch (option) {
            case TABLE_SIZE -> tableSize = number(text, "table size", Integer.MAX_VALUE);
            case LOAD_BOUND -> loadBound = number(text, "load bound", Integer.MAX_VALUE);
            case SLOW_START -> slowStartSeconds = number(text, "slow start", DAY_SECONDS);
            case SHADOW -> shadows = names(text);
            default -> {
                // not ours
            }
        }
    }

    /** Reads {@code NAME[,NAME]...}: schedulers that there are, each once. */
    public static List<String> names(String text) throws IpvsadmException {
        final List<String> names = List.of(text.split(",", -1));
        for (String name : names) {
            if (!Schedulers.isKnown(name)) {
                throw IpvsadmException.refused("no scheduler '" + name + "' to be a shadow (there are: "
                        + String.join(", ", Schedulers.names()) + ")");
            }
        }
        if (Set.copyOf(names).size() < names.size()) {
            throw IpvsadmException.refused("a scheduler can be a service's shadow once: '" + text + "'");
        }
        return names;
    }

    private static int number(String text, String what, int most) throws IpvsadmException {
        final int value = Numbers.parse(text, 1, most);
        if (value == Numbers.ILLEGAL) {
            throw IpvsadmException.refused("illegal " + what + " `" + text + "' specified");
        }
        return value;
    }

    /** What was given, if the scheduler takes it; one that is not known is refused later, as the kernel does. */
    SchedulerTuning tuning(String scheduler) throws IpvsadmException {
        final SchedulerTuning tuning = new SchedulerTuning(tableSize, loadBound, slowStartSeconds, shadows);
        if (Schedulers.isKnown(scheduler)) {
            try {
                Schedulers.check(scheduler, tuning.options(0));
            } catch (IllegalArgumentException e) {
                throw IpvsadmException.refused(String.valueOf(e.getMessage()));
            }
        }
        return tuning;
    }

    /** As the options are written; nothing if none is given. */
    static String format(SchedulerTuning tuning) {
        return option(" --table-size ", tuning.tableSize())
                + option(" --load-bound ", tuning.loadBound())
                + option(" --slow-start ", tuning.slowStartSeconds())
                + option(" --shadow ", tuning.shadows());
    }

    /** As a listing shows them. */
    static String describe(SchedulerTuning tuning) {
        return option(" table-size ", tuning.tableSize())
                + option(" load-bound ", tuning.loadBound())
                + option(" slow-start ", tuning.slowStartSeconds())
                + option(" shadow ", tuning.shadows());
    }

    private static String option(String name, List<String> values) {
        return values.isEmpty() ? "" : name + String.join(",", values);
    }

    private static String option(String name, int value) {
        return value == 0 ? "" : name + value;
    }
}
