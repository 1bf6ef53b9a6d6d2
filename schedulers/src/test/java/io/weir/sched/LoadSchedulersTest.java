package io.weir.sched;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.packet.IpAddress;
import io.weir.service.Destination;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The schedulers that read loads: their formulas and their ties. */
class LoadSchedulersTest {
    @Test
    void shouldTakeTheNewestOnATie() {
        for (final String name : new String[] {"lc", "wlc", "sed", "nq", "fo", "ovf"}) {
            assertEquals(2, new TestService(name).add(4, 4, 4).choose(), name);
        }
    }

    @Test
    void shouldCountAnActiveConnectionAs256InactiveOnes() {
        for (final String name : new String[] {"lc", "wlc"}) {
            final TestService service = new TestService(name).add(1, 1);
            service.inactive(1, 256);
            service.active(0, 1);
            assertEquals(1, service.choose(), name);
            service.inactive(1, 1);
            assertEquals(0, service.choose(), name);
        }
    }

    @Test
    void shouldCompareWlcPerWeightAndLcNot() {
        final TestService wlc = new TestService("wlc").add(3, 1);
        final TestService lc = new TestService("lc").add(3, 1);
        for (final TestService service : new TestService[] {wlc, lc}) {
            service.active(0, 2);
            service.active(1, 1);
        }
        assertEquals(0, wlc.choose());
        assertEquals(1, lc.choose());
    }

    @Test
    void shouldCountTheComingConnectionInSed() {
        final TestService service = new TestService("sed").add(1, 4);
        // (0+1)/4 to (3+1)/4: the heavy one takes four before the light one, which is first on no tie, gets its first
        assertEquals("BBBBA", opens(service, 5));
        service.inactive(1, 1000);
        service.active(1, -4);
        assertEquals(1, service.choose());
    }

    @Test
    void shouldFillIdleDestinationsFirstInNq() {
        final TestService service = new TestService("nq").add(1, 4);
        assertEquals("BABBB", opens(service, 5));
    }

    @Test
    void shouldFailOverByWeight() {
        final TestService service = new TestService("fo").add(1, 7, 3);
        assertEquals("BBB", opens(service, 3));
        service.overloaded(1, true);
        assertEquals("CCC", opens(service, 3));
        service.overloaded(1, false);
        assertEquals("B", opens(service, 1));
    }

    @Test
    void shouldOverflowAfterWeightPlusOne() {
        assertEquals("BBBAA--", opens(new TestService("ovf").add(1, 2), 7));
    }

    @Test
    void shouldStickToTheAddressUntilItsServerIsHotInLblc() {
        final TestService service = new TestService("lblc").add(2, 2);
        // B is hot above 2 active while A has room for twice its own
        assertEquals("BBBA", opens(service, 4));
        service.active(0, 2);
        service.active(1, 5);
        assertEquals("AAA", service.choose(3), "nobody has room: A stays, hot or not");
    }

    @Test
    void shouldForgetADestinationInLblcWhenItsSlotIsAnothers() {
        final TestService service = new TestService("lblc").add(1, 1);
        assertEquals("B", service.choose(1));
        service.delete(1);
        service.active(0, 1);
        service.addSlot(1, 1);
        assertEquals("B", service.choose(1), "it is back");
        service.delete(1);
        final Destination other =
                new Destination(1, new IpAddress(0, 0xFFFF_0101_0101L), 80, 1, 3, 0, 0, Destination.Tunnel.IPIP);
        service.add(other);
        service.active(1, 2);
        assertEquals("A", service.choose(1), "the slot's former owner is meant no more");
    }

    @Test
    void shouldGrowTheSetInLblcr() {
        final TestService service = new TestService("lblcr").add(2, 2, 2);
        assertEquals("CCC", opens(service, 3));
        assertEquals("BB", opens(service, 2), "C was hot: B joins, and is the lighter of the two");
        service.active(0, 1);
        assertEquals("B", opens(service, 1), "both of the set at hand, B lighter: A, lighter still, is not asked");
    }

    @Test
    void shouldDrawTwosInProportionAndTakeTheLighter() {
        final TestService even = new TestService("twos").add(1, 3);
        final int[] counts = new int[2];
        even.active(0, 1);
        even.active(1, 3);
        for (int i = 0; i < 100_000; i++) {
            counts[even.choose()]++;
        }
        // equal load: the first draw decides, 0 to 3 of 0..4 are B's
        assertEquals(0.8, counts[1] / 100_000.0, 0.01);
        even.active(1, 100);
        int light = 0;
        for (int i = 0; i < 100_000; i++) {
            light += even.choose() == 0 ? 1 : 0;
        }
        // A is taken if either draw is A's: 1 - 0.8 * 0.8
        assertEquals(0.36, light / 100_000.0, 0.01);
    }

    @Test
    void shouldDrawDifferentLotsFromDifferentSeeds() {
        final TestService service = new TestService("twos").add(1, 1, 1, 1);
        final Scheduler other = Schedulers.create("twos", SchedulerOptions.seeded(99))
                .withDestinations(
                        List.of(service.inSlot(3), service.inSlot(2), service.inSlot(1), service.inSlot(0)), 0);
        int same = 0;
        for (int i = 0; i < 1000; i++) {
            same += other.schedule(service.flow(), service.load()) == 3 - service.choose() ? 1 : 0;
        }
        assertTrue(same < 500, "same=" + same);
    }

    private static String opens(TestService service, int count) {
        final StringBuilder text = new StringBuilder();
        for (int i = 0; i < count; i++) {
            final int slot = service.open();
            text.append(slot == Scheduler.NONE ? '-' : (char) ('A' + slot));
        }
        return text.toString();
    }
}
