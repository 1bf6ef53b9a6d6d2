package io.weir.conntrack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.UUID;
import org.agrona.UnsafeApi;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConnectionTableFileTest {
    private static final ExpiryHandler LET_GO = (table, id, now) -> 0;
    private static final UUID BOOT = new UUID(1, 2);
    private static final int CAPACITY = 1000;
    /** Segments so small that every region has several. */
    private static final long SEGMENT = 8192;

    /** Ticks wrap during the test. */
    private static final int NOW = Integer.parseInt("2147483547");

    @TempDir
    Path directory;

    private Path file;

    @BeforeEach
    void setUp() {
        file = directory.resolve("table");
    }

    private ConnectionTable open(Path path, UUID boot, int now) throws IOException {
        return ConnectionTable.open(path, CAPACITY, 42, 100, MemoryAdvice.NONE, boot, now, SEGMENT);
    }

    /** What a process leaves behind that is killed now: the page cache is the file. */
    private Path killed() throws IOException {
        return Files.copy(file, directory.resolve("copy" + System.nanoTime()));
    }

    @Test
    void shouldKeepConnectionsAcrossAnOrderlyRestart() throws IOException {
        try (ConnectionTable table = open(file, BOOT, NOW)) {
            assertEquals(0, table.recovered());
            for (int n = 0; n < 500; n++) {
                Clients.insert(table, n, NOW, 1000 + n);
            }
        }
        try (ConnectionTable table = open(file, BOOT, NOW + 50)) {
            assertEquals(500, table.recovered());
            assertTrue(table.wasClosedCleanly());
            for (int n = 0; n < 500; n++) {
                assertEquals(NOW + 1000 + n, table.expiresAt(Clients.find(table, n)));
            }
        }
    }

    @Test
    void shouldKeepConnectionsOfAKilledProcessAndGoOn() throws IOException {
        final Random random = new Random(11);
        try (ConnectionTable table = open(file, BOOT, NOW)) {
            for (int round = 0; round < 10; round++) {
                for (int i = 0; i < 300; i++) {
                    final int n = random.nextInt(900);
                    final int id = Clients.find(table, n);
                    if (id == ConnectionTable.NONE) {
                        Clients.insert(table, n, NOW, 1 + random.nextInt(100_000));
                    } else {
                        table.remove(id);
                    }
                }
                try (ConnectionTable again = open(killed(), BOOT, NOW + round)) {
                    assertSameConnections(table, again);
                    assertFalse(again.wasClosedCleanly());
                    assertFillsUp(again);
                    again.expire(NOW + 100_000 + 3000, 1 << 24, LET_GO);
                    assertEquals(0, again.size());
                }
            }
        }
    }

    private static void assertSameConnections(ConnectionTable table, ConnectionTable again) {
        assertEquals(table.size(), again.recovered());
        assertEquals(table.size(), again.size());
        for (int n = 0; n < 900; n++) {
            final int id = Clients.find(table, n);
            assertEquals(id, Clients.find(again, n));
            if (id != ConnectionTable.NONE) {
                assertEquals(table.expiresAt(id), again.expiresAt(id));
            }
        }
    }

    private static void assertFillsUp(ConnectionTable again) {
        final int room = CAPACITY - again.size();
        for (int i = 0; i < room; i++) {
            assertNotEquals(ConnectionTable.NONE, Clients.insert(again, 100_000 + i, NOW, 3000));
        }
        assertEquals(ConnectionTable.NONE, Clients.insert(again, 200_000, NOW, 3000));
    }

    @Test
    void shouldMendTemplatesAndLocalAddresses() throws IOException {
        try (ConnectionTable table = open(file, BOOT, NOW)) {
            table.setLocalAddress(3, 0, 77);
            final NewConnection c = Clients.fill(new NewConnection(), 0, 1000);
            c.clientPort = 0;
            c.flags = ConnectionFlags.TEMPLATE;
            final int template = table.insert(table.hash(6, 0, c.clientLo, 0), c, NOW);
            for (int n = 1; n < 10; n++) {
                Clients.fill(c, n, 1000).controller = template;
                table.bindLocal(table.insert(Clients.hash(table, n), c, NOW), 3, 4000 + n);
            }
            // As if killed between two stores: the count is wrong, one controller leads nowhere.
            table.changeControlled(template, 5);
            table.coldInt(Clients.find(table, 9), ConnectionLayout.CONTROLLER, 999);
            try (ConnectionTable again = open(killed(), BOOT, NOW)) {
                assertEquals(8, again.controlled(template));
                assertEquals(ConnectionTable.NONE, again.controller(Clients.find(again, 9)));
                final int id = again.findLocal(6, 0, Clients.RIP, Clients.RPORT, 0, 77, 4005);
                assertEquals(Clients.find(again, 5), id);
                assertEquals(9, again.localAddressUsers(3));
                assertFalse(again.setLocalAddress(3, 0, 78));
            }
        }
    }

    @Test
    void shouldDropWhatCannotBeARecord() throws IOException {
        try (ConnectionTable table = open(file, BOOT, NOW)) {
            for (int n = 0; n < 20; n++) {
                Clients.insert(table, n, NOW, 1000);
            }
            table.state(0, 15);
            table.expiresAt(1, NOW + Ticks.MAX_TIMEOUT + 100);
            UnsafeApi.putLong(table.hot.address(2) + ConnectionLayout.CLIENT_HI, 1);
            UnsafeApi.putLong(table.hot.address(3) + ConnectionLayout.PORTS_FLAGS, 0);
            // The same connection twice: one of them stays.
            UnsafeApi.putLong(table.hot.address(5) + ConnectionLayout.CLIENT_LO, table.clientLo(4));
            UnsafeApi.putLong(
                    table.hot.address(5) + ConnectionLayout.PORTS_FLAGS,
                    UnsafeApi.getLong(table.hot.address(4) + ConnectionLayout.PORTS_FLAGS));
            table.coldInt(6, ConnectionLayout.LOCAL, 80 << 16 | 65535);
            try (ConnectionTable again = open(killed(), BOOT, NOW)) {
                assertEquals(14, again.size());
                assertNotEquals(ConnectionTable.NONE, Clients.find(again, 4));
                assertEquals(ConnectionTable.NONE, Clients.find(again, 3));
                assertFillsUp(again);
            }
        }
    }

    @Test
    void shouldSurviveAFileOfRandomRecords() throws IOException {
        final Random random = new Random(5);
        try (ConnectionTable table = open(file, BOOT, NOW)) {
            for (int n = 0; n < CAPACITY; n++) {
                Clients.insert(table, n, NOW, 1000);
            }
            for (int id = 0; id < CAPACITY; id++) {
                for (int offset = 0; offset < ConnectionLayout.HOT_BYTES; offset += 4) {
                    UnsafeApi.putInt(table.hot.address(id) + offset, random.nextInt());
                }
                for (int offset = 0; offset < ConnectionLayout.COLD_BYTES; offset += 4) {
                    table.coldInt(id, offset, random.nextInt());
                }
            }
            try (ConnectionTable again = open(killed(), BOOT, NOW)) {
                assertEquals(again.recovered(), again.size());
                assertFillsUp(again);
                for (int step = 1; step <= 40; step++) {
                    again.expire(NOW + step * 10_000_000, 1 << 28, LET_GO);
                }
                assertEquals(0, again.size());
            }
            // The close of a table does not look at its records.
        }
    }

    @Test
    void shouldStartEmptyAfterAReboot() throws IOException {
        try (ConnectionTable table = open(file, BOOT, NOW)) {
            Clients.insert(table, 1, NOW, 1000);
        }
        try (ConnectionTable table = open(file, new UUID(1, 3), NOW)) {
            assertEquals(0, table.recovered());
            assertEquals(ConnectionTable.NONE, Clients.find(table, 1));
            assertEquals(0, table.highWater());
        }
    }

    @Test
    void shouldStartEmptyWithAnotherSizeOrAForeignFile() throws IOException {
        try (ConnectionTable table = open(file, BOOT, NOW)) {
            Clients.insert(table, 1, NOW, 1000);
        }
        try (ConnectionTable table = ConnectionTable.open(file, 2000, 42, 100, MemoryAdvice.NONE, BOOT, NOW, SEGMENT)) {
            assertEquals(0, table.size());
        }
        Files.write(file, new byte[100_000]);
        try (ConnectionTable table = open(file, BOOT, NOW)) {
            assertEquals(0, table.size());
            assertNotEquals(ConnectionTable.NONE, Clients.insert(table, 1, NOW, 1000));
        }
    }

    @Test
    void shouldRefuseAFileInUse() throws IOException {
        try (ConnectionTable table = open(file, BOOT, NOW)) {
            final IOException e = assertThrows(IOException.class, () -> open(file, BOOT, NOW));
            assertTrue(String.valueOf(e.getMessage()).contains("in use"));
            assertEquals(0, table.size());
        }
    }

    @Test
    void shouldTellTheSeedOfAFile() throws IOException {
        assertEquals(7, SavedTable.seedOf(file, 7));
        open(file, BOOT, NOW).close();
        assertEquals(42, SavedTable.seedOf(file, 7));
    }

    @Test
    void shouldWorkWithTheRealClockAndBoot() throws IOException {
        final int now = Ticks.ofNanos(System.nanoTime());
        try (ConnectionTable table = ConnectionTable.open(file, CAPACITY, 1, 0)) {
            Clients.insert(table, 1, now, 6000);
        }
        try (ConnectionTable table = ConnectionTable.open(file, CAPACITY, 99, 0)) {
            assertEquals(1, table.recovered());
            assertNotEquals(ConnectionTable.NONE, Clients.find(table, 1), "another seed finds it too");
        }
    }
}
