package io.weir.sched;

import io.weir.service.DestinationLoad;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** Two workers and then a third choose by rr among three servers: one round, in the list's order. */
@JCStressTest
@Outcome(
        id = {"0, 1, 2", "1, 0, 2"},
        expect = Expect.ACCEPTABLE,
        desc = "each server once")
@Outcome(expect = Expect.FORBIDDEN, desc = "a choice lost or made twice")
@State
public class RrStress {
    private static final DestinationLoad LOAD = DestinationLoad.allocate(3);

    private final Scheduler scheduler = StressLists.scheduler(new RrScheduler(), 1, 1, 1);

    @Actor
    public void first(III_Result result) {
        result.r1 = scheduler.schedule(new Flow(), LOAD);
    }

    @Actor
    public void second(III_Result result) {
        result.r2 = scheduler.schedule(new Flow(), LOAD);
    }

    @Arbiter
    public void third(III_Result result) {
        result.r3 = scheduler.schedule(new Flow(), LOAD);
    }
}
