package io.weir.dataplane.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

final class SyncMessagesTest {
    private static final int START = 1000;
    private static final UnsafeBuffer ENTRY = new UnsafeBuffer(new byte[SyncWire.ENTRY4_BYTES]);
    private static final UnsafeBuffer ENTRY6 = new UnsafeBuffer(new byte[SyncWire.ENTRY6_BYTES]);

    private final SyncCounters counters = new SyncCounters();
    private final List<byte[]> sent = new ArrayList<>();
    private final List<Integer> sentTo = new ArrayList<>();
    private boolean writable = true;

    private SyncMessages messages(int maxLength, int ports) {
        return new SyncMessages(7, maxLength, ports, counters, START);
    }

    private boolean send(int port, UnsafeBuffer buffer, int length) {
        if (writable) {
            final byte[] bytes = new byte[length];
            buffer.getBytes(0, bytes);
            sent.add(bytes);
            sentTo.add(port);
        }
        return writable;
    }

    private static void add(SyncMessages messages, int entries, int tick) {
        for (int i = 0; i < entries; i++) {
            messages.add(SyncLink.ENTRY, ENTRY, 0, SyncWire.ENTRY4_BYTES, tick);
        }
    }

    private void run(SyncMessages messages, int from, int to) {
        for (int tick = from; tick <= to; tick++) {
            messages.run(tick, this::send);
        }
    }

    @Test
    void shouldSendAPartlyFilledMessageWhenItIsTwoSecondsOld() {
        final SyncMessages messages = messages(1472, 1);
        run(messages, START, START);
        add(messages, 2, START + 1);
        run(messages, START, START + 200);
        assertEquals(0, sent.size());
        run(messages, START + 201, START + 320);
        assertEquals(1, sent.size());
        final byte[] message = sent.get(0);
        assertEquals(80, message.length);
        assertEquals("0,7,0,80,2,1,0,0", header(message));
    }

    @Test
    void shouldSendWhatIsNotFullAsSoonAsItIsTold() {
        final SyncMessages messages = messages(1472, 1);
        messages.flushAfter(2);
        run(messages, START, START);
        add(messages, 2, START + 1);
        run(messages, START + 1, START + 2);
        assertEquals(0, sent.size());
        run(messages, START + 3, START + 3);
        assertEquals(1, sent.size());
        assertEquals(80, sent.get(0).length);

        // What the socket does not take is not lost, nor is it sent twice.
        writable = false;
        add(messages, 1, START + 10);
        run(messages, START + 10, START + 13);
        writable = true;
        run(messages, START + 14, START + 40);
        assertEquals(2, sent.size());
    }

    private static String header(byte[] message) {
        final StringBuilder text = new StringBuilder();
        for (int i = 0; i < SyncWire.HEADER_BYTES; i++) {
            text.append(i == 0 ? "" : ",").append(message[i] & 0xFF);
        }
        return text.toString();
    }

    @Test
    void shouldSendAFullMessageAfterThirtyMilliseconds() {
        final SyncMessages messages = messages(1472, 1);
        run(messages, START, START);
        add(messages, 41, START + 1);
        run(messages, START + 1, START + 3);
        assertEquals(0, sent.size());
        run(messages, START + 4, START + 4);
        assertEquals(1, sent.size());
        assertEquals(8 + 40 * SyncWire.ENTRY4_BYTES, sent.get(0).length);
    }

    @Test
    void shouldSendAtOnceWhenEightMessagesWait() {
        final SyncMessages messages = messages(1472, 1);
        run(messages, START, START);
        add(messages, 8 * 40 + 1, START + 1);
        run(messages, START + 1, START + 1);
        assertEquals(8, sent.size());
    }

    @Test
    void shouldAlwaysTakeOneEntryHoweverShortAMessageMayBe() {
        final SyncMessages messages = messages(1, 1);
        add(messages, 3, START);
        run(messages, START, START + 400);
        assertEquals(List.of(44, 44, 44), sent.stream().map(m -> m.length).toList());
    }

    @Test
    void shouldNotCountFurtherThanAByteDoes() {
        final SyncMessages messages = messages(65_507, 1);
        add(messages, 256, START);
        run(messages, START, START + 400);
        assertEquals(2, sent.size());
        assertEquals(255, sent.get(0)[SyncWire.COUNT] & 0xFF);
        assertEquals(1, sent.get(1)[SyncWire.COUNT]);
    }

    @Test
    void shouldKeepVersionsApart() {
        final SyncMessages messages = messages(1472, 1);
        add(messages, 1, START);
        messages.add(SyncLink.ENTRY0, ENTRY, 0, SyncWire.ENTRY0_BYTES, START);
        add(messages, 1, START);
        run(messages, START, START + 400);
        assertEquals(List.of(44, 28, 44), sent.stream().map(m -> m.length).toList());
        assertEquals(1, sent.get(1)[0]);
    }

    @Test
    void shouldBeginEachEntryAtAMultipleOfFour() {
        final SyncMessages messages = messages(1472, 1);
        messages.add(SyncLink.ENTRY, ENTRY6, 0, 62, START);
        messages.add(SyncLink.ENTRY, ENTRY6, 0, 62, START);
        run(messages, START, START + 400);
        assertEquals(8 + 64 + 62, sent.get(0).length);
    }

    @Test
    void shouldGiveEachPortItsOwnMessages() {
        final SyncMessages messages = messages(1472, 2);
        add(messages, 1, START);
        messages.add(1 << SyncLink.KIND_BITS | SyncLink.ENTRY, ENTRY, 0, SyncWire.ENTRY4_BYTES, START);
        run(messages, START, START + 400);
        assertEquals(List.of(0, 1), sentTo);
    }

    @Test
    void shouldLoseWhatDoesNotFitIntoTheQueue() {
        final SyncMessages messages = messages(44, 1);
        messages.queueLimit(2);
        writable = false;
        add(messages, 6, START);
        run(messages, START, START + 10);
        assertEquals(3, counters.get(SyncCounters.SEND_LOST));
        writable = true;
        run(messages, START + 11, START + 400);
        assertEquals(3, sent.size());
    }
}
