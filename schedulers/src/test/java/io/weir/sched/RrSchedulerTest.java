package io.weir.sched;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class RrSchedulerTest {
    @Test
    void shouldWalkFromTheNewestToTheOldest() {
        assertEquals("CBACBA", new TestService("rr").add(5, 1, 2).choose(6));
    }

    @Test
    void shouldStepOverWeightZeroAndOverload() {
        final TestService service = new TestService("rr").add(1, 0, 1, 1);
        service.overloaded(3, true);
        assertEquals("CACA", service.choose(4));
    }

    @Test
    void shouldGoOnBehindThePredecessorOfADeletedDestination() {
        final TestService service = new TestService("rr").add(1, 1, 1, 1);
        assertEquals("DC", service.choose(2));
        service.delete(2);
        assertEquals("BADB", service.choose(4));
    }

    @Test
    void shouldStartAtTheHeadWhenTheFirstWasChosenAndDeleted() {
        final TestService service = new TestService("rr").add(1, 1, 1);
        assertEquals("C", service.choose(1));
        service.delete(2);
        assertEquals("BA", service.choose(2));
    }

    @Test
    void shouldKeepItsPlaceWhenTheDeletedDestinationIsBackAtTheHead() {
        final TestService service = new TestService("rr").add(1, 1, 1, 1);
        assertEquals("DC", service.choose(2));
        service.delete(2);
        service.addSlot(2, 1);
        // behind D, where C was, though C is in front of D now
        assertEquals("BACD", service.choose(4));
    }

    @Test
    void shouldNotMoveOnAnEditOrAnAddedHead() {
        final TestService service = new TestService("rr").add(1, 1, 1);
        assertEquals("CB", service.choose(2));
        service.edit(1, 9);
        service.addSlot(3, 1);
        assertEquals("ADCB", service.choose(4));
    }

    @Test
    void shouldFindItsPlaceWhenAWorkerStillChoseTheDeletedDestination() {
        final TestService service = new TestService("rr").add(1, 1, 1, 1);
        final Scheduler old = service.scheduler();
        service.choose(2);
        service.delete(1);
        // the old list is D C B A: its worker goes on to B, which is gone
        assertEquals(2, old.schedule(service.flow(), service.load()));
        assertEquals("ADC", service.choose(3));
    }

    @Test
    void shouldFindItsPlaceThoughTheDeletedDestinationIsTwoEditsOld() {
        final TestService service = new TestService("rr").add(1, 1, 1, 1);
        final Scheduler old = service.scheduler();
        service.choose(2);
        service.delete(1);
        assertEquals(2, old.schedule(service.flow(), service.load()));
        // B stood between C and A; the next list does not know that, the one before it does
        service.edit(0, 5);
        assertEquals("ADC", service.choose(3));
    }

    @Test
    void shouldNotTakeAnotherDestinationInItsSlotForTheDeletedOne() {
        final TestService service = new TestService("rr").add(1, 1, 1, 1);
        final Scheduler old = service.scheduler();
        service.choose(2);
        service.delete(1);
        old.schedule(service.flow(), service.load());
        service.addSlot(1, 1);
        assertEquals("ABDC", service.choose(4));
    }

    @Test
    void shouldKnowThatTheNextListHasADestinationBackAtItsHead() {
        final TestService service = new TestService("rr").add(1, 1, 1, 1);
        service.delete(2);
        final Scheduler late = service.scheduler();
        service.addSlot(2, 1);
        assertEquals("C", service.choose(1));
        // D B A: C stands before them now, no longer between D and B
        assertEquals(0, late.schedule(service.flow(), service.load()));
        assertEquals("BACD", service.choose(4));
    }
}
