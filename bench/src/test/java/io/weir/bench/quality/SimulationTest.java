package io.weir.bench.quality;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.packet.IpAddress;
import io.weir.sched.Schedulers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SimulationTest {
    private static final int SERVERS = 4;
    private static final long RUN_NS = TimeUnit.SECONDS.toNanos(30);
    private static final long SEED = 7;

    private static Workload workload(String name) {
        return Workloads.generate(name, SERVERS, RUN_NS, SEED);
    }

    @Test
    void shouldRunEverySchedulerOnEveryWorkload() {
        for (final String name : Workloads.names()) {
            final Workload workload = workload(name);
            for (final String scheduler : Schedulers.names()) {
                final Quality q = Simulation.run(scheduler, workload, SEED);
                final String what = scheduler + " on " + name;
                assertEquals(workload.arrivals().size() + q.broken(), q.connections() + q.refused(), 2, what);
                assertTrue(q.maxToMean() >= 1 && q.maxToMean() <= SERVERS, what);
                assertTrue(q.worstMaxToMean() >= q.maxToMean(), what);
                assertTrue(q.fairness() <= 1 && q.fairness() >= 1.0 / SERVERS, what);
                assertEquals(name.equals("outage"), !Double.isNaN(q.moved()), what);
            }
        }
    }

    @Test
    void shouldRepeatItself() {
        final Quality one = Simulation.run("p2c", workload("outage"), SEED);
        final Quality other = Simulation.run("p2c", workload("outage"), SEED);
        assertEquals(one.variation(), other.variation());
        assertArrayEquals(one.fairnessByWindow(), other.fairnessByWindow());
    }

    @Test
    void shouldShowThatLeastConnectionsIsTheMostEven() {
        final Workload workload = workload("heavy-tailed");
        final double least = Simulation.run("wlc", workload, SEED).variation();
        assertTrue(least < Simulation.run("rr", workload, SEED).variation());
        assertTrue(least < Simulation.run("random", workload, SEED).variation());
    }

    @Test
    void shouldShowThatHashingKeepsClientsWhereTheyAre() {
        final Workload workload = workload("outage");
        final Quality hashed = Simulation.run("maglev", workload, SEED);
        assertEquals(0, hashed.movedAnyway());
        assertTrue(hashed.moved() < 0.05, "moved=" + hashed.moved());
        assertTrue(Simulation.run("rr", workload, SEED).moved() > 0.5);
    }

    @Test
    void shouldGiveEachServerItsTurn() {
        final List<Arrival> arrivals = new ArrayList<>();
        final IpAddress vip = IpAddress.parse("203.0.113.1");
        for (int i = 0; i < SERVERS; i++) {
            arrivals.add(new Arrival(i, IpAddress.parse("198.51.100." + i), 5000, vip, RUN_NS * 2));
        }
        final Workload workload = new Workload("turns", arrivals, new int[] {1, 1, 1, 1}, RUN_NS, Workload.Outage.NONE);
        final Quality q = Simulation.run("rr", workload, SEED);
        assertEquals(1, q.maxToMean());
        assertEquals(0, q.variation());
        assertEquals(1, q.worstFairness());
        assertEquals(1, q.p99Active());
    }

    @Test
    void shouldBreakWhatADyingServerHeld() {
        final IpAddress vip = IpAddress.parse("203.0.113.1");
        final List<Arrival> arrivals = new ArrayList<>();
        for (int i = 0; i < SERVERS * 3; i++) {
            arrivals.add(new Arrival(i, IpAddress.parse("198.51.100." + i), 5000, vip, RUN_NS * 2));
        }
        final Workload workload = new Workload("long", arrivals, new int[] {1, 1, 1, 1}, RUN_NS, Workload.Outage.NONE);
        final Quality q = Simulation.run("lc", workload.withOutage("broken"), SEED);
        assertEquals(3, q.broken());
        assertEquals(SERVERS * 3 + 3, q.connections());
        assertEquals(3, q.activeByWindow()[20][2], 1e-9);
        assertEquals(0, q.activeByWindow()[30][2]);
    }

    @Test
    void shouldRefuseAnUnknownScheduler() {
        assertThrows(IllegalArgumentException.class, () -> Simulation.run("best", workload("poisson"), SEED));
    }
}
