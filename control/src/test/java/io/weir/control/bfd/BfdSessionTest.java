package io.weir.control.bfd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.control.bfd.BfdSession.State;
import io.weir.control.keepalived.KeepalivedConfig.BfdSettings;
import io.weir.packet.IpAddress;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Two sessions that talk to each other in a time of their own, a millisecond at a time. */
final class BfdSessionTest {
    private static final long MS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final IpAddress SOMEWHERE = IpAddress.parse("192.0.2.1");

    private final Deque<BfdPacket> toA = new ArrayDeque<>();
    private final Deque<BfdPacket> toB = new ArrayDeque<>();
    private long nowNs;
    private int sent;
    private boolean cutToB;

    private static BfdSettings settings(long minMs, boolean passive) {
        return new BfdSettings(
                "s", SOMEWHERE, null, minMs * 1000, minMs * 1000, 1_000_000, 5, passive, 255, 0, 0, false);
    }

    private BfdSession session(int discriminator, Deque<BfdPacket> to, long minMs, boolean passive) {
        return new BfdSession(
                settings(minMs, passive),
                discriminator,
                packet -> {
                    sent++;
                    to.add(packet);
                },
                new Random(discriminator),
                0);
    }

    private void run(BfdSession a, BfdSession b, long ms) {
        for (long end = nowNs + ms * MS; nowNs < end; nowNs += MS) {
            a.onTime(nowNs);
            b.onTime(nowNs);
            deliver(toB, b, cutToB);
            deliver(toA, a, false);
        }
    }

    private void deliver(Deque<BfdPacket> packets, BfdSession to, boolean lost) {
        for (BfdPacket packet = packets.poll(); packet != null; packet = packets.poll()) {
            final BfdPacket read = BfdPacket.decode(packet.encode());
            assertEquals(packet, read);
            if (!lost && read != null) {
                to.onPacket(read, nowNs);
            }
        }
    }

    @Test
    void shouldComeUpAndSpeakAsOftenAsAgreed() {
        final BfdSession a = session(1, toB, 20, false);
        final BfdSession b = session(2, toA, 50, false);
        run(a, b, 3_000);
        assertEquals(State.UP, a.state());
        assertEquals(State.UP, b.state());

        // Both send every 50 ms, less a quarter at most.
        sent = 0;
        run(a, b, 1_000);
        assertTrue(sent >= 2 * 20 && sent <= 2 * 27, "sent: " + sent);
    }

    @Test
    void shouldBeDownWithinTheDetectionTimeAndTellTheOther() {
        final BfdSession a = session(1, toB, 20, false);
        final BfdSession b = session(2, toA, 20, false);
        run(a, b, 3_000);
        cutToB = true;
        run(a, b, 110);
        assertEquals(State.DOWN, b.state());
        // It still hears b, which says that it is down.
        assertEquals(State.DOWN, a.state());

        cutToB = false;
        run(a, b, 3_000);
        assertEquals(State.UP, a.state());
        assertEquals(State.UP, b.state());
    }

    @Test
    void shouldBeDownAtOnceWhenTheNeighbourLeaves() {
        final BfdSession a = session(1, toB, 20, false);
        final BfdSession b = session(2, toA, 20, true);
        run(a, b, 3_000);
        assertEquals(State.UP, b.state());
        a.leave();
        deliver(toB, b, false);
        assertEquals(State.DOWN, b.state());
    }

    @Test
    void shouldNotSpeakFirstIfPassive() {
        final BfdSession a = session(1, toB, 20, true);
        final BfdSession b = session(2, toA, 20, true);
        run(a, b, 3_000);
        assertEquals(0, sent);
        assertEquals(State.DOWN, a.state());
    }

    @Test
    void shouldDiscardWhatIsNoPacket() {
        final BfdPacket good = new BfdPacket(0, State.UP, false, false, 3, 7, 9, 10_000, 10_000);
        assertNotNull(BfdPacket.decode(good.encode()));
        assertNull(BfdPacket.decode(ByteBuffer.allocate(23)));
        // Version, multiplier 0, length, no discriminator, authentication, multipoint, up without knowing us.
        final int[][] spoils = {{0, 0x40}, {2, 0}, {3, 20}, {3, 200}, {7, 0}, {1, 0xC4}, {1, 0xC1}, {11, 0}};
        for (int[] spoil : spoils) {
            final ByteBuffer packet = good.encode();
            packet.put(spoil[0], (byte) spoil[1]);
            assertNull(BfdPacket.decode(packet), "byte " + spoil[0]);
        }
        final Random random = new Random(5);
        for (int i = 0; i < 100_000; i++) {
            final byte[] noise = new byte[random.nextInt(60)];
            random.nextBytes(noise);
            final BfdPacket packet = BfdPacket.decode(ByteBuffer.wrap(noise));
            assertTrue(packet == null || packet.mine() != 0);
        }
    }
}
