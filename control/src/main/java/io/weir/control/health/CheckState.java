package io.weir.control.health;

import io.weir.control.keepalived.CheckTimers;
import io.weir.control.keepalived.ServiceSettings.CheckSettings;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One check of one real server: when it runs, when its result counts, what it has seen.
 *
 * <p>As keepalived does it: a success counts at once; a failure counts after {@code retries} more, each after the retry
 * delay; then the delay loop goes on. A try that never ends is cut off here, whatever its kind does.
 *
 * <p><b>Thread</b>: {@code weir-health}.
 */
final class CheckState {
    /** Something seen: at which time, and whether it counted. */
    record Seen(long wallMs, boolean up, String why) {}

    private static final Logger LOG = LoggerFactory.getLogger(CheckState.class);
    private static final int HISTORY = 10;
    /** TCP checks have two timeouts, scripts their own limit; this is for what ignores both. */
    private static final int HANG_FACTOR = 4;

    private static final long HANG_EXTRA_MS = 60_000;

    private final CheckSettings settings;
    private final Checker.Tries made;
    private final String where;
    private final CheckLoop loop;
    private final Deque<Seen> history = new ArrayDeque<>();
    private Runnable changed = () -> {};
    private CheckLoop.@Nullable Timer timer;
    private CheckLoop.@Nullable Timer guard;
    private Checker.@Nullable Probe probe;
    private boolean up;
    private boolean hasRun;
    private int tries;
    private OptionalInt weight = OptionalInt.empty();
    private long checks;
    private long failures;
    private long changedAtMs;
    private String changedWhy = "";
    private boolean suspended;
    private boolean stopped;

    /**
     * Not started.
     *
     * @param where service and server, for the log
     */
    CheckState(CheckSettings settings, String where, CheckLoop loop) {
        this.settings = settings;
        this.made = ((Checker) settings.kind()).tries(settings, loop);
        this.where = where;
        this.loop = loop;
        this.up = !settings.timers().alpha();
    }

    /** Begins at a random time, so that a thousand checks do not come at once. */
    void start(Runnable onChange) {
        changed = onChange;
        schedule(loop.jitterMs(settings.timers().firstWithinMs()));
    }

    /** Goes on where an equal check of the configuration before was. */
    void takeOver(CheckState before) {
        up = before.up;
        hasRun = before.hasRun;
        weight = before.weight;
        checks = before.checks;
        failures = before.failures;
        changedAtMs = before.changedAtMs;
        changedWhy = before.changedWhy;
        history.addAll(before.history);
    }

    /** Same question, same way of asking? */
    boolean isLike(CheckState other) {
        return settings.kind().equals(other.settings.kind())
                && settings.endpoint().equals(other.settings.endpoint());
    }

    /** While suspended, checks do not run and their last result stays. */
    void suspend(boolean on) {
        suspended = on;
    }

    private void schedule(long delayMs) {
        if (!stopped) {
            timer = loop.after(delayMs, this::run);
        }
    }

    private void run() {
        if (suspended) {
            schedule(settings.timers().delayLoopMs());
            return;
        }
        final boolean before = settings.throughPath() && !settings.isWholeThroughPath();
        final Checker.Probe next = before ? new PathFirst(settings, loop, made.next()) : made.next();
        probe = next;
        final CheckTimers timers = settings.timers();
        guard = loop.after(
                HANG_FACTOR * Math.max(timers.connectTimeoutMs(), timers.delayLoopMs()) + HANG_EXTRA_MS,
                () -> done(next, CheckResult.down("the check itself hung")));
        next.start(result -> done(next, result));
    }

    private void done(Checker.Probe of, CheckResult result) {
        if (probe != of) {
            return;
        }
        probe = null;
        of.cancel();
        if (guard != null) {
            guard.cancel();
        }
        checks++;
        failures += result.up() ? 0 : 1;
        note(result);
        final CheckTimers timers = settings.timers();
        if (result.up() || tries >= timers.retries()) {
            tries = 0;
            count(result);
            schedule(timers.delayLoopMs());
        } else {
            tries++;
            if (timers.logAllFailures() || !hasRun) {
                LOG.info("event=check-failed {} check={} try={} why=\"{}\"", where, name(), tries, result.why());
            }
            schedule(timers.delayBeforeRetryMs());
        }
    }

    private void note(CheckResult result) {
        if (history.size() == HISTORY) {
            history.removeFirst();
        }
        history.addLast(new Seen(System.currentTimeMillis(), result.up(), result.why()));
    }

    private void count(CheckResult result) {
        final boolean first = !hasRun;
        hasRun = true;
        final boolean other = result.up() != up || !result.weight().equals(weight);
        weight = result.up() ? result.weight() : weight;
        if (result.up() != up) {
            up = result.up();
            changedAtMs = System.currentTimeMillis();
            changedWhy = result.why();
            LOG.info("event=check {} check={} state={} why=\"{}\"", where, name(), up ? "up" : "down", result.why());
        } else if (first) {
            changedAtMs = System.currentTimeMillis();
            changedWhy = result.why();
        }
        if (other || first) {
            changed.run();
        }
    }

    void stop() {
        stopped = true;
        if (timer != null) {
            timer.cancel();
        }
        if (guard != null) {
            guard.cancel();
        }
        final Checker.Probe running = probe;
        probe = null;
        if (running != null) {
            running.cancel();
        }
    }

    boolean isUp() {
        return up;
    }

    /** The weight the server asks for. */
    OptionalInt weight() {
        return weight;
    }

    /** Is that weight one to add (a file's), not one to take (a script's)? */
    boolean addsWeight() {
        return settings.kind() instanceof FileChecker;
    }

    String name() {
        return settings.kind().keyword();
    }

    String target() {
        return settings.kind().hasEndpoint()
                ? " " + settings.endpoint().address() + " port "
                        + settings.endpoint().port()
                : "";
    }

    boolean hasRun() {
        return hasRun;
    }

    long checks() {
        return checks;
    }

    long failures() {
        return failures;
    }

    long changedAtMs() {
        return changedAtMs;
    }

    String changedWhy() {
        return changedWhy;
    }

    /** Oldest first. */
    List<Seen> history() {
        return List.copyOf(history);
    }
}
