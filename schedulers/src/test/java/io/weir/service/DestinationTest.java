package io.weir.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.packet.IpAddress;
import java.nio.ByteBuffer;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** The destination table and the overload rule. */
class DestinationTest {
    private static final ServiceKey WEB = new ServiceKey(6, IpAddress.parse("203.0.113.1"), 80, 0, false);

    @Test
    void shouldTellAvailableDestinationsFromGoneOnes() {
        final Destination here = destination(5, 0, 0);
        final Destination gone = destination(2, 0, 0);
        final DestinationTable table = DestinationTable.of(List.of(ServiceTableTest.service(WEB, here)), List.of(gone));
        assertSame(here, table.destination(5));
        assertTrue(table.isAvailable(5));
        assertEquals(80, table.serviceSlot(5));
        assertSame(gone, table.destination(2));
        assertFalse(table.isAvailable(2));
        assertEquals(DestinationTable.NO_SERVICE, table.serviceSlot(2));
    }

    @Test
    void shouldTakeAnySlotNumber() {
        final DestinationTable table = DestinationTable.of(List.of(), List.of(destination(1, 0, 0)));
        for (final int slot : new int[] {-1, 0, 2, 0xFFFFFF}) {
            assertNull(table.destination(slot));
            assertFalse(table.isAvailable(slot));
            assertEquals(DestinationTable.NO_SERVICE, table.serviceSlot(slot));
        }
        assertEquals(0, DestinationTable.EMPTY.capacity());
    }

    @Test
    void shouldRefuseASlotUsedTwice() {
        final List<Destination> twice = List.of(destination(1, 0, 0), destination(1, 0, 0));
        assertThrows(IllegalArgumentException.class, () -> DestinationTable.of(List.of(), twice));
    }

    @Test
    void shouldOverloadAtTheUpperThreshold() {
        assertFalse(OverloadRule.overloadsAtBind(destination(0, 0, 0), load(1000, 1000)));
        assertFalse(OverloadRule.overloadsAtBind(destination(0, 20, 0), load(10, 9)));
        assertTrue(OverloadRule.overloadsAtBind(destination(0, 20, 0), load(10, 10)));
    }

    @Test
    void shouldClearBelowTheLowerThresholdOrThreeQuartersOfTheUpper() {
        assertFalse(OverloadRule.clearsAtUnbind(destination(0, 20, 10), load(5, 5)));
        assertTrue(OverloadRule.clearsAtUnbind(destination(0, 20, 10), load(5, 4)));
        assertFalse(OverloadRule.clearsAtUnbind(destination(0, 20, 0), load(5, 10)));
        assertTrue(OverloadRule.clearsAtUnbind(destination(0, 20, 0), load(5, 9)));
        assertTrue(OverloadRule.clearsAtUnbind(destination(0, 0, 0), load(5, 9)));
    }

    @Test
    void shouldClearOnAnEditThatRaisesOrRemovesTheThreshold() {
        assertTrue(OverloadRule.clearsAtEdit(20, 0));
        assertTrue(OverloadRule.clearsAtEdit(20, 21));
        assertFalse(OverloadRule.clearsAtEdit(20, 20));
        assertFalse(OverloadRule.clearsAtEdit(20, 10));
    }

    @Test
    void shouldTakeThresholdsAsUnsigned() {
        assertFalse(OverloadRule.overloadsAtBind(destination(0, -1, 0), load(1_000_000, 0)));
    }

    private static Destination destination(int slot, int upper, int lower) {
        final IpAddress address = IpAddress.parse("10.20.0.11");
        return new Destination(slot, address, 80, 1, 0, upper, lower, Destination.Tunnel.IPIP);
    }

    private static DestinationLoad load(int active, int inactive) {
        final SlotCounters counters = new SlotCounters(new UnsafeBuffer(ByteBuffer.allocateDirect(64)));
        counters.add(0, SlotCounters.ACTIVE, active);
        counters.add(0, SlotCounters.INACTIVE, inactive);
        return new DestinationLoad(counters, new UnsafeBuffer(ByteBuffer.allocateDirect(1)));
    }
}
