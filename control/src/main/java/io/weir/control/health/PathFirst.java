package io.weir.control.health;

import io.weir.control.keepalived.ServiceSettings.CheckSettings;
import io.weir.dataplane.PathProbe;
import org.jspecify.annotations.Nullable;

/** A try that begins with a handshake in the way of the service's traffic, and goes on as the check does by itself. */
final class PathFirst implements Checker.Probe {
    private static final long LOOK_MS = 20;

    private final CheckSettings check;
    private final CheckLoop loop;
    private final Checker.Probe then;
    private CheckLoop.@Nullable Timer timer;
    private @Nullable PathProbe probe;
    private Checker.@Nullable Outcome outcome;
    private boolean started;

    PathFirst(CheckSettings check, CheckLoop loop, Checker.Probe then) {
        this.check = check;
        this.loop = loop;
        this.then = then;
    }

    @Override
    public void start(Checker.Outcome to) {
        outcome = to;
        final PathProbe sent = loop.director().probe(check.place());
        if (sent == null) {
            goOn(to);
            return;
        }
        probe = sent;
        look(sent, to, check.timers().connectTimeoutMs());
    }

    private void look(PathProbe sent, Checker.Outcome to, long leftMs) {
        switch (sent.outcome()) {
            case OPEN, IMPOSSIBLE -> goOn(to);
            case REFUSED -> finish(CheckResult.down("refused through the service's path"));
            case WAITING -> {
                if (leftMs <= 0) {
                    finish(CheckResult.down("no answer through the service's path"));
                } else {
                    timer = loop.after(Math.min(LOOK_MS, leftMs), () -> look(sent, to, leftMs - LOOK_MS));
                }
            }
        }
    }

    private void goOn(Checker.Outcome to) {
        probe = null;
        started = true;
        then.start(to);
    }

    private void finish(CheckResult result) {
        final Checker.Outcome to = outcome;
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
        final PathProbe sent = probe;
        probe = null;
        if (sent != null && sent.outcome() == PathProbe.Outcome.WAITING) {
            loop.director().forget(sent);
        }
        if (started) {
            then.cancel();
        }
    }
}
