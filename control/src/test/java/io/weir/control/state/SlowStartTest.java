package io.weir.control.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.control.ipvsadm.FixedNames;
import io.weir.control.ipvsadm.Ipvsadm;
import io.weir.packet.IpAddress;
import io.weir.packet.ProtocolNumbers;
import io.weir.sched.Flow;
import io.weir.sched.Scheduler;
import io.weir.service.Destination;
import io.weir.service.DestinationLoad;
import io.weir.service.SlotCounters;
import io.weir.service.VirtualService;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Slow start and the scheduler options, by commands and in virtual time. */
class SlowStartTest {
    private static final long SECOND_NS = TimeUnit.SECONDS.toNanos(1);
    private static final String WEB = "-t 203.0.113.1:80";

    private DirectorState state;
    private Ipvsadm ipvsadm;

    @BeforeEach
    void start() {
        final DestinationLoad load =
                new DestinationLoad(new SlotCounters(memory(512 * SlotCounters.ROW_BYTES)), memory(512));
        state = new DirectorState(load, new SlotCounters(memory(8 * SlotCounters.ROW_BYTES)), 1, 0);
        ipvsadm = new Ipvsadm(state, new FixedNames(Map.of()), List::of);
    }

    private static UnsafeBuffer memory(int bytes) {
        return new UnsafeBuffer(ByteBuffer.allocateDirect(bytes));
    }

    /** Runs a command at a second of virtual time. */
    private String at(double second, String line) {
        state.advance((long) (second * SECOND_NS));
        final Ipvsadm.Result result = ipvsadm.run(Arrays.asList(line.split(" ")), "");
        return result.out() + result.err();
    }

    private void twoServersFor(String scheduler) {
        assertEquals("", at(0, "-A " + WEB + " -s " + scheduler + " --slow-start 30"));
        assertEquals("", at(0, "-a " + WEB + " -r 10.0.0.2 -m -w 1"));
        assertEquals("", at(60, "-a " + WEB + " -r 10.0.0.3 -m -w 1"));
    }

    /** Of many connections from different clients at a second: how many each server got, by the end of its address. */
    private Map<Integer, Integer> shares(double second) {
        state.advance((long) (second * SECOND_NS));
        final VirtualService service = state.tables().services().services().get(0);
        final Map<Integer, Integer> counts = new HashMap<>();
        final Flow flow = new Flow();
        flow.protocol = ProtocolNumbers.TCP;
        for (int i = 0; i < 11_000; i++) {
            flow.srcLo = IpAddress.v4(0xC633_6400 + i * 7919);
            final int index = service.scheduler().schedule(flow, state.load());
            final Destination chosen = index == Scheduler.NONE ? null : service.destinations()[index];
            if (chosen != null) {
                counts.merge((int) chosen.address().lo() & 0xFF, 1, Integer::sum);
            }
        }
        return counts;
    }

    private double share(double second, int server) {
        return shares(second).getOrDefault(server, 0);
    }

    @Test
    void shouldGiveANewServerATenthAtFirstAndMoreStepByStep() {
        twoServersFor("wrr");
        assertEquals(Map.of(2, 10_000, 3, 1_000), shares(60));
        final long before = state.revision();
        state.advance(62 * SECOND_NS);
        assertEquals(before, state.revision(), "a step is three seconds");
        assertEquals(1_833, share(63, 3), 10);
        assertEquals(5_210, share(86.9, 3), 350);
        assertEquals(Map.of(2, 5_500, 3, 5_500), shares(90));
        assertTrue(at(70, "-Ln").contains("10.0.0.3:80                  Masq    1 "), "the whole weight is listed");
    }

    @ParameterizedTest
    @ValueSource(strings = {"mh", "maglev", "conhash", "random"})
    void shouldWarmUpInTables(String scheduler) {
        twoServersFor(scheduler);
        // conhash has but six points for a tenth of weight 1: one and a half deviations
        assertEquals(1_000, share(60, 3), "conhash".equals(scheduler) ? 600 : 250);
        assertEquals(5_500, share(90, 3), 1_000);
    }

