package io.weir.control.health;

import io.weir.control.keepalived.Block;
import io.weir.control.keepalived.ServiceSettings.CheckSettings;
import io.weir.packet.IpAddress;
import io.weir.packet.ProtocolNumbers;
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
        private @Nullable ServicePath path;
        private int ticket = Pings.NO_TICKET;

        PingProbe(CheckSettings check, CheckLoop loop) {
            this.check = check;
            this.loop = loop;
        }

        @Override
        public void start(Outcome to) {
            outcome = to;
            final IpAddress asked = check.endpoint().address();
            path = check.isWholeThroughPath()
                    ? ServicePath.open(check, loop, asked.isV4() ? ProtocolNumbers.ICMP : ProtocolNumbers.ICMPV6)
                    : null;
            final IpAddress target = path == null ? asked : path.endpoint().address();
            timer = loop.after(check.timers().connectTimeoutMs(), () -> finish(CheckResult.down("no echo in time")));
            try {
                ticket = loop.pings().send(target, () -> finish(CheckResult.up("echo")));
            } catch (RuntimeException e) {
                finish(CheckResult.down(Sockets.reason(e)));
            }
        }

        private void finish(CheckResult result) {
            final Outcome to = outcome;
            final CheckResult said = path == null ? result : ServicePath.said(result);
            cancel();
            if (to != null) {
                to.done(said);
            }
        }

        @Override
        public void cancel() {
            outcome = null;
            if (timer != null) {
                timer.cancel();
            }
            loop.pings().forget(ticket);
            final ServicePath gone = path;
            path = null;
            if (gone != null) {
                gone.leave();
            }
        }
    }
}
