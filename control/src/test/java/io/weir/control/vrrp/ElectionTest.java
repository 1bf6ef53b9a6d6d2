package io.weir.control.vrrp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.control.vrrp.Election.State;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class ElectionTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final List<String> said = new ArrayList<>();
    private boolean groupAgrees = true;

    private final Election.Listener listener = new Election.Listener() {
        @Override
        public void state(State from, State to) {
            said.add(from + ">" + to);
        }

        @Override
        public void advert(int priority) {
            said.add("advert " + priority);
        }

        @Override
        public void lowerMaster() {
            said.add("lower");
        }

        @Override
        public boolean mayBecomeMaster() {
            return groupAgrees;
        }
    };

    private Election election(int version, boolean preempt, long delayNs, int priority) {
        return new Election(
                new Election.Rules(version, SECOND, preempt, delayNs, 3, true, false, priority == Election.OWNER),
                priority,
                listener);
    }

    private List<String> take() {
        final List<String> all = List.copyOf(said);
        said.clear();
        return all;
    }

    @Test
    void shouldListenForThreeIntervalsAndASkewBeforeItSpeaks() {
        final Election election = election(2, true, 0, 100);
        election.begin(0);
        assertEquals(List.of("FAULT>BACKUP"), take());
        assertEquals(3 * SECOND + SECOND * 156 / 256, election.deadlineNs());

        election.onTime(election.deadlineNs() - 1);
        assertEquals(List.of(), take());
        election.onTime(election.deadlineNs());
        assertEquals(List.of("advert 100", "BACKUP>MASTER"), take());
        election.onTime(election.deadlineNs());
        assertEquals(List.of("advert 100"), take());
    }

    @Test
    void shouldLeaveALowerMasterAloneWhileItIsHeldButTakeOverFromADeadOne() {
        final Election election = election(2, true, 0, 200);
        election.begin(0);
        election.hold(true);
        for (int second = 1; second < 20; second++) {
            election.onTime(second * SECOND);
            election.onAdvert(100, false, SECOND, second * SECOND);
        }
        assertEquals(List.of("FAULT>BACKUP"), take());
        election.hold(false);
        election.onAdvert(100, false, SECOND, 20 * SECOND);
        election.onTime(24 * SECOND);
        assertEquals(List.of("advert 200", "BACKUP>MASTER"), take());

        election.force(State.BACKUP, 30 * SECOND);
        take();
        election.hold(true);
        election.onTime(40 * SECOND);
        assertEquals(State.MASTER, election.state());
    }

    @Test
    void shouldSkewByTheMastersIntervalInVersion3() {
        final Election election = election(3, true, 0, 1);
        election.begin(0);
        election.onAdvert(200, true, SECOND / 4, 0);
        assertEquals(3 * SECOND / 4 + SECOND / 4 * 255 / 256, election.deadlineNs());
    }

    @Test
    void shouldYieldToAHigherPriorityThenToAHigherAddressOnly() {
        final Election election = election(2, true, 0, 100);
        election.begin(0);
        election.onTime(10 * SECOND);
        take();
        election.onAdvert(100, false, SECOND, 10 * SECOND);
        assertEquals(List.of("advert 100", "lower"), take());
        election.onAdvert(99, true, SECOND, 10 * SECOND);
        assertEquals(List.of("advert 100", "lower"), take());
        election.onAdvert(100, true, SECOND, 10 * SECOND);
        assertEquals(List.of("MASTER>BACKUP"), take());
        election.onTime(20 * SECOND);
        take();
        election.onAdvert(101, false, SECOND, 20 * SECOND);
        assertEquals(List.of("MASTER>BACKUP"), take());
    }

    @Test
    void shouldTakeOverAtOnceWhenTheMasterLeaves() {
        final Election election = election(2, true, 0, 100);
        election.begin(0);
        election.onAdvert(0, true, SECOND, SECOND);
        assertEquals(SECOND + SECOND * 156 / 256, election.deadlineNs());
    }

    @Test
    void shouldIgnoreALowerMasterUnlessItMustNotPreempt() {
        final Election preempting = election(2, true, 0, 100);
        preempting.begin(0);
        final long deadline = preempting.deadlineNs();
        preempting.onAdvert(50, true, SECOND, SECOND);
        assertEquals(deadline, preempting.deadlineNs());

        final Election patient = election(2, false, 0, 100);
        patient.begin(0);
        patient.onAdvert(50, true, SECOND, SECOND);
        assertEquals(deadline + SECOND, patient.deadlineNs());
    }

    @Test
    void shouldWaitThePreemptDelayWhileALowerMasterIsHeard() {
        final Election election = election(2, true, 10 * SECOND, 100);
        election.begin(0);
        long now = 0;
        while (election.state() == State.BACKUP && now < 60 * SECOND) {
            now += SECOND / 10;
            if (now % SECOND == 0) {
                election.onAdvert(50, true, SECOND, now);
            }
            election.onTime(now);
        }
        assertEquals(State.MASTER, election.state());
        // From the first advert on, and then as long as a master may be silent.
        assertEquals(13, now / SECOND);
    }

    /** As keepalived 2.2.7 does it, whatever its manual says of the start. */
    @Test
    void shouldNotDelayWhereNobodyIsToBePreempted() {
        final Election election = election(2, true, 100 * SECOND, 100);
        election.begin(0);
        final long waitNs = 3 * SECOND + SECOND * 156 / 256;
        assertEquals(waitNs, election.deadlineNs());
        election.onTime(waitNs);
        assertEquals(State.MASTER, election.state());
    }

    @Test
    void shouldDelayAnewAfterAFault() {
        final Election election = election(2, true, 10 * SECOND, 100);
        election.begin(0);
        election.onAdvert(50, true, SECOND, SECOND);
        election.fault(2 * SECOND);
        election.begin(20 * SECOND);
        election.onAdvert(50, true, SECOND, 21 * SECOND);
        assertEquals(21 * SECOND + 3 * SECOND + SECOND * 156 / 256, election.deadlineNs());
    }

    /** A priority that moves neither begins the wait anew nor cuts it short. */
    @Test
    void shouldMoveItsDeadlineByTheSkewWhenThePriorityMoves() {
        final Election election = election(2, true, 0, 100);
        election.begin(0);
        election.priority(228);
        assertEquals(3 * SECOND + SECOND * 28 / 256, election.deadlineNs());
        election.priority(100);
        assertEquals(3 * SECOND + SECOND * 156 / 256, election.deadlineNs());
    }

    @Test
    void shouldSayGoodbyeWhenItFailsOrLeaves() {
        final Election election = election(2, true, 0, Election.OWNER);
        election.begin(0);
        assertEquals(List.of("advert 255", "FAULT>MASTER"), take());
        election.fault(SECOND);
        assertEquals(List.of("advert 0", "MASTER>FAULT"), take());
        election.onAdvert(1, true, SECOND, SECOND);
        election.onTime(100 * SECOND);
        assertEquals(List.of(), take());
        election.begin(SECOND);
        election.leave();
        assertEquals(List.of("advert 255", "FAULT>MASTER", "advert 0"), take());
    }

    @Test
    void shouldWaitForItsGroupAndNoLongerWantWhatItHearsAnotherHave() {
        final Election election = election(2, true, 0, 100);
        groupAgrees = false;
        election.begin(0);
        election.onTime(10 * SECOND);
        assertEquals(State.BACKUP, election.state());
        assertTrue(election.wantsMaster());

        election.onAdvert(200, false, SECOND, 10 * SECOND);
        assertFalse(election.wantsMaster());

        groupAgrees = true;
        election.onTime(20 * SECOND);
        assertEquals(State.MASTER, election.state());
    }

    /** Only the others of its group make it fall back; there is a master, so nobody waits for its goodbye. */
    @Test
    void shouldNotSayGoodbyeWhenItsGroupFallsBack() {
        final Election election = election(2, true, 0, 100);
        election.begin(0);
        election.onTime(10 * SECOND);
        take();
        election.force(State.BACKUP, 11 * SECOND);
        assertEquals(List.of("MASTER>BACKUP"), take());
        election.force(State.MASTER, 12 * SECOND);
        take();
        election.force(State.FAULT, 13 * SECOND);
        assertEquals(List.of("advert 0", "MASTER>FAULT"), take());
    }

    @Test
    void shouldStepDownIfAnotherOwnsTheAddressesToo() {
        final Election election = election(2, true, 0, Election.OWNER);
        election.begin(0);
        take();
        election.onAdvert(Election.OWNER, false, SECOND, SECOND);
        assertEquals(List.of("MASTER>BACKUP"), take());
        assertEquals(254, election.priority());
        election.priority(Election.OWNER);
        assertEquals(254, election.priority());
    }

    @Test
    void shouldGoOnAsWhatItReplaces() {
        final Election master = election(2, true, 0, 100);
        master.resume(State.MASTER, 0);
        assertEquals(List.of("advert 100", "FAULT>MASTER"), take());

        final Election backup = election(2, true, 0, 100);
        backup.resume(State.BACKUP, 0);
        assertEquals(List.of("FAULT>BACKUP"), take());
    }
}
