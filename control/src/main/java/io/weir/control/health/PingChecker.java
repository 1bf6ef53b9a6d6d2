package io.weir.control.health;

import io.weir.control.keepalived.Block;
import io.weir.control.keepalived.ServiceSettings.CheckSettings;
import org.jspecify.annotations.Nullable;

/** {@code PING_CHECK}: is an ICMP echo answered? */
final class PingChecker implements Checker {
    @Override
    public String keyword() {
        return "PING_CHECK";
    }

    @Override
    public boolean hasSocket() {
        return false;
    }

    @Override
    public Object options(Block block, String virtualHost) {
        return "";
    }

    @Override
    public Probe probe(CheckSettings check, CheckLoop loop) {
        return new PingProbe(check, loop);
    }

    private static final class PingProbe implements Probe {
        private final CheckSettings check;
        private final CheckLoop loop;
        private CheckLoop.@Nullable Timer timer;
        private @Nullable Outcome outcome;
        private int ticket = Pings.NO_TICKET;

        PingProbe(CheckSettings check, CheckLoop loop) {
            this.check = check;
            this.loop = loop;
        }

        @Override
        public void start(Outcome to) {
            outcome = to;
            timer = loop.after(check.timers().connectTimeoutMs(), () -> finish(CheckResult.down("no echo in time")));
            try {
                ticket = loop.pings().send(check.endpoint().address(), () -> finish(CheckResult.up("echo")));
            } catch (RuntimeException e) {
                finish(CheckResult.down(Sockets.reason(e)));
            }
        }

        private void finish(CheckResult result) {
            final Outcome to = outcome;
            cancel();
            if (to != null) {
                to.done(result);
            }
        }

        @Override
        public void cancel() {
            outcome = null;
            if (timer != null) {
                timer.cancel();
            }
            loop.pings().forget(ticket);
        }
    }
}
