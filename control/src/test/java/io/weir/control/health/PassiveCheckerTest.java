package io.weir.control.health;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.control.health.PassiveChecker.Options;
import io.weir.control.health.PassiveChecker.Verdict;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What counts of handshakes say of a server. */
class PassiveCheckerTest {
    private long nowNs = 1;
    private final Verdict verdict = new Verdict(new Options(5, 100, 30_000), () -> nowNs);

    private boolean isUp(long opened, long refused, long unanswered) {
        return verdict.take(new long[] {opened, refused, unanswered}).up();
    }

    @Test
    void shouldTakeAServerOutThatRefusesOrIgnoresEverybody() {
        assertTrue(isUp(100, 50, 50), "what was before does not count");
        assertTrue(isUp(100, 52, 52), "four are not enough");
        assertFalse(isUp(100, 55, 54));
        assertEquals(
                "0 handshakes done, 3 refused, 2 SYNs unanswered",
                verdict.take(new long[] {100, 55, 54}).why());
    }

    @Test
    void shouldKeepAServerThatServesOthers() {
        assertTrue(isUp(0, 0, 0));
        assertTrue(isUp(1, 400, 400));
    }

    @Test
    void shouldGoByTheShareWhereOneIsGiven() {
        final Verdict half = new Verdict(new Options(5, 50, 30_000), () -> nowNs);
        assertTrue(half.take(new long[] {0, 0, 0}).up());
        assertTrue(half.take(new long[] {10, 9, 0}).up());
        assertFalse(half.take(new long[] {20, 19, 0}).up());
    }

    @Test
    void shouldGiveTheServerAnotherChanceAfterItsTime() {
        assertTrue(isUp(0, 0, 0));
        assertFalse(isUp(0, 5, 0));
        assertFalse(isUp(0, 5, 0), "no clients, no failures: it stays out");
        assertFalse(verdict.isDue());
        nowNs += TimeUnit.SECONDS.toNanos(31);
        assertTrue(verdict.isDue());
        verdict.forgive();
        assertTrue(isUp(0, 5, 0));
        assertFalse(isUp(0, 10, 0));
    }

    @Test
    void shouldBeginAnewWhereTheCountersDo() {
        assertTrue(isUp(100, 100, 100));
        assertTrue(isUp(0, 50, 0));
    }
}
