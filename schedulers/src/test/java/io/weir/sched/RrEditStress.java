package io.weir.sched;

import io.weir.service.DestinationLoad;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * A worker chooses from the list 3 2 1 0 (slots) of which 3 had its turn, while the director deletes 2; then two choices
 * from the list 3 1 0. Servers 1 and 0 must get their turns in order, whoever was first.
 */
@JCStressTest
@Outcome(id = "2, 1, 0", expect = Expect.ACCEPTABLE, desc = "the deleted one had the last of its turns")
@Outcome(expect = Expect.FORBIDDEN, desc = "a turn lost or given twice")
@State
public class RrEditStress {
    private static final DestinationLoad LOAD = DestinationLoad.allocate(4);

    private final Scheduler before = StressLists.scheduler(new RrScheduler(), 1, 1, 1, 1);
    private Scheduler after = before;

    public RrEditStress() {
        before.schedule(new Flow(), LOAD);
    }

    @Actor
    public void worker(III_Result result) {
        result.r1 = StressLists.slotOf(before.schedule(new Flow(), LOAD), 3, 2, 1, 0);
    }

    @Actor
    public void director() {
        after = before.withDestinations(StressLists.without(2, 1, 1, 1, 1), 0);
    }

    @Arbiter
    public void next(III_Result result) {
        result.r2 = StressLists.slotOf(after.schedule(new Flow(), LOAD), 3, 1, 0);
        result.r3 = StressLists.slotOf(after.schedule(new Flow(), LOAD), 3, 1, 0);
    }
}