    @Test
    void shouldStartAgainForOneThatIsBack() {
        twoServersFor("wrr");
        at(100, "-e " + WEB + " -r 10.0.0.3 -m -w 0");
        assertEquals(Map.of(2, 11_000), shares(101));
        at(110, "-e " + WEB + " -r 10.0.0.3 -m -w 1");
        assertEquals(1_000, share(110, 3), 10);
        at(200, "-d " + WEB + " -r 10.0.0.3");
        at(210, "-a " + WEB + " -r 10.0.0.3 -m -w 1");
        assertEquals(1_000, share(210, 3), 10);
        at(212, "-e " + WEB + " -r 10.0.0.3 -m -w 2");
        assertEquals(1_833, share(212, 3), 10);
    }

    @Test
    void shouldHoldNobodyBackWhenAllAreNew() {
        at(0, "-A " + WEB + " -s wrr --slow-start 30");
        at(0.1, "-a " + WEB + " -r 10.0.0.2 -m -w 1");
        at(0.2, "-a " + WEB + " -r 10.0.0.3 -m -w 3");
        assertEquals(Map.of(2, 2_750, 3, 8_250), shares(1));
    }

    @Test
    void shouldBeOffByDefaultAndWhenEditedAway() {
        at(0, "-A " + WEB + " -s wrr");
        at(0, "-a " + WEB + " -r 10.0.0.2 -m -w 1");
        at(60, "-a " + WEB + " -r 10.0.0.3 -m -w 1");
        assertEquals(Map.of(2, 5_500, 3, 5_500), shares(60));
        at(61, "-E " + WEB + " -s wrr --slow-start 30");
        at(62, "-a " + WEB + " -r 10.0.0.4 -m -w 1");
        assertTrue(share(62, 4) < 1_000);
        at(63, "-E " + WEB + " -s wrr");
        assertEquals(3_667, share(63, 4), 2);
    }

    @Test
    void shouldRepeatARunInVirtualTime() {
        final StringBuilder first = new StringBuilder();
        final StringBuilder second = new StringBuilder();
        for (final StringBuilder run : List.of(first, second)) {
            start();
            twoServersFor("wlc");
            for (int second10 = 600; second10 < 950; second10 += 7) {
                run.append(shares(second10 / 10.0)).append(state.revision());
            }
        }
        assertEquals(first.toString(), second.toString());
    }

    @Test
    void shouldListAndSaveTheOptions() {
        at(0, "-A " + WEB + " -s conhash --table-size 4096 --load-bound 150 --slow-start 30 -b conhash-port");
        assertTrue(at(0, "-Ln").contains("conhash (conhash-port) table-size 4096 load-bound 150 slow-start 30\n"));
        assertTrue(at(0, "-Sn").contains(" --table-size 4096 --load-bound 150 --slow-start 30\n"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-s maglev --table-size 65536",
                "-s maglev --table-size 655379",
                "-s mh --table-size 4099",
                "-s rr --table-size 4093",
                "-s maglev --load-bound 120",
                "-s conhash --load-bound 100",
                "-s wrr --slow-start 0",
                "-s rr -b maglev-port",
            })
    void shouldRefuseWhatASchedulerDoesNotTake(String options) {
        final String answer = at(0, "-A " + WEB + " " + options);
        assertFalse(answer.isEmpty());
        assertTrue(state.services().isEmpty());
    }

    @Test
    void shouldKnowTheLastWeightWhenMhComesLater() {
        at(0, "-A " + WEB + " -s wlc");
        at(0, "-a " + WEB + " -r 10.0.0.2 -m -w 1");
        at(0, "-a " + WEB + " -r 10.0.0.3 -m -w 3");
        at(0, "-e " + WEB + " -r 10.0.0.3 -m -w 0");
        at(0, "-E " + WEB + " -s mh");
        assertEquals(2_750, share(1, 2), 300, "the clients of the quiesced one are refused, not moved");
    }

    @Test
    void shouldTakeNoMoreServersThanTheTableHasEntries() {
        at(0, "-A " + WEB + " -s maglev --table-size 251");
        for (int i = 0; i < 251; i++) {
            assertEquals("", at(0, "-a " + WEB + " -r 10.0.1." + (i + 1) + " -m"));
        }
        assertFalse(at(0, "-a " + WEB + " -r 10.0.2.1 -m").isEmpty());
        assertEquals(251, state.services().get(0).destinations().size());
        at(0, "-E " + WEB + " -s wlc");
        assertEquals("", at(0, "-a " + WEB + " -r 10.0.2.1 -m"));
        assertFalse(at(0, "-E " + WEB + " -s maglev --table-size 251").isEmpty());
        assertEquals("wlc", state.services().get(0).spec().scheduler());
    }
}
