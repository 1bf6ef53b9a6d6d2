package io.weir.control.health;

import io.weir.control.keepalived.Block;
import io.weir.control.keepalived.ServiceSettings.CheckSettings;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * {@code PASSIVE_CHECK}: how does the server answer the handshakes of its clients? It asks nothing, but counts RSTs and
 * SYNs that came again.
 *
 * <p>A server that is out of service has no clients: it comes back after a while, a TCP server not before it takes a
 * connection.
 */
final class PassiveChecker implements Checker {
    private static final long RETURN_MS = 30_000;
    private static final int FAILURES = 5;
    private static final int ALL = 100;

    /**
     * What it takes.
     *
     * @param failures that many failed handshakes between two looks
     * @param share and that percentage of all
     * @param returnMs tried again after that
     */
    record Options(int failures, int share, long returnMs) {}

    @Override
    public String keyword() {
        return "PASSIVE_CHECK";
    }

    @Override
    public int defaultRetries() {
        return 0;
    }

    @Override
    public boolean asksService() {
        return false;
    }

    @Override
    public Object options(Block block, String virtualHost) {
        return new Options(
                block.integer("failures", 1, Integer.MAX_VALUE, FAILURES),
                block.integer("share", 1, ALL, ALL),
                block.milliseconds("return_after", 0, RETURN_MS));
    }

    @Override
    public Probe probe(CheckSettings check, CheckLoop loop) {
        return tries(check, loop).next();
    }

    @Override
    public Tries tries(CheckSettings check, CheckLoop loop) {
        final Verdict verdict = new Verdict((Options) check.options(), System::nanoTime);
        return () -> new Look(check, loop, verdict);
    }

    /** What the counts mean; {@code before} is what they were at the last look. */
    static final class Verdict {
        private final Options options;
        private final LongSupplier clockNs;
        private long @Nullable [] before;
        private boolean out;
        private long outSinceNs;
        private String why = "";

        Verdict(Options options, LongSupplier clockNs) {
            this.options = options;
            this.clockNs = clockNs;
        }

        /** Is the server out, but its time is over? Then it may be tried again. */
        boolean isDue() {
            return out && clockNs.getAsLong() - outSinceNs >= TimeUnit.MILLISECONDS.toNanos(options.returnMs());
        }

        /** The server gets another chance. */
        void forgive() {
            out = false;
            before = null;
        }

        /** Takes handshakes opened, refused and unanswered, counted since ever. */
        CheckResult take(long[] now) {
            final long[] last = before;
            before = now.clone();
            if (out) {
                return CheckResult.down(why);
            }
            // The slot of a server that was away may have been another's.
            if (last == null || now[0] < last[0] || now[1] < last[1] || now[2] < last[2]) {
                return CheckResult.up("watching");
            }
            final long good = now[0] - last[0];
            final long refused = now[1] - last[1];
            final long silent = now[2] - last[2];
            final long bad = refused + silent;
            final String seen = good + " handshakes done, " + refused + " refused, " + silent + " SYNs unanswered";
            if (bad >= options.failures() && bad * ALL >= options.share() * (bad + good)) {
                out = true;
                outSinceNs = clockNs.getAsLong();
                why = seen;
                return CheckResult.down(why);
            }
            return CheckResult.up(seen);
        }
    }

    private static final class Look implements Probe {
        private final CheckSettings check;
        private final CheckLoop loop;
        private final Verdict verdict;
        private @Nullable Probe active;

        Look(CheckSettings check, CheckLoop loop, Verdict verdict) {
            this.check = check;
            this.loop = loop;
            this.verdict = verdict;
        }

        @Override
        public void start(Outcome outcome) {
            final long[] now = loop.director().answers(check.place());
            if (!verdict.isDue()) {
                outcome.done(verdict.take(now));
                return;
            }
            if (!check.place().isTcp()) {
                verdict.forgive();
                outcome.done(CheckResult.up("tried again"));
                return;
            }
            final Probe connection = new TcpProbe(check, loop, new TcpChecker.Hello(), null);
            active = connection;
            connection.start(result -> {
                if (result.up()) {
                    verdict.forgive();
                }
                outcome.done(result);
            });
        }

        @Override
        public void cancel() {
            final Probe connection = active;
            active = null;
            if (connection != null) {
                connection.cancel();
            }
        }
    }
}
