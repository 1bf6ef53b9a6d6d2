package io.weir.dataplane;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.weir.conntrack.ConnectionTable;
import io.weir.packet.IpAddress;
import io.weir.packet.ParsedPacket;
import io.weir.packet.TcpFlags;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A director that was killed, and the next one on the same table file. */
class AdoptionTest {
    @TempDir
    Path folder = Path.of(".");

    private Path killedWithOneConnection() throws IOException {
        final Path file = folder.resolve("live");
        final PathFixture f =
                PathFixture.nat().table(ConnectionTable.open(file, 1024, 7, 64)).build();
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
}
