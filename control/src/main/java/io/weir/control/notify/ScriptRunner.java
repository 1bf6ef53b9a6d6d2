package io.weir.control.notify;

import io.weir.control.keepalived.KeepalivedConfig.Script;
import io.weir.dataplane.io.linux.LibC;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs scripts: each in a session of its own, as an unprivileged user, for a limited time and in limited number.
 *
 * <p>When its time is over, its whole process group gets SIGTERM and a second later SIGKILL, so that what it forked ends
 * with it.
 *
 * <p><b>Thread</b>: any; results come on the runner's threads.
 */
public final class ScriptRunner implements AutoCloseable {
    /** The script was ended for its time was over. */
    public static final int TIMED_OUT = -1;

    /** The script could not be started; the log says why. */
    public static final int NOT_STARTED = -2;

    private static final Logger LOG = LoggerFactory.getLogger(ScriptRunner.class);
    private static final int MOST_AT_ONCE = 256;
    /** Of those that are told of something, one after the other: what is told is not lost for being much. */
    private static final int MOST_WAITING = 10_000;

    private static final int STARTERS = 2;
    private static final long GRACE_MS = 1_000;
    private static final long TOLD_WITHIN_NS = TimeUnit.SECONDS.toNanos(3);
    private static final long LOOK_EVERY_MS = 10;
    private static final int SIGTERM = 15;
    private static final int SIGKILL = 9;
    private static final Path USERS = Path.of("/etc/passwd");

    private volatile String defaultUser;
    private volatile @Nullable String defaultGroup;
    private final ExecutorService starters = Executors.newFixedThreadPool(STARTERS, run -> daemon(run, "weir-script"));
    /** Who is told of one event after the other is told in that order. */
    private final ExecutorService teller = Executors.newSingleThreadExecutor(run -> daemon(run, "weir-teller"));

    private final ScheduledExecutorService clock =
            Executors.newSingleThreadScheduledExecutor(run -> daemon(run, "weir-script-clock"));
    private final Set<Process> running = ConcurrentHashMap.newKeySet();
    /** Those of them that are told of something. */
    private final Set<Process> telling = ConcurrentHashMap.newKeySet();

    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicInteger toTell = new AtomicInteger();
    /** Those that are told run beside each other, but not all at once. */
    private final Semaphore places = new Semaphore(MOST_AT_ONCE);

    /**
     * A runner.
     *
     * @param user null: keepalived_script if there is such a user, else nobody
     * @param group null: the user's own
     */
    public ScriptRunner(@Nullable String user, @Nullable String group) {
        defaultUser = userOr(user);
        defaultGroup = group;
    }

    private static String userOr(@Nullable String user) {
        return user != null ? user : hasUser("keepalived_script") ? "keepalived_script" : "nobody";
    }

    /** Another user from now on. */
    public void user(@Nullable String user, @Nullable String group) {
        defaultUser = userOr(user);
        defaultGroup = group;
    }

    /** As {@code chown} names an owner: this one, else the default one. */
    String owner(@Nullable String user, @Nullable String group) {
        return (user == null ? defaultUser : user) + (group == null ? "" : ":" + group);
    }

    private static Thread daemon(Runnable run, String name) {
        final Thread thread = new Thread(run, name);
        thread.setDaemon(true);
        return thread;
    }

    /** Is there such a user on this machine? */
    static boolean hasUser(String name) {
        return groupOf(name) != null;
    }

    private static @Nullable String groupOf(String user) {
        try {
            for (String line : Files.readAllLines(USERS)) {
                final String[] fields = line.split(":", -1);
                if (fields.length > 3 && (fields[0].equals(user) || fields[2].equals(user))) {
                    return fields[3];
                }
            }
        } catch (IOException e) {
            LOG.warn("event=script problem=\"{}\"", e.getMessage());
        }
        return null;
    }

    /**
     * Runs a script.
     *
     * @param more arguments behind its own
     * @param done gets its exit status, {@link #TIMED_OUT} or {@link #NOT_STARTED}
     * @return what ends it early
     */
    public Runnable run(Script script, List<String> more, long limitMs, IntConsumer done) {
        return run(starters, script, more, limitMs, done);
    }

    /** The same; scripts that are run so are started one after the other. */
    public Runnable runInOrder(Script script, List<String> more, long limitMs, IntConsumer done) {
        return run(teller, script, more, limitMs, done);
    }

    private Runnable run(ExecutorService starter, Script script, List<String> more, long limitMs, IntConsumer done) {
        final boolean tells = starter.equals(teller);
        final AtomicInteger count = tells ? toTell : asked;
        final int most = tells ? MOST_WAITING : MOST_AT_ONCE;
        if (count.incrementAndGet() > most) {
            count.decrementAndGet();
            LOG.warn("event=script command={} problem=\"{} scripts run or wait already\"", script.command(), most);
            done.accept(NOT_STARTED);
            return () -> {};
        }
        final One one = new One(script, more, limitMs, done, tells);
        try {
            starter.execute(tells ? one::startInTurn : one::start);
        } catch (RejectedExecutionException e) {
            one.finish(NOT_STARTED);
        }
        return one::cancel;
    }

