package io.weir.conntrack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConnectionTableFootprintTest {
    private static final int CAPACITY = 1_000_000;

    @Test
    void shouldNeedAtMost128BytesAConnectionWithFullNat() {
        try (ConnectionTable table = ConnectionTable.create(CAPACITY, 1, CAPACITY)) {
            assertEquals(124, table.bytes() / CAPACITY);
            assertTrue(table.bytes() <= 128L * CAPACITY);
        }
    }

    @Test
    void shouldHoldAsManyAsItSays() {
        try (ConnectionTable table = ConnectionTable.create(CAPACITY, 1)) {
            assertEquals(110, table.bytes() / CAPACITY);
            final NewConnection c = new NewConnection();
            for (int n = 0; n < CAPACITY; n++) {
                assertNotEquals(ConnectionTable.NONE, table.insert(Clients.hash(table, n), Clients.fill(c, n, 100), 0));
            }
            for (int n = 0; n < CAPACITY; n++) {
                assertEquals(Clients.port(n), table.clientPort(Clients.find(table, n)));
            }
            assertEquals(ConnectionTable.NONE, Clients.insert(table, CAPACITY, 0, 100));
        }
    }

    @Test
    void shouldTellOfLargePiecesOnHugePageBoundariesAndKeepSmallOnesToItself() {
        final List<Long> told = new ArrayList<>();
        final MemoryAdvice advice = (address, bytes) -> {
            assertEquals(0, address % (2 << 20));
            told.add(bytes);
        };
        ConnectionTable.create(1 << 16, 42, 0, advice).close();
        assertEquals(
                List.of((long) ConnectionLayout.HOT_BYTES << 16, (long) ConnectionLayout.COLD_BYTES << 16),
                told.subList(0, 2));
        told.clear();
        ConnectionTable.create(100, 42, 0, advice).close();
        assertEquals(List.of(), told);
    }

    @Test
    void shouldKeepAHotRecordInOneCacheLine() {
        try (Region region = Region.allocate(100, ConnectionLayout.HOT_BYTES, MemoryAdvice.NONE)) {
            for (int id = 0; id < 100; id++) {
                assertEquals(0, region.address(id) % ConnectionLayout.HOT_BYTES);
            }
        }
    }
}
