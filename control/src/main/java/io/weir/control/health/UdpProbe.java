package io.weir.control.health;

import io.weir.control.health.Conversation.Inbox;
import io.weir.control.health.Conversation.Step;
import io.weir.control.keepalived.ServiceSettings.CheckSettings;
import java.io.IOException;
import java.net.PortUnreachableException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A try over UDP: send, wait for an answer or for the silence that a conversation may take for one. */
final class UdpProbe implements Checker.Probe {
    private static final Logger LOG = LoggerFactory.getLogger(UdpProbe.class);
    private static final int LONGEST = 65_536;

    private final CheckSettings check;
    private final CheckLoop loop;
    private final Conversation conversation;
    private Checker.@Nullable Outcome outcome;
    private @Nullable DatagramChannel channel;
    private CheckLoop.@Nullable Timer timer;

    UdpProbe(CheckSettings check, CheckLoop loop, Conversation conversation) {
        this.check = check;
        this.loop = loop;
        this.conversation = conversation;
    }

    @Override
    public void start(Checker.Outcome to) {
        outcome = to;
        try {
            final DatagramChannel opened = DatagramChannel.open();
            channel = opened;
            opened.configureBlocking(false);
            Sockets.bind(opened, check.endpoint());
            opened.connect(Sockets.address(check.endpoint()));
            timer = loop.after(check.timers().connectTimeoutMs(), () -> finish(conversation.silence()));
            loop.watch(opened, SelectionKey.OP_READ, this::ready);
            opened.write(ByteBuffer.wrap(conversation.begin().send()));
        } catch (IOException | RuntimeException e) {
            finish(CheckResult.down(Sockets.reason(e)));
        }
    }

    private void ready(SelectionKey key) {
        final DatagramChannel open = channel;
        if (open == null) {
            return;
        }
        try {
            final ByteBuffer packet = ByteBuffer.allocate(LONGEST);
            if (open.read(packet) <= 0 && packet.position() == 0) {
                return;
            }
            final Inbox inbox = new Inbox();
            inbox.add(packet.array(), packet.position());
            final Step step = conversation.received(inbox, true);
            if (step.isDone()) {
                finish(step.result());
            }
        } catch (PortUnreachableException e) {
            finish(CheckResult.down("port unreachable"));
        } catch (IOException e) {
            finish(CheckResult.down(Sockets.reason(e)));
        }
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
        final DatagramChannel open = channel;
        channel = null;
        if (open != null) {
            try {
                open.close();
            } catch (IOException e) {
                LOG.debug("event=check-close problem=\"{}\"", e.getMessage());
            }
        }
    }
}
