package io.weir.dataplane;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.weir.conntrack.Ticks;
import io.weir.packet.TcpFlags;
import io.weir.service.DestinationLoad;
import io.weir.service.Shadow;
import io.weir.service.SlotCounters;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A shadow scheduler's counts while connections come and go, and while the configuration changes. */
class ShadowsTest {
    private final DestinationLoad lane = DestinationLoad.allocate(16);
    private final PathFixture f = PathFixture.nat().shadow(1, lane).build();

    private void client(int port, int flags) {
        f.run(PathFixture.fromClient().ip(PathFixture.CLIENT, PathFixture.VIP).tcp(port, 80, flags), 0);
    }

    private void open(int port) {
        client(port, TcpFlags.SYN);
        f.run(
                PathFixture.fromServer()
                        .ip(PathFixture.SERVER, PathFixture.CLIENT)
                        .tcp(8080, port, TcpFlags.SYN | TcpFlags.ACK),
                1);
        client(port, TcpFlags.ACK);
    }

    private void assertCounts(long conns, long active, long inactive) {
        assertEquals(conns, lane.counters().get(0, SlotCounters.CONNS));
        assertEquals(active, lane.active(0));
        assertEquals(inactive, lane.inactive(0));
        assertEquals(conns, lane.counters().get(0, Shadow.LIVE_CONNS));
        assertEquals(active, lane.counters().get(0, Shadow.LIVE_ACTIVE));
        assertEquals(inactive, lane.counters().get(0, Shadow.LIVE_INACTIVE));
    }

    @Test
    void shouldFollowAConnectionFromItsBeginningToItsEnd() {
        client(40000, TcpFlags.SYN);
        open(40001);
        assertCounts(2, 2, 0);
        client(40001, TcpFlags.RST);
        assertCounts(2, 1, 1);
        f.nowNs += TimeUnit.DAYS.toNanos(1);
        f.table.expire(Ticks.ofNanos(f.nowNs), Integer.MAX_VALUE, (t, id, tick) -> f.parts
                .connections()
                .onExpiry(id, tick));
        assertEquals(0, f.table.size());
        assertCounts(2, 0, 0);
    }

    @Test
    void shouldGoOnCountingWhenAnotherConfigurationHasTheSameServer() {
        open(40000);
        f.reconfigure(PathFixture.nat().shadow(1, lane));
        open(40001);
        assertCounts(2, 2, 0);
        client(40000, TcpFlags.RST);
        assertCounts(2, 1, 1);
    }

    @Test
    void shouldForgetWhatAnotherServerHadInTheSameSlot() {
        open(40000);
        f.reconfigure(PathFixture.nat().server("10.20.0.11").shadow(1, lane));
        assertCounts(0, 0, 0);
        client(40000, TcpFlags.RST);
        assertCounts(0, 0, 0);
        client(40001, TcpFlags.SYN);
        assertCounts(1, 1, 0);
    }

    @Test
    void shouldBeginAtZeroWhenItIsAttachedAgain() {
        open(40000);
        open(40001);
        f.reconfigure(PathFixture.nat());
        client(40000, TcpFlags.RST);
        f.reconfigure(PathFixture.nat().shadow(2, lane));
        assertCounts(0, 0, 0);
        client(40001, TcpFlags.RST);
        assertCounts(0, 0, 0);
    }
}
