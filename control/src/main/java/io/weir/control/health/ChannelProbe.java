package io.weir.control.health;

import io.weir.control.keepalived.ServiceSettings.CheckSettings;
import io.weir.control.keepalived.ServiceSettings.Endpoint;
import java.io.IOException;
import java.nio.channels.SelectableChannel;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A try over a channel: it has one outcome, one channel and one time limit, and lets go of all of them together.
 *
 * <p><b>Thread</b>: {@code weir-health}.
 */
abstract class ChannelProbe<C extends SelectableChannel> implements Checker.Probe {
    private static final Logger LOG = LoggerFactory.getLogger(ChannelProbe.class);

    final CheckSettings check;
    final CheckLoop loop;
    /** Null before it is opened, and once the try is over. */
    @Nullable
    C channel;

    private @Nullable ServicePath path;
    private Checker.@Nullable Outcome outcome;
    private CheckLoop.@Nullable Timer timer;

    ChannelProbe(CheckSettings check, CheckLoop loop) {
        this.check = check;
        this.loop = loop;
    }

    /** What it speaks: TCP or UDP (ProtocolNumbers). */
    abstract int protocol();

    /** Where it goes, and from where. */
    final Endpoint endpoint() {
        return path == null ? check.endpoint() : path.endpoint();
    }

    /** Opens {@link #channel} and begins. */
    abstract void open() throws IOException;

    @Override
    public final void start(Checker.Outcome to) {
        outcome = to;
        try {
            path = check.isWholeThroughPath() ? ServicePath.open(check, loop, protocol()) : null;
            open();
        } catch (IOException | RuntimeException e) {
            finish(CheckResult.down(Sockets.reason(e)));
        }
    }

    /** Begins the check's time limit anew. */
    final void limit(Runnable late) {
        if (timer != null) {
            timer.cancel();
        }
        timer = loop.after(check.timers().connectTimeoutMs(), late);
    }

    final void finish(CheckResult result) {
        final Checker.Outcome to = outcome;
        final CheckResult said = path == null ? result : ServicePath.said(result);
        cancel();
        if (to != null) {
            to.done(said);
        }
    }

    @Override
    public final void cancel() {
        outcome = null;
        if (timer != null) {
            timer.cancel();
        }
        final C open = channel;
        channel = null;
        if (open != null) {
            try {
                open.close();
            } catch (IOException e) {
                LOG.debug("event=check-close problem=\"{}\"", e.getMessage());
            }
        }
        final ServicePath gone = path;
        path = null;
        if (gone != null) {
            gone.leave();
        }
    }
}
