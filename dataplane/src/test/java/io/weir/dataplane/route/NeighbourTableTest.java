package io.weir.dataplane.route;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.packet.IpAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class NeighbourTableTest {
    private static final long SECOND = NeighbourTable.SECOND_NS;
    private static final long IP = IpAddress.v4(0x0A14000A);
    private static final long MAC = 0x02000000020AL;
    private static final long OTHER_MAC = 0x02000000020BL;

    private final NeighbourTable table = new NeighbourTable(64);

    /** Requests sent between two times, one call each 100 ms. */
    private int requests(long fromNs, long toNs, boolean inUse) {
        int sent = 0;
        for (long t = fromNs; t < toNs; t += SECOND / 10) {
            if (inUse) {
                table.resolve(0, 0, IP, t);
            }
            while (table.nextRequest(t) != NeighbourTable.NONE) {
                sent++;
            }
        }
        return sent;
    }

    @Test
    void shouldAskThreeTimesThenFail() {
        assertEquals(NeighbourTable.UNRESOLVED, table.resolve(0, 0, IP, 0));
        final int e = table.nextRequest(0);
        assertEquals(0, table.requestInterface(e));
        assertEquals(IP, table.requestLo(e));
        assertEquals(NeighbourTable.BROADCAST, table.requestMac(e));
        assertEquals(NeighbourTable.NONE, table.nextRequest(SECOND / 2));
        assertEquals(2, requests(SECOND / 2, 10 * SECOND, false));
        assertEquals(1, table.failures());
        assertEquals(0, table.size());
    }

    @Test
    void shouldGoOnAskingOnceASecondWhileTrafficWantsAFailedNeighbour() {
        final int sent = requests(0, 20 * SECOND, true);
        assertTrue(sent >= 15 && sent <= 20, "sent=" + sent);
    }

    @Test
    void shouldUseAnAnswerForThirtySecondsThenProbeByUnicastWhileUsingIt() {
        table.resolve(0, 0, IP, 0);
        requests(0, SECOND / 10, false);
        table.answered(0, 0, IP, MAC, true, SECOND / 10);
        assertEquals(MAC, table.resolve(0, 0, IP, SECOND));
        assertEquals(0, requests(SECOND, 30 * SECOND, true));
        assertEquals(MAC, table.resolve(0, 0, IP, 31 * SECOND));
        assertEquals(NeighbourState.PROBE, table.stateOf(0, 0, IP));
        final int e = table.nextRequest(31 * SECOND);
        assertEquals(MAC, table.requestMac(e));
        table.confirmed(0, 0, IP, 32 * SECOND);
        assertEquals(NeighbourState.REACHABLE, table.stateOf(0, 0, IP));
        assertEquals(0, requests(32 * SECOND, 60 * SECOND, true));
    }

    @Test
    void shouldFallBackToBroadcastAndGiveUpAfterSixtySecondsWithoutAnAnswer() {
        table.resolve(0, 0, IP, 0);
        table.answered(0, 0, IP, MAC, true, 0);
        long lastMac = 0;
        for (long t = 30 * SECOND; t < 89 * SECOND; t += SECOND / 2) {
            assertEquals(MAC, table.resolve(0, 0, IP, t));
            final int e = table.nextRequest(t);
            if (e != NeighbourTable.NONE) {
                lastMac = table.requestMac(e);
            }
        }
        assertEquals(NeighbourTable.BROADCAST, lastMac);
        requests(89 * SECOND, 92 * SECOND, false);
        assertEquals(NeighbourTable.UNRESOLVED, table.resolve(0, 0, IP, 92 * SECOND));
    }

    @Test
    void shouldForgetAnUnusedNeighbourWithoutAsking() {
        table.resolve(0, 0, IP, 0);
        table.answered(0, 0, IP, MAC, true, 0);
        assertEquals(0, requests(SECOND, 29 * SECOND, false));
        assertEquals(0, requests(29 * SECOND, 92 * SECOND, false));
        assertEquals(0, table.size());
    }

    @Test
    void shouldLearnFromOneWhoAsksAndNotFromStrangers() {
        table.heard(0, 0, IP, MAC, 0);
        assertEquals(0, table.size());
        table.answered(0, 0, IP, MAC, true, 0);
        assertEquals(0, table.size());
        table.asked(0, 0, IP, MAC, 0);
        assertEquals(NeighbourState.STALE, table.stateOf(0, 0, IP));
        assertEquals(MAC, table.resolve(0, 0, IP, SECOND));
        assertEquals(NeighbourTable.NONE, table.nextRequest(SECOND));
        assertEquals(1, requests(SECOND, 6 * SECOND + SECOND / 5, true));
        table.heard(0, 0, IP, OTHER_MAC, 7 * SECOND);
        assertEquals(OTHER_MAC, table.resolve(0, 0, IP, 7 * SECOND));
        table.heard(0, 0, IP, 0x01005E000001L, 8 * SECOND);
        assertEquals(OTHER_MAC, table.resolve(0, 0, IP, 8 * SECOND));
    }

    @Test
    void shouldNotLetASecondaryAnswerReplaceTheFirst() {
        table.resolve(0, 0, IP, 0);
        table.answered(0, 0, IP, MAC, true, 0);
        table.answered(0, 0, IP, OTHER_MAC, false, 1);
        assertEquals(MAC, table.resolve(0, 0, IP, 2));
        assertEquals(NeighbourState.PROBE, table.stateOf(0, 0, IP));
    }

    @Test
    void shouldKeepPermanentNeighboursAsTheyAre() {
        table.addPermanent(0, 0, IP, MAC);
        table.answered(0, 0, IP, OTHER_MAC, true, 0);
        table.heard(0, 0, IP, OTHER_MAC, 0);
        assertEquals(0, requests(0, 200 * SECOND, false));
        assertEquals(MAC, table.resolve(0, 0, IP, 200 * SECOND));
        assertEquals(NeighbourTable.UNRESOLVED, table.resolve(1, 0, IP, 200 * SECOND));
    }

    @Test
    void shouldParkTheFirstPacketsAndHandThemOutInOrder() {
        final UnsafeBuffer packet = new UnsafeBuffer(new byte[100]);
        assertFalse(table.park(0, 0, IP, packet, 0, 100));
        table.resolve(0, 0, IP, 0);
        final int parked = FramePark.PER_NEIGHBOUR + 2;
        for (int i = 0; i < parked; i++) {
            packet.putByte(10, (byte) i);
            assertTrue(table.park(0, 0, IP, packet, 10, 20 + i));
        }
        final FramePark park = table.parked();
        assertEquals(FramePark.NONE, park.poll());
        table.answered(0, 0, IP, MAC, true, 1);
        for (int i = 2; i < parked; i++) {
            final int slot = park.poll();
            assertEquals(20 + i, park.length(slot));
            assertEquals(i, park.buffer().getByte(park.offset(slot)));
            assertEquals(MAC, park.mac(slot));
            assertFalse(park.isLost(slot));
            park.free(slot);
        }
        assertEquals(FramePark.NONE, park.poll());
        assertEquals(0, park.size());
        assertEquals(2, park.overflows());
    }

    @Test
    void shouldHandOutParkedPacketsAsLostWhenNobodyAnswers() {
        final byte[] bytes = {1, 2, 3, 4};
        table.resolve(0, 0, IP, 0);
        table.park(0, 0, IP, new UnsafeBuffer(bytes), 0, 4);
        requests(0, 5 * SECOND, false);
        final int slot = table.parked().poll();
        assertTrue(table.parked().isLost(slot));
        final byte[] kept = new byte[4];
        table.parked().buffer().getBytes(table.parked().offset(slot), kept);
        assertArrayEquals(bytes, kept);
        table.parked().free(slot);
    }

    @Test
    void shouldRefuseMoreThanItHolds() {
        for (int i = 0; i < 1000; i++) {
            table.resolve(0, 0, IP + i, 0);
        }
        assertTrue(table.size() >= 64 && table.size() < 128, "size=" + table.size());
        assertEquals(1000 - table.size(), table.refused());
    }

    @Test
    void shouldAgreeWithAMapWhileEntriesComeAndGo() {
        final Random random = new Random(7);
        final Map<Long, Long> model = new HashMap<>();
        final NeighbourTable t = new NeighbourTable(256);
        long now = 0;
        for (int i = 0; i < 20_000; i++) {
            final long ip = IP + random.nextInt(150);
            now += SECOND / 50;
            if (random.nextInt(3) == 0) {
                final long mac = MAC + (random.nextInt(1000) << 8);
                t.asked(1, 0, ip, mac, now);
                model.put(ip, mac);
            }
            while (t.nextRequest(now) != NeighbourTable.NONE) {
                // Nobody answers.
                Thread.onSpinWait();
            }
            final Long known = model.get(ip);
            final long found = t.resolve(1, 0, ip, now);
            assertTrue(found == NeighbourTable.UNRESOLVED || known != null && found == known);
            if (t.stateOf(1, 0, ip) == NeighbourState.STALE || t.stateOf(1, 0, ip) == NeighbourState.PROBE) {
                assertEquals(known, found);
            }
        }
        for (int i = 0; i < 200; i++) {
            now += SECOND;
            while (t.nextRequest(now) != NeighbourTable.NONE) {
                Thread.onSpinWait();
            }
        }
        assertEquals(0, t.size());
    }

    /** Each change makes a worker forget what it learnt of all. */
    @Test
    void shouldCountNoChangeWhenAKnownAddressIsConfirmed() {
        table.resolve(0, 0, IP, 0);
        table.answered(0, 0, IP, MAC, true, SECOND);
        final int before = table.changes();
        table.answered(0, 0, IP, MAC, true, 2 * SECOND);
        table.confirmed(0, 0, IP, 3 * SECOND);
        assertEquals(before, table.changes());
        table.answered(0, 0, IP, OTHER_MAC, true, 4 * SECOND);
        assertEquals(before + 1, table.changes());
    }
}
