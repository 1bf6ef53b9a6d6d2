package io.weir.control.health;

import io.weir.control.keepalived.Block;
import io.weir.control.keepalived.KeepalivedConfig.Script;
import io.weir.control.keepalived.ServiceSettings.CheckSettings;
import io.weir.control.keepalived.Statement;
import io.weir.control.notify.ScriptRunner;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code MISC_CHECK}: a program decides: 0 is up, anything else down; with misc_dynamic 2 to 255 is up with a weight of
 * that less two.
 */
final class MiscChecker implements Checker {
    private static final int FIRST_WEIGHT = 2;

    /**
     * What runs.
     *
     * @param limitMs 0: until the next check is due
     */
    record Options(@Nullable Script script, long limitMs, boolean dynamic) {}

    @Override
    public String keyword() {
        return "MISC_CHECK";
    }

    @Override
    public int defaultRetries() {
        return 0;
    }

    @Override
    public boolean hasEndpoint() {
        return false;
    }

    @Override
    public Object options(Block block, String virtualHost) {
        final Statement path = block.last("misc_path");
        if (path == null) {
            block.report().wrong(block.statement(), "'misc_path' is missing");
        }
        final Statement user = block.last("user");
        final List<String> who = user == null ? List.of() : user.arguments();
        final Script script = path == null || path.arguments().isEmpty()
                ? null
                : new Script(
                        Statement.command(path.arguments().get(0)),
                        who.isEmpty() ? null : who.get(0),
                        who.size() < 2 ? null : who.get(1));
        return new Options(script, block.milliseconds("misc_timeout", 0, 0), block.flag("misc_dynamic", false));
    }

    @Override
    public Probe probe(CheckSettings check, CheckLoop loop) {
        final Options options = (Options) check.options();
        final long limit =
                options.limitMs() > 0 ? options.limitMs() : check.timers().delayLoopMs();
        return new ScriptProbe(options, limit, loop);
    }

    private static final class ScriptProbe implements Probe {
        private final Options options;
        private final long limitMs;
        private final CheckLoop loop;
        private @Nullable Runnable end;
        private boolean cancelled;

        ScriptProbe(Options options, long limitMs, CheckLoop loop) {
            this.options = options;
            this.limitMs = limitMs;
            this.loop = loop;
        }

        @Override
        public void start(Outcome outcome) {
            final Script script = options.script();
            if (script == null) {
                outcome.done(CheckResult.down("no program to run"));
                return;
            }
            end = loop.scripts()
                    .run(
                            script,
                            List.of(),
                            limitMs,
                            status -> loop.post(() -> {
                                if (!cancelled) {
                                    outcome.done(result(status));
                                }
                            }));
        }

        private CheckResult result(int status) {
            if (status == ScriptRunner.TIMED_OUT) {
                return CheckResult.down("not done after " + limitMs + " ms");
            }
            if (status == ScriptRunner.NOT_STARTED) {
                return CheckResult.down("could not be started");
            }
            if (options.dynamic() && status >= FIRST_WEIGHT) {
                return CheckResult.up("exit status " + status, status - FIRST_WEIGHT);
            }
            return status == 0 ? CheckResult.up("exit status 0") : CheckResult.down("exit status " + status);
        }

        @Override
        public void cancel() {
            cancelled = true;
            if (end != null) {
                end.run();
            }
        }
    }
}
