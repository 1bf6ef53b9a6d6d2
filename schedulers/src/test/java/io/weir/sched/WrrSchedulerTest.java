package io.weir.sched;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.weir.service.Destination;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class WrrSchedulerTest {
    @Test
    void shouldKeepTheCurrentWeightOverAdditions() {
        // each addition keeps the current weight, so the first pass is at 1
        assertEquals("CBAAACBAAACBAAA", new TestService("wrr").add(3, 1, 1).choose(15));
    }

    @Test
    void shouldStartAtTheHighestWeightWhenAllComeAtOnce() {
        final TestService service = new TestService("wrr").add(1, 1, 3);
        final List<Destination> list = List.of(service.inSlot(2), service.inSlot(1), service.inSlot(0));
        final Scheduler scheduler = Schedulers.create("wrr").withDestinations(list, 0);
        final StringBuilder chosen = new StringBuilder();
        for (int i = 0; i < 10; i++) {
            chosen.append(scheduler.schedule(service.flow(), service.load()));
        }
        assertEquals("0001200012", chosen.toString());
    }

    @Test
    void shouldGiveNothingToAnOverloadedDestination() {
        final TestService service = new TestService("wrr").add(3, 1, 1);
        service.overloaded(0, true);
        assertEquals("CBCB", service.choose(4));
        service.overloaded(1, true);
        service.overloaded(2, true);
        assertEquals("---", service.choose(3));
        service.overloaded(1, false);
        assertEquals("BBB", service.choose(3));
    }

    @Test
    void shouldNotWalkEveryPassBelowAHugeOverloadedWeight() {
        final TestService service = new TestService("wrr").add(1, Integer.MAX_VALUE);
        service.overloaded(1, true);
        assertTimeoutPreemptively(Duration.ofSeconds(5), () -> assertEquals("AAAA", service.choose(4)));
        service.overloaded(0, true);
        assertTimeoutPreemptively(Duration.ofSeconds(5), () -> assertEquals("----", service.choose(4)));
    }

    @Property(tries = 300)
    void shouldGiveEachItsWeightInEveryFullRound(
            @ForAll @Size(min = 1, max = 6) List<@IntRange(max = 40) Integer> given) {
        final int[] weights = given.stream().mapToInt(Integer::intValue).toArray();
        final TestService service = new TestService("wrr").add(weights);
        final int divisor = Math.max(1, WeightedTurns.gcd(weights));
        final int round = Arrays.stream(weights).sum() / divisor;
        // from where the additions left the current weight to the end of the round
        service.choose(round);
        final int[] counts = new int[weights.length];
        for (int i = 0; i < 3 * round; i++) {
            counts[service.choose()]++;
        }
        for (int i = 0; i < weights.length; i++) {
            assertEquals(3 * weights[i] / divisor, counts[i]);
        }
    }
}
