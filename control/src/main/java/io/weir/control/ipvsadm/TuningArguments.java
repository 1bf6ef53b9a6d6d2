package io.weir.control.ipvsadm;

import io.weir.control.state.SchedulerTuning;
import io.weir.sched.Schedulers;

/** Weir's own scheduler options of one command line: {@code --table-size}, {@code --load-bound}, {@code --slow-start}. */
final class TuningArguments {
    private static final int DAY_SECONDS = 86_400;

    private int tableSize;
    private int loadBound;
    private int slowStartSeconds;

    /** Takes one of them in; others are not for this class. */
    void take(CliOption option, String text) throws IpvsadmException {
        switch (option) {
            case TABLE_SIZE -> tableSize = number(text, "table size", Integer.MAX_VALUE);
            case LOAD_BOUND -> loadBound = number(text, "load bound", Integer.MAX_VALUE);
            case SLOW_START -> slowStartSeconds = number(text, "slow start", DAY_SECONDS);
            default -> {
                // not ours
            }
        }
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
        final SchedulerTuning tuning = new SchedulerTuning(tableSize, loadBound, slowStartSeconds);
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
                + option(" --slow-start ", tuning.slowStartSeconds());
    }

    /** As a listing shows them. */
    static String describe(SchedulerTuning tuning) {
        return option(" table-size ", tuning.tableSize())
                + option(" load-bound ", tuning.loadBound())
                + option(" slow-start ", tuning.slowStartSeconds());
    }

    private static String option(String name, int value) {
        return value == 0 ? "" : name + value;
    }
}
