package io.weir.control.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Values recorded from a Linux 6.1 that was given 10 connections a second. */
final class RateEstimatorTest {
    @Test
    void shouldMoveAQuarterOfTheWayEachTick() {
        final RateEstimator packets = RateEstimator.ofPackets();
        packets.tick(38);
        assertEquals(5, packets.perSecond());
        final RateEstimator bytes = RateEstimator.ofBytes();
        bytes.tick(3420);
        assertEquals(427, bytes.perSecond());
        bytes.tick(3780);
        assertEquals(793, bytes.perSecond());
    }

    @Test
    void shouldApproachAConstantRate() {
        final RateEstimator packets = RateEstimator.ofPackets();
        for (int i = 0; i < 40; i++) {
            packets.tick(2_000_000);
        }
        assertTrue(Math.abs(1_000_000 - packets.perSecond()) < 16);
        packets.zero();
        assertEquals(0, packets.perSecond());
    }
}
