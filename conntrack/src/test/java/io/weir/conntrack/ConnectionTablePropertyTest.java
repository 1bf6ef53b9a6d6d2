package io.weir.conntrack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** The table against a HashMap: find, insert, remove, schedule and expire, full or not, across the wrap of ticks. */
class ConnectionTablePropertyTest {
    private static final int CLIENTS = 96;
    private static final ExpiryHandler LET_GO = (table, id, now) -> 0;

    private final Map<Integer, Integer> deadlines = new HashMap<>();
    private final Map<Integer, Integer> ids = new HashMap<>();
    private final NewConnection c = new NewConnection();

    @Property(tries = 300)
    void shouldBehaveAsAMap(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 64) int capacity, @ForAll int startTick) {
        deadlines.clear();
        ids.clear();
        final Random random = new Random(seed);
        int now = startTick;
        long refused = 0;
        try (ConnectionTable table = ConnectionTable.create(capacity, seed)) {
            table.expire(now, 1 << 20, LET_GO);
            for (int step = 0; step < 600; step++) {
                final int n = random.nextInt(CLIENTS);
                switch (random.nextInt(6)) {
                    case 0, 1 -> refused += insert(table, n, now, random.nextInt(700)) ? 0 : 1;
                    case 2 -> remove(table, n);
                    case 3 -> schedule(table, n, now, random.nextInt(700));
                    case 4 -> {
                        now += 1 + random.nextInt(300);
                        expire(table, now);
                    }
                    default -> check(table, n);
                }
                assertEquals(ids.size(), table.size());
                assertEquals(ids.size(), table.wheel.filed());
            }
            assertEquals(refused, table.refused());
            for (int n = 0; n < CLIENTS; n++) {
                check(table, n);
            }
            checkWalk(table);
        }
    }

    private boolean insert(ConnectionTable table, int n, int now, int timeout) {
        if (ids.containsKey(n)) {
            return true;
        }
        final int id = table.insert(Clients.hash(table, n), Clients.fill(c, n, timeout), now);
        if (ids.size() == table.capacity()) {
            assertEquals(ConnectionTable.NONE, id);
            return false;
        }
        assertNotEquals(ConnectionTable.NONE, id);
        assertTrue(!ids.containsValue(id), "an id in use was given again");
        ids.put(n, id);
        deadlines.put(n, now + timeout);
        return true;
    }

    private void remove(ConnectionTable table, int n) {
        final Integer id = ids.remove(n);
        if (id != null) {
            assertTrue(table.remove(id));
            assertTrue(!table.remove(id), "twice");
            deadlines.remove(n);
        }
    }

    private void schedule(ConnectionTable table, int n, int now, int timeout) {
        final Integer id = ids.get(n);
        if (id != null) {
            table.schedule(id, now, timeout);
            deadlines.put(n, now + timeout);
        }
    }

    private void expire(ConnectionTable table, int now) {
        table.expire(now, 1 << 20, LET_GO);
        final Iterator<Map.Entry<Integer, Integer>> entries =
                deadlines.entrySet().iterator();
        while (entries.hasNext()) {
            final Map.Entry<Integer, Integer> entry = entries.next();
            if (entry.getValue() - now <= 0) {
                ids.remove(entry.getKey());
                entries.remove();
            }
        }
    }

    private void check(ConnectionTable table, int n) {
        final int expected = ids.getOrDefault(n, ConnectionTable.NONE);
        assertEquals(expected, Clients.find(table, n));
        assertEquals(expected, Clients.findReply(table, n));
    }

    private void checkWalk(ConnectionTable table) {
        final ConnectionCursor cursor = new ConnectionCursor(table);
        int met = 0;
        while (cursor.next(table.capacity()) != ConnectionTable.NONE) {
            met++;
        }
        assertEquals(ids.size(), met);
    }
}