    private List<String> argv(Script script, List<String> more) {
        final List<String> argv = new ArrayList<>(List.of("setsid"));
        final String user = script.user() == null ? defaultUser : script.user();
        if (!user.equals("root") && System.getProperty("user.name", "").equals("root")) {
            final String ownGroup = groupOf(user);
            final String usual = defaultGroup;
            final String group = script.user() == null && usual != null
                    ? usual
                    : script.group() != null ? script.group() : ownGroup == null ? "nogroup" : ownGroup;
            argv.addAll(List.of("setpriv", "--reuid=" + user, "--regid=" + group, "--clear-groups"));
            argv.addAll(List.of("--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"));
        }
        argv.addAll(script.command());
        argv.addAll(more);
        return argv;
    }

    /** One run of a script. */
    private final class One {
        private final Script script;
        private final List<String> more;
        private final long limitMs;
        private final IntConsumer done;
        private final boolean tells;
        private @Nullable Process process;
        private @Nullable ScheduledFuture<?> limit;
        /** Kept so that it is not collected before its process has ended. */
        @SuppressWarnings("unused")
        private @Nullable CompletableFuture<Void> waiting;

        private boolean finished;
        private volatile boolean placed;
        private boolean timedOut;
        private boolean cancelled;

        One(Script script, List<String> more, long limitMs, IntConsumer done, boolean tells) {
            this.tells = tells;
            this.script = script;
            this.more = more;
            this.limitMs = limitMs;
            this.done = done;
        }

        /** On the teller's thread, which waits for a place: every script ends in time. */
        void startInTurn() {
            try {
                places.acquire();
                placed = true;
                start();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                finish(NOT_STARTED);
            }
        }

        synchronized void start() {
            if (cancelled) {
                finish(NOT_STARTED);
                return;
            }
            try {
                final File nothing = new File("/dev/null");
                final Process started = new ProcessBuilder(argv(script, more))
                        .redirectInput(nothing)
                        .redirectOutput(ProcessBuilder.Redirect.to(nothing))
                        .redirectError(ProcessBuilder.Redirect.to(nothing))
                        .start();
                process = started;
                running.add(started);
                if (tells) {
                    telling.add(started);
                }
                limit = clock.schedule(this::timeOut, limitMs, TimeUnit.MILLISECONDS);
                waiting = started.onExit().thenAccept(ended -> ended(ended.exitValue()));
            } catch (IOException | RejectedExecutionException e) {
                LOG.warn("event=script command={} problem=\"{}\"", script.command(), e.getMessage());
                finish(NOT_STARTED);
            }
        }

        private synchronized void ended(int status) {
            if (process != null) {
                running.remove(process);
                telling.remove(process);
                if (timedOut) {
                    // Those that did not listen to SIGTERM.
                    signal(process, SIGKILL);
                }
            }
            finish(timedOut ? TIMED_OUT : status);
        }

        synchronized void finish(int status) {
            if (finished) {
                return;
            }
            finished = true;
            (tells ? toTell : asked).decrementAndGet();
            if (placed) {
                places.release();
            }
            if (limit != null) {
                limit.cancel(false);
            }
            done.accept(status);
        }

        private synchronized void timeOut() {
            if (finished || process == null) {
                return;
            }
            timedOut = true;
            LOG.warn("event=script command={} problem=\"not done after {} ms: ended\"", script.command(), limitMs);
            end(process);
        }

        synchronized void cancel() {
            cancelled = true;
            if (process != null && !finished) {
                end(process);
            }
        }
    }

    private void end(Process process) {
        signal(process, SIGTERM);
        try {
            final ScheduledFuture<?> later =
                    clock.schedule(() -> signal(process, SIGKILL), GRACE_MS, TimeUnit.MILLISECONDS);
            LOG.debug("event=script-end pid={} later={}", process.pid(), later.isDone());
        } catch (RejectedExecutionException e) {
            signal(process, SIGKILL);
        }
    }

    private void awaitTold() {
        final long endNs = System.nanoTime() + TOLD_WITHIN_NS;
        try {
            boolean started = false;
            while ((!started || !telling.isEmpty()) && System.nanoTime() - endNs < 0) {
                started = teller.awaitTermination(LOOK_EVERY_MS, TimeUnit.MILLISECONDS);
                TimeUnit.MILLISECONDS.sleep(telling.isEmpty() ? 0 : LOOK_EVERY_MS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** To its whole group: setsid made it the leader of one. */
    private static void signal(Process process, int signal) {
        final int pid = (int) process.pid();
        if (!LibC.kill(-pid, signal) && process.isAlive()) {
            LibC.kill(pid, signal);
        }
    }

    /** Ends what still runs. Scripts that are told of the end have three seconds. */
    @Override
    public void close() {
        starters.shutdownNow();
        teller.shutdown();
        awaitTold();
        teller.shutdownNow();
        running.forEach(process -> signal(process, SIGKILL));
        clock.shutdownNow();
    }
}
