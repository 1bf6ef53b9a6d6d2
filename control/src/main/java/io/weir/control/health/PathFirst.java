package io.weir.control.health;

import io.weir.control.keepalived.ServiceSettings.CheckSettings;
import io.weir.packet.ProtocolNumbers;
import org.jspecify.annotations.Nullable;

/**
 * A try of a check that asks something else than the service itself (a script, an agent, another port): a handshake in the
 * way of the service's traffic comes first, then the check as it is by itself.
 */
final class PathFirst implements Checker.Probe {
    private final CheckSettings check;
    private final CheckLoop loop;
    private final Checker.Probe then;
    private @Nullable ServicePath path;
    private Checker.@Nullable Probe running;

    PathFirst(CheckSettings check, CheckLoop loop, Checker.Probe then) {
        this.check = check;
        this.loop = loop;
        this.then = then;
    }

    @Override
    public void start(Checker.Outcome to) {
        final ServicePath way = check.place().isTcp() ? ServicePath.open(check, loop, ProtocolNumbers.TCP) : null;
        if (way == null) {
            goOn(to);
            return;
        }
        path = way;
        final Checker.Probe handshake = new TcpProbe(check.at(way.endpoint()), loop, new TcpChecker.Hello(), null);
        running = handshake;
        handshake.start(result -> {
            if (result.up()) {
                goOn(to);
            } else {
                leave();
                to.done(ServicePath.said(result));
            }
        });
    }

    private void goOn(Checker.Outcome to) {
        leave();
        running = then;
        then.start(to);
    }

    private void leave() {
        final ServicePath gone = path;
        path = null;
        if (gone != null) {
            gone.leave();
        }
    }

    @Override
    public void cancel() {
        leave();
        if (running != null) {
            running.cancel();
        }
    }
}
