package io.weir.sched;

import io.weir.service.DestinationLoad;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** Two workers choose by wrr between weights 3 and 1, twice each: one round, in which the heavy server gets exactly three. */
@JCStressTest
@Outcome(id = "3, 1", expect = Expect.ACCEPTABLE, desc = "each server its weight")
@Outcome(expect = Expect.FORBIDDEN, desc = "a choice lost or made twice")
@State
public class WrrStress {
    private static final DestinationLoad LOAD = DestinationLoad.allocate(2);

    private final Scheduler scheduler = StressLists.scheduler(new WrrScheduler(), 1, 3);
    private int heavyOfFirst;
    private int heavyOfSecond;

    @Actor
    public void first() {
        heavyOfFirst = heavyOfTwo();
    }

    @Actor
    public void second() {
        heavyOfSecond = heavyOfTwo();
    }

    private int heavyOfTwo() {
        final int one = scheduler.schedule(new Flow(), LOAD);
        final int other = scheduler.schedule(new Flow(), LOAD);
        return (one == 0 ? 1 : 0) + (other == 0 ? 1 : 0);
    }

    @Arbiter
    public void sum(II_Result result) {
        result.r1 = heavyOfFirst + heavyOfSecond;
        result.r2 = 4 - result.r1;
    }
}
