package io.weir.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.conntrack.ConnectionTable;
import io.weir.conntrack.NewConnection;
import io.weir.conntrack.Ticks;
import io.weir.control.config.WeirConfig;
import io.weir.packet.IpAddress;
import io.weir.service.ServiceTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShardTablesTest {
    private static final int CONNECTIONS = 500;
    private static final int SIZE = 4096;
    private static final long VIP = IpAddress.parse("203.0.113.1").lo();

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private ShardTables open(int workers, int size) throws IOException {
        return ShardTables.open(
                new WeirConfig.Table(size, folder.resolve("table")), workers, ServiceTable.of(List.of()));
    }

    private static long client(int i) {
        return 0xFFFF_0A00_0000L + i;
    }

    private static void fill(ShardTables shards) {
        final NewConnection request = new NewConnection();
        for (int i = 0; i < CONNECTIONS; i++) {
            final ConnectionTable table = shards.tables().get(shards.ownership().owner(0, client(i)));
            request.clear().client(0, client(i), 1000).virtual(0, VIP, 80).destination(1, 0, VIP + 1, 80);
            request.protocol = 6;
            request.timeoutTicks = 600 * Ticks.PER_SECOND;
            table.insert(table.hash(6, 0, client(i), 1000), request, Ticks.ofNanos(System.nanoTime()));
        }
    }

    private static void assertAllThere(ShardTables shards) {
        int sum = 0;
        for (ConnectionTable table : shards.tables()) {
            sum += table.size();
        }
        assertEquals(CONNECTIONS, sum);
        for (int i = 0; i < CONNECTIONS; i++) {
            final ConnectionTable table = shards.tables().get(shards.ownership().owner(0, client(i)));
            assertNotEquals(
                    ConnectionTable.NONE,
                    table.find(table.hash(6, 0, client(i), 1000), 6, 0, client(i), 1000, 0, VIP, 80));
        }
    }

    private static void close(ShardTables shards) {
        shards.tables().forEach(ConnectionTable::close);
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "1, 2", "2, 1", "2, 5", "5, 2", "3, 3"})
    void shouldKeepConnectionsWithAnotherNumberOfWorkers(int before, int after) throws IOException {
        final ShardTables first = open(before, SIZE);
        fill(first);
        close(first);

        final ShardTables second = open(after, SIZE);

        assertAllThere(second);
        close(second);
        for (int i = after; i < before; i++) {
            assertFalse(Files.exists(folder.resolve("table." + i)));
        }
    }

    @Test
    void shouldKeepConnectionsWithAnotherSize() throws IOException {
        final ShardTables first = open(2, SIZE);
        fill(first);
        close(first);

        final ShardTables second = open(2, 2 * SIZE);

        assertAllThere(second);
        close(second);
        try (var files = Files.list(folder)) {
            assertEquals(2, files.count());
        }
    }

    @Test
    void shouldGoOnWithAnInterruptedMove() throws IOException {
        final ShardTables first = open(1, SIZE);
        fill(first);
        close(first);
        Files.move(folder.resolve("table"), folder.resolve("table.old.0"));

        final ShardTables second = open(2, SIZE);

        assertAllThere(second);
        close(second);
    }

    @Test
    void shouldRefuseATableInUse() throws IOException {
        final ShardTables first = open(2, SIZE);
        assertThrows(IOException.class, () -> open(2, SIZE));
        close(first);
        assertTrue(Files.exists(folder.resolve("table.1")));
    }

    /** Copies of an operator, and what an interrupted start of another version left. */
    @Test
    void shouldLeaveAloneWhatIsNoTableOfItsOwn() throws IOException {
        final ShardTables first = open(2, SIZE);
        fill(first);
        close(first);
        for (final String stray : List.of("table.old", "table.old.3", "table.bak", "table.7")) {
            Files.writeString(folder.resolve(stray), "not a table");
        }

        final ShardTables second = open(1, SIZE);

        assertAllThere(second);
        close(second);
        for (final String stray : List.of("table.old", "table.old.3", "table.bak", "table.7")) {
            assertEquals("not a table", Files.readString(folder.resolve(stray)));
        }
    }
}
