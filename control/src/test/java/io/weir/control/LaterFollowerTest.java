package io.weir.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.dataplane.io.GuardRules;
import io.weir.dataplane.io.GuardRules.Change;
import io.weir.dataplane.io.GuardRules.Delta;
import io.weir.dataplane.io.GuardRules.Endpoint;
import io.weir.dataplane.io.RuleFollower;
import io.weir.packet.IpAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LaterFollowerTest {
    private static final Delta<Endpoint> NONE = new Delta<>(List.of(), List.of());
    private static final Delta<Endpoint> MORE =
            new Delta<>(List.of(new Endpoint(IpAddress.parse("10.0.0.1"), 6, 80)), List.of());
    private static final Delta<Endpoint> FEWER = new Delta<>(List.of(), MORE.added());

    private final List<String> heard = new CopyOnWriteArrayList<>();
    private final CountDownLatch open = new CountDownLatch(1);

    private final RuleFollower slow = new RuleFollower() {
        @Override
        public void follow(GuardRules rules) {
            heard.add("rules");
        }

        @Override
        public void follow(Change change) {
            try {
                assertTrue(open.await(10, TimeUnit.SECONDS));
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            heard.add(change.takesAway() ? "fewer" : "more");
        }
    };

    private static Change change(Delta<Endpoint> services) {
        return new Change(List.of(), services, NONE, new Delta<>(List.of(), List.of()));
    }

    @Test
    void shouldLetNobodyWaitForAdditions() {
        try (LaterFollower later = new LaterFollower(slow, "test")) {
            later.follow(change(MORE));
            assertEquals(List.of(), heard);
            open.countDown();
        }
        assertEquals(List.of("more"), heard, "all is told at the end");
    }

    @Test
    void shouldNotWaitForALargeTableThatIsStillBeingTold() {
        try (LaterFollower later = new LaterFollower(slow, "test")) {
            later.follow(change(MORE));
            later.follow(change(FEWER));
            assertEquals(List.of(), heard);
            open.countDown();
        }
        assertEquals(List.of("more", "fewer"), heard);
    }

    @Test
    void shouldHaveTakenAwayWhatItWasToldToTakeAwayWhenItReturns() {
        open.countDown();
        try (LaterFollower later = new LaterFollower(slow, "test")) {
            later.follow(change(MORE));
            later.follow(change(FEWER));
            assertEquals(List.of("more", "fewer"), heard);
            later.follow(new GuardRules(List.of(), List.of(), List.of(), List.of(), List.of()));
            assertEquals(List.of("more", "fewer", "rules"), heard);
        }
    }
}
