package io.weir.sched;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.weir.packet.IpAddress;
import java.lang.management.ManagementFactory;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every scheduler in the registry keeps to; a new one is tested by being in it. */
class SchedulerContractTest {
    private static final int FLOWS = 2000;

    static List<String> names() {
        return Schedulers.names();
    }

    @ParameterizedTest
    @MethodSource("names")
    void shouldBearTheNameItIsRegisteredUnder(String name) {
        assertEquals(name, Schedulers.create(name).name());
        assertEquals(
                name, Schedulers.create(name).withDestinations(List.of(), 0).name());
    }

    @ParameterizedTest
    @MethodSource("names")
    void shouldFindNothingInAnEmptyList(String name) {
        final TestService service = new TestService(name);
        assertEquals(Scheduler.NONE, service.choose());
        service.add(1);
        service.delete(0);
        assertEquals(Scheduler.NONE, service.choose());
    }

    @ParameterizedTest
    @MethodSource("names")
    void shouldGiveTheOnlyDestinationEverything(String name) {
        assertEquals("AAAAAAAA", new TestService(name).add(3).choose(8));
    }

    @ParameterizedTest
    @MethodSource("names")
    void shouldNeverChooseWeightZero(String name) {
        final TestService service = new TestService(name).add(2, 0, 1, 0);
        for (int i = 0; i < FLOWS; i++) {
            final int slot = client(service, i).choose();
            assertTrue(slot == 0 || slot == 2 || slot == Scheduler.NONE, () -> "slot=" + slot);
        }
        service.edit(0, 0);
        service.edit(2, 0);
        assertEquals("----", service.choose(4));
    }

    @ParameterizedTest
    @MethodSource("names")
    void shouldNotBindAnOverloadedDestination(String name) {
        final TestService service = new TestService(name).add(1, 1, 1);
        service.overloaded(1, true);
        for (int i = 0; i < FLOWS; i++) {
            assertNotEquals(1, client(service, i).choose());
        }
        service.overloaded(0, true);
        service.overloaded(2, true);
        service.flow().dstLo++; // lblc and lblcr know the other one
        if (!name.equals("lblc")) {
            assertEquals("----", service.choose(4));
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void shouldNotChooseADeletedDestinationButAgainOnceItIsBack(String name) {
        final TestService service = new TestService(name).add(1, 1, 1);
        final HashSet<Integer> chosen = new HashSet<>();
        for (int i = 0; i < FLOWS; i++) {
            client(service, i).choose();
        }
        service.delete(1);
        for (int i = 0; i < FLOWS; i++) {
            chosen.add(client(service, i).choose());
        }
        assertTrue(!chosen.contains(1) && !chosen.contains(Scheduler.NONE), chosen::toString);
        service.delete(0);
        service.delete(2);
        service.addSlot(1, 1);
        assertEquals("BBBB", service.choose(4));
    }

    @ParameterizedTest
    @MethodSource("names")
    void shouldRepeatARun(String name) {
        final StringBuilder first = new StringBuilder();
        final StringBuilder second = new StringBuilder();
        for (final StringBuilder run : List.of(first, second)) {
            final TestService service = new TestService(name).add(3, 1, 4, 1, 5);
            for (int i = 0; i < FLOWS; i++) {
                run.append((char) ('A' + client(service, i).open()));
            }
        }
        assertEquals(first.toString(), second.toString());
    }

    @ParameterizedTest
    @MethodSource("names")
    void shouldStayInTheListWhileWorkersChooseTogether(String name) throws Exception {
        final TestService service = new TestService(name).add(3, 1, 0, 4);
        final ExecutorService workers = Executors.newFixedThreadPool(4);
        try {
            final List<Future<Boolean>> results = workers.invokeAll(IntStream.range(0, 4)
                    .<Callable<Boolean>>mapToObj(worker -> () -> chooseMany(service, worker))
                    .toList());
            for (final Future<Boolean> result : results) {
                assertTrue(result.get(1, TimeUnit.MINUTES));
            }
        } finally {
            workers.shutdownNow();
        }
    }

    private static boolean chooseMany(TestService service, int worker) {
        final Flow flow = new Flow();
        boolean good = true;
        for (int i = 0; i < 50_000; i++) {
            flow.srcLo = IpAddress.v4(worker << 24 | i);
            flow.dstLo = IpAddress.v4(i % 100);
            final int index = service.scheduler().schedule(flow, service.load());
            // newest first: 4, 0, 1, 3
            good &= index == 0 || index == 2 || index == 3 || index == Scheduler.NONE;
        }
        return good;
    }

    @ParameterizedTest
    @MethodSource("names")
    void shouldNotAllocate(String name) {
        final TestService service =
                new TestService(name, SchedulerFlags.FLAG_1 | SchedulerFlags.FLAG_2).add(3, 1, 0, 4);
        final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        final long thread = Thread.currentThread().getId();
        long allocated = Long.MAX_VALUE;
        // The first rounds may allocate what the JVM needs for itself.
        for (int round = 0; round < 5; round++) {
            final long before = threads.getThreadAllocatedBytes(thread);
            scheduleMany(service);
            allocated = Math.min(allocated, threads.getThreadAllocatedBytes(thread) - before);
        }
        assertEquals(0, allocated);
    }

    private static void scheduleMany(TestService service) {
        final Flow flow = service.flow();
        for (int i = 0; i < 20_000; i++) {
            flow.srcLo = IpAddress.v4(i);
            flow.dstLo = IpAddress.v4(i);
            service.scheduler().schedule(flow, service.load());
        }
    }

    private static TestService client(TestService service, int i) {
        service.flow().srcLo = IpAddress.v4(0xC000_0200 + i * 7919);
        return service;
    }

    @Test
    void shouldRefuseAnUnknownName() {
        assertThrows(IllegalArgumentException.class, () -> Schedulers.create("best"));
        assertTrue(Schedulers.isKnown(Schedulers.DEFAULT));
    }

    @Test
    void shouldKnowEveryNameOnce() {
        assertEquals(Schedulers.names().size(), new HashSet<>(Schedulers.names()).size());
    }
}
