package io.weir.sched.contract;

import io.weir.sched.MemoryLimits;
import io.weir.sched.Scheduler;
import io.weir.sched.SchedulerFlags;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * What every scheduler keeps to, as clauses that are tried one after the other.
 *
 * <p>Nothing here says whom a scheduler should choose: only whom it must not, that it repeats itself, that it bears many
 * threads, and what it may cost. A scheduler may always choose nobody, except of a list of one usable server.
 *
 * <p><b>Thread</b>: any; a trial makes threads of its own and ends them. A scheduler that never returns keeps its trial from
 * ending: try strangers in a process that can be ended.
 */
public final class SchedulerContract {
    /** Names fit the kernel's, of which ipvsadm sends at most 15 characters. */
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9_-]{0,14}");

    static final int ALL_FLAGS = SchedulerFlags.FLAG_1 | SchedulerFlags.FLAG_2 | SchedulerFlags.FLAG_3;
    private static final int SLOTS = 16;
    private static final int FLOWS = 2000;
    private static final List<Integer> FLAGS = List.of(0, ALL_FLAGS);

    private final String name;
    private final Supplier<Scheduler> fresh;

    private SchedulerContract(String name, Supplier<Scheduler> fresh) {
        this.name = name;
        this.fresh = fresh;
    }

    /** One rule of the contract. */
    @FunctionalInterface
    interface Rule {
        void hold(SchedulerContract trial) throws ContractException;
    }

    /** The clauses in the order they are tried: the cheap and telling ones first. */
    public enum Clause {
        NAME("name", SchedulerContract::names),
        EMPTY("empty list", SchedulerContract::emptyList),
        ALONE("one server", SchedulerContract::oneServer),
        ZERO_WEIGHT("zero weight", SchedulerContract::zeroWeight),
        OVERLOAD("overload", SchedulerContract::overload),
        TIES("ties", SchedulerContract::repeatsItself),
        EXTREMES("extreme weights", SchedulerContract::extremes),
        REMOVAL("removal", SchedulerContract::removal),
        SUCCESSORS("successors", SchedulerContract::successors),
        TIME_PASSES("time passes", SchedulerContract::timePasses),
        NO_GARBAGE("no allocation", trial -> SpeedClause.allocatesNothing(trial.fresh)),
        SHARED_USE("concurrent use", trial -> SharedUseClause.check(trial.fresh)),
        TIME_BUDGET("time budget", trial -> SpeedClause.inTime(trial.fresh));

        private final String title;

        @SuppressWarnings("ImmutableEnumChecker") // method references: nothing in them changes
        private final Rule rule;

        Clause(String title, Rule rule) {
            this.title = title;
            this.rule = rule;
        }

        /**
         * Tries this clause alone.
         *
         * @param fresh makes a scheduler of an empty service, a new one each time
         * @throws ContractException if it does not hold; whatever the scheduler throws counts as that, too
         */
        public void check(String name, Supplier<Scheduler> fresh) throws ContractException {
            try {
                rule.hold(new SchedulerContract(name, fresh));
            } catch (ContractException e) {
                throw new ContractException(title + ": " + e.getMessage());
            } catch (RuntimeException | LinkageError | AssertionError | StackOverflowError | OutOfMemoryError e) {
                throw new ContractException(title + ": " + thrown(e));
            }
        }
    }

    /** Tries all clauses; throws for the first that does not hold, see {@link Clause#check}. */
    public static void check(String name, Supplier<Scheduler> fresh) throws ContractException {
        for (final Clause clause : Clause.values()) {
            clause.check(name, fresh);
        }
    }

    static String thrown(Throwable e) {
        final StackTraceElement[] stack = e.getStackTrace();
        return "it throws " + e.getClass().getName() + (e.getMessage() == null ? "" : ": " + oneLine(e.getMessage()))
                + (stack.length == 0 ? "" : ", at " + stack[0]);
    }

    private static String oneLine(String text) {
        return text.lines().findFirst().orElse("");
    }

    private ContractService service(int flags) {
        return new ContractService(fresh.get(), flags, SLOTS);
    }

    private void names() throws ContractException {
        if (!NAME.matcher(name).matches()) {
            throw new ContractException(
                    "a name is 1 to 15 lower-case letters, digits, '_' or '-', not '" + oneLine(name) + "'");
        }
        final Scheduler first = fresh.get();
        same(first.name());
        same(first.withDestinations(List.of(), 0).name());
        if (first == fresh.get()) {
            throw new ContractException("two services got the same instance");
        }
    }

    private void same(String other) throws ContractException {
        if (!name.equals(other)) {
            throw new ContractException("it is '" + name + "' once and '" + other + "' later");
        }
    }

    private void emptyList() throws ContractException {
        for (final int flags : FLAGS) {
            final ContractService service = service(flags);
            must(service, Scheduler.NONE, "before any list");
            must(service.replace(List.of()), Scheduler.NONE, "of an empty list");
            service.put(0, 1);
            service.delete(0);
            must(service, Scheduler.NONE, "after the last server was deleted");
        }
    }

    private static void must(ContractService service, int slot, String when) throws ContractException {
        final int chosen = service.choose();
        if (chosen != slot) {
            throw new ContractException("it chose " + words(chosen) + " " + when + ", not " + words(slot));
        }
    }

    private static String words(int slot) {
        return slot == Scheduler.NONE ? "nobody" : "server " + slot;
    }

    private void oneServer() throws ContractException {
        for (final int flags : FLAGS) {
            final ContractService service = service(flags).add(3);
            for (int i = 0; i < SLOTS; i++) {
                must(service.client(i), 0, "of a list of one usable server");
            }
        }
    }

    private void zeroWeight() throws ContractException {
        for (final int flags : FLAGS) {
            final ContractService service = service(flags).add(2, 0, 1, 0);
            for (int i = 0; i < FLOWS; i++) {
                final int slot = service.client(i).choose();
                if (slot == 1 || slot == 3) {
                    throw new ContractException("it chose server " + slot + ", whose weight is 0");
                }
            }
            service.put(0, 0);
            service.put(2, 0);
            must(service, Scheduler.NONE, "when all weights are 0");
        }
    }

    private void overload() throws ContractException {
        for (final int flags : FLAGS) {
            final ContractService service = service(flags).add(1, 1, 1);
            service.overloaded(1, true);
            for (int i = 0; i < FLOWS; i++) {
                if (service.client(i).choose() == 1) {
                    throw new ContractException("it chose server 1, which is overloaded");
                }
            }
            // A new client of a new site: one that keeps clients with their server may have promised nothing.
            final ContractService full = service(flags).add(1, 1);
            full.overloaded(0, true);
            full.overloaded(1, true);
            must(full, Scheduler.NONE, "when all servers are overloaded");
        }
    }

    /** Equal servers under equal load: which of them is the scheduler's own rule, but it must be one. */
    private void repeatsItself() throws ContractException {
        final ContractService first = service(0).add(2, 2, 2, 2, 1);
        final ContractService second = service(0).add(2, 2, 2, 2, 1);
        for (int i = 0; i < FLOWS; i++) {
            final int one = first.client(i).open();
            final int other = second.client(i).open();
            if (one != other) {
                throw new ContractException("after the same history it chose " + words(one) + " once and "
                        + words(other) + " the next time");
            }
        }
    }

    private void extremes() throws ContractException {
        final ContractService service = service(0).add(Integer.MAX_VALUE, 1, Integer.MAX_VALUE, 0, 65_535);
        for (int i = 0; i < FLOWS; i++) {
            if (service.client(i).open() == 3) {
                throw new ContractException("it chose server 3, whose weight is 0");
            }
        }
    }

    private void removal() throws ContractException {
        for (final int flags : FLAGS) {
            final ContractService service = service(flags).add(1, 1, 1);
            chooseMany(service);
            service.delete(1);
            for (int i = 0; i < FLOWS; i++) {
                if (service.client(i).choose() == Scheduler.NONE) {
                    throw new ContractException("it chose nobody of two usable servers after a third was deleted");
                }
            }
            service.delete(0);
            service.delete(2);
            service.put(1, 1);
            must(service, 1, "when a deleted server came back, alone");
        }
    }

    /** Workers use the former instance until they have seen the next one. */
    private void successors() throws ContractException {
        final ContractService service = service(0).add(1, 2, 1);
        final Scheduler former = service.scheduler();
        service.delete(0);
        service.delete(1);
        if (service.scheduler() == former) {
            throw new ContractException("a changed list must have an instance of its own");
        }
        for (int i = 0; i < FLOWS; i++) {
            final int index = former.schedule(service.client(i).flow(), service.load());
            if (index < Scheduler.NONE || index >= 3) {
                throw new ContractException("the former instance chose index " + index + " of its list of 3");
            }
            must(service, 2, "of a list of one, the former instance being used, too");
        }
    }

    private void timePasses() throws ContractException {
        final ContractService service = service(0).add(1, 1, 1);
        final MemoryLimits limits = new MemoryLimits(TimeUnit.MINUTES.toNanos(1), TimeUnit.MINUTES.toNanos(1));
        // A monotonic clock may start anywhere, and pass from the greatest number to the smallest.
        long now = Long.MAX_VALUE - TimeUnit.HOURS.toNanos(1);
        for (int minute = 0; minute < 180; minute++) {
            now += TimeUnit.MINUTES.toNanos(1);
            service.flow().nowNs = now;
            service.scheduler().advance(now, limits);
            final int slot = service.client(minute).open();
            if (slot == Scheduler.NONE) {
                throw new ContractException("it chose nobody of three usable servers after " + minute + " minutes");
            }
            service.close(slot, 1);
        }
    }

    private static void chooseMany(ContractService service) throws ContractException {
        for (int i = 0; i < FLOWS; i++) {
            service.client(i).choose();
        }
    }
}
