package io.weir.conntrack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExpiryWheelTest {
    private static final ExpiryHandler LET_GO = (table, id, now) -> 0;
    private static final int PLENTY = 1_000_000;

    private final int[] timeouts = {0, 1, 2, 200, 255, 256, 257, 400, 1000, 6000, 12000, 65535, 65536, 65537, 90000};

    /** Start ticks: zero, an aligned one, and some from which the clock wraps on the way. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 255, 65536, Integer.MAX_VALUE - 300, Integer.MAX_VALUE - 70000, -5, -66000})
    void shouldExpireEachRecordInItsTick(int start) {
        try (ConnectionTable table = ConnectionTable.create(1000, 1)) {
            final Random random = new Random(start);
            table.expire(start, PLENTY, LET_GO);
            for (int n = 0; n < 1000; n++) {
                final int timeout = n < timeouts.length ? timeouts[n] : random.nextInt(100_000);
                Clients.insert(table, n, start, timeout);
            }
            final ExpiryHandler exact = (t, id, now) -> {
                // A deadline of the very tick that was already worked off when it was set comes one tick later.
                final int late = now - t.expiresAt(id);
                assertTrue(late == 0 || (late == 1 && t.expiresAt(id) == start), "late=" + late);
                return 0;
            };
            for (int tick = 1; tick <= 100_000; tick++) {
                table.expire(start + tick, PLENTY, exact);
            }
            assertEquals(0, table.size());
        }
    }

    @Test
    void shouldExpireLongTimeoutsInTheirTick() {
        try (ConnectionTable table = ConnectionTable.create(100, 1)) {
            final int start = beforeTheWrap(100_000_000);
            final int[] expired = new int[1];
            table.expire(start, PLENTY, LET_GO);
            for (int n = 0; n < 100; n++) {
                Clients.insert(table, n, start, (n + 1) * 31 * 24 * 3600 - n);
            }
            final ExpiryHandler exact = (t, id, now) -> {
                assertEquals(t.expiresAt(id), t.wheel.tick(), "in the wheel's tick, however far the call jumps");
                expired[0]++;
                return 0;
            };
            for (int now = start; now - start <= 31 * 24 * 360000; now += 1_000_003) {
                table.expire(now, Integer.MAX_VALUE, exact);
                for (int id = 0; id < 100; id++) {
                    assertTrue(!table.inUse(id) || !Ticks.reached(table.expiresAt(id), now));
                }
            }
            table.expire(start + 31 * 24 * 360000, Integer.MAX_VALUE, exact);
            assertEquals(100, expired[0]);
        }
    }

    @Test
    void shouldExpireAtTheLastDeadlineHoweverOftenItMoved() {
        final int connections = 300;
        try (ConnectionTable table = ConnectionTable.create(connections, 1)) {
            final Random random = new Random(7);
            final int start = beforeTheWrap(20_000);
            table.expire(start, PLENTY, LET_GO);
            final int[] deadlines = new int[connections];
            for (int n = 0; n < connections; n++) {
                final int id = Clients.insert(table, n, start, 1000);
                deadlines[id] = start + 1000;
            }
            final ExpiryHandler exact = (t, id, now) -> {
                assertEquals(deadlines[id], now);
                return 0;
            };
            for (int now = start + 1; now - start < 200_000; now++) {
                table.expire(now, PLENTY, exact);
                for (int moves = 0; moves < 3 && now - start < 80_000; moves++) {
                    final int id = random.nextInt(connections);
                    if (table.inUse(id)) {
                        final int timeout = 1 + timeouts[random.nextInt(timeouts.length)];
                        table.schedule(id, now, timeout);
                        deadlines[id] = now + timeout;
                    }
                }
            }
            assertEquals(0, table.size());
        }
    }

    @Test
    void shouldNeverDoMoreThanItsLimitAndLoseNothing() {
        final int connections = 5000;
        try (ConnectionTable table = ConnectionTable.create(connections, 1)) {
            final Random random = new Random(3);
            table.expire(0, PLENTY, LET_GO);
            for (int n = 0; n < connections; n++) {
                Clients.insert(table, n, 0, 1 + random.nextInt(2000) * 100);
            }
            final int[] calls = new int[1];
            final ExpiryHandler counting = (t, id, now) -> {
                assertTrue(Ticks.reached(t.expiresAt(id), now));
                calls[0]++;
                return 0;
            };
            for (int now = 0; now <= 200_000; now += 50_000) {
                int work;
                do {
                    calls[0] = 0;
                    work = table.expire(now, 17, counting);
                    assertTrue(work <= 17 + 1 && calls[0] <= 17, "work=" + work);
                } while (work >= 17);
                for (int id = 0; id < connections; id++) {
                    assertFalse(table.inUse(id) && Ticks.reached(table.expiresAt(id), now));
                }
            }
            assertEquals(0, table.size());
        }
    }

    @Test
    void shouldCrossALongPauseWithoutWalkingEveryTick() {
        try (ConnectionTable table = ConnectionTable.create(10, 1)) {
            table.expire(0, PLENTY, LET_GO);
            assertTrue(table.expire(500_000_000, 10, LET_GO) < 10, "empty");
            Clients.insert(table, 1, 500_000_000, 8_640_000);
            final int work = table.expire(508_640_000, PLENTY, LET_GO);
            assertEquals(0, table.size());
            assertTrue(work < 8_640_000 / 256 * 3, "work=" + work);
        }
    }

    @Test
    void shouldLetTheHandlerProlongARecord() {
        try (ConnectionTable table = ConnectionTable.create(10, 1)) {
            final int id = Clients.insert(table, 1, 0, 10);
            table.expire(10, PLENTY, (t, expired, now) -> 5);
            assertTrue(table.inUse(id));
            assertEquals(15, table.expiresAt(id));
            table.expire(14, PLENTY, LET_GO);
            assertTrue(table.inUse(id));
            table.expire(15, PLENTY, LET_GO);
            assertFalse(table.inUse(id));
        }
    }

    @Test
    void shouldLetTheHandlerChangeOtherRecords() {
        try (ConnectionTable table = ConnectionTable.create(100, 1)) {
            for (int n = 0; n < 50; n++) {
                Clients.insert(table, n, 0, 10);
            }
            // Each one that goes takes its neighbour along, and one new one comes.
            final int[] next = {50};
            table.expire(10, PLENTY, (t, id, now) -> {
                for (int other = 0; other < 50; other++) {
                    if (other != id && t.inUse(other) && Ticks.reached(t.expiresAt(other), now)) {
                        assertTrue(t.remove(other));
                        break;
                    }
                }
                Clients.insert(t, next[0]++, now, 20);
                return 0;
            });
            assertEquals(25, table.size());
            table.expire(29, PLENTY, LET_GO);
            assertEquals(25, table.size());
            table.expire(30, PLENTY, LET_GO);
            assertEquals(0, table.size());
            assertEquals(0, table.wheel.filed());
        }
    }

    @Test
    void shouldMoveARecordAtOnceWhenItsDeadlineComesNearer() {
        try (ConnectionTable table = ConnectionTable.create(10, 1)) {
            final int id = Clients.insert(table, 1, 0, 90_000);
            table.schedule(id, 100, 1000);
            table.expire(1099, PLENTY, LET_GO);
            assertTrue(table.inUse(id));
            table.expire(1100, PLENTY, LET_GO);
            assertFalse(table.inUse(id));
        }
    }

    private static int beforeTheWrap(int ticks) {
        return Integer.MAX_VALUE - ticks;
    }
}
