package io.weir.dataplane;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.weir.conntrack.ConnectionTable;
import io.weir.conntrack.NewConnection;
import io.weir.conntrack.Ticks;
import io.weir.packet.IpAddress;
import io.weir.packet.ParsedPacket;
import io.weir.packet.TcpFlags;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A director that was killed, and the next one on the same table file. */
class AdoptionTest {
    @TempDir
    Path folder = Path.of(".");

    private Path killedWithOneConnection() throws IOException {
        return killedWithOneConnection(PathFixture.nat());
    }

    private Path killedWithOneConnection(PathFixture.Builder how) throws IOException {
        final Path file = folder.resolve("live");
        final PathFixture f = how.table(ConnectionTable.open(file, 1024, 7, 64)).build();
        f.run(PathFixture.fromClient().ip(PathFixture.CLIENT, PathFixture.VIP).tcp(40000, 80, TcpFlags.SYN), 0);
        // What the page cache has of a killed process's mapping is what a copy reads.
        return Files.copy(file, folder.resolve("left"));
    }

    @Test
    void shouldGoOnWithTheConnectionsOfAKilledDirector() throws IOException {
        final PathFixture f = PathFixture.nat()
                .table(ConnectionTable.open(killedWithOneConnection(), 1024, 7, 64))
                .build();
        assertEquals(1, f.parts.connections().adopt(f.snapshot));
        assertEquals(1, f.load.active(0));
        final byte[] out = f.run(
                        PathFixture.fromClient()
                                .ip(PathFixture.CLIENT, PathFixture.VIP)
                                .tcp(40000, 80, TcpFlags.ACK),
                        0)
                .get(0);
        final ParsedPacket p = PathFixture.parsed(out);
        assertEquals(PathFixture.SERVER, IpAddress.format(p.dstHi, p.dstLo));
    }

    @Test
    void shouldLetGoOfConnectionsWhoseServiceIsNoLongerConfigured() throws IOException {
        final PathFixture f = PathFixture.nat()
                .vip("203.0.113.99")
                .table(ConnectionTable.open(killedWithOneConnection(), 1024, 7, 64))
                .build();
        assertEquals(0, f.parts.connections().adopt(f.snapshot));
        assertEquals(0, f.table.size());
        assertEquals(0, f.load.active(0));
    }

    @Test
    void shouldGoOnWithConnectionsToTheDirectorItself() throws IOException {
        final String own = "10.20.0.1";
        final Path left = killedWithOneConnection(PathFixture.nat().server(own));
        final PathFixture f = PathFixture.nat()
                .server(own)
                .table(ConnectionTable.open(left, 1024, 7, 64))
                .build();
        assertEquals(1, f.parts.connections().adopt(f.snapshot));
        assertEquals(1, f.load.active(0));
    }

    /** Its slot may be another server's in this run. */
    @Test
    void shouldBindNothingToASlotOfAnEarlierRun() {
        final ConnectionTable table = ConnectionTable.create(1024, 7, 64);
        final NewConnection request = new NewConnection();
        final int control = insert(table, request, "203.0.113.99", 21, ConnectionTable.NONE);
        insert(table, request, "203.0.113.99", 20_000, control);
        final PathFixture f = PathFixture.nat().table(table).build();

        f.parts.connections().adopt(f.snapshot);
        f.nowNs += TimeUnit.DAYS.toNanos(1);
        for (int i = 0; i < 3; i++) {
            f.nowNs += TimeUnit.HOURS.toNanos(1);
            table.expire(Ticks.ofNanos(f.nowNs), Integer.MAX_VALUE, (t, id, tick) -> f.parts
                    .connections()
                    .onExpiry(id, tick));
        }

        assertEquals(0, table.size());
        assertEquals(0, f.load.active(0));
        assertEquals(0, f.load.inactive(0));
    }

    private static int insert(ConnectionTable table, NewConnection request, String vip, int port, int controller) {
        final long client = IpAddress.parse(PathFixture.CLIENT).lo();
        request.clear()
                .client(0, client, port)
                .virtual(0, IpAddress.parse(vip).lo(), port)
                .destination(0, 0, IpAddress.parse(PathFixture.SERVER).lo(), 8080);
        request.protocol = 6;
        request.timeoutTicks = 500;
        request.controller = controller;
        return table.insert(table.hash(6, 0, client, port), request, Ticks.ofNanos(1_000_000_000L));
    }
}
