package io.weir.control.health;

import io.weir.control.health.Conversation.Inbox;
import io.weir.control.health.Conversation.Step;
import io.weir.control.keepalived.ServiceSettings.CheckSettings;
import io.weir.packet.ProtocolNumbers;
import java.io.IOException;
import java.net.PortUnreachableException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;

/** A try over UDP: send, wait for an answer or for the silence that a conversation may take for one. */
final class UdpProbe extends ChannelProbe<DatagramChannel> {
    private static final int LONGEST = 65_536;

    private final Conversation conversation;

    UdpProbe(CheckSettings check, CheckLoop loop, Conversation conversation) {
        super(check, loop);
        this.conversation = conversation;
    }

    @Override
    int protocol() {
        return ProtocolNumbers.UDP;
    }

    @Override
    void open() throws IOException {
        final DatagramChannel opened = DatagramChannel.open();
        channel = opened;
        opened.configureBlocking(false);
        Sockets.bind(opened, endpoint());
        opened.connect(Sockets.address(endpoint()));
        limit(() -> finish(conversation.silence()));
        loop.watch(opened, SelectionKey.OP_READ, this::ready);
        opened.write(ByteBuffer.wrap(conversation.begin().send()));
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
}
