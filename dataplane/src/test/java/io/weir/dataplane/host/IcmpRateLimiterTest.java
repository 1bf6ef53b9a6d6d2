package io.weir.dataplane.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.packet.IpAddress;
import org.junit.jupiter.api.Test;

class IcmpRateLimiterTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long TARGET = IpAddress.v4(0xC6336407);
    private static final long V6_HI = 0x20010db8_000c0000L;

    private final IcmpRateLimiter limiter = new IcmpRateLimiter();

    private int allowed(int tries, int type, int code, long nowNs) {
        int n = 0;
        for (int i = 0; i < tries; i++) {
            n += limiter.allows(0, TARGET, type, code, nowNs) ? 1 : 0;
        }
        return n;
    }

    @Test
    void shouldAllowSixAtOnceThenOneASecond() {
        assertEquals(6, allowed(20, 3, 3, 0));
        assertEquals(0, allowed(20, 3, 3, SECOND / 2));
        assertEquals(1, allowed(20, 3, 3, SECOND));
        assertEquals(2, allowed(20, 3, 3, 3 * SECOND));
        assertEquals(6, allowed(20, 11, 0, 100 * SECOND));
    }

    @Test
    void shouldNotLimitFragmentationNeededNorReplies() {
        assertEquals(1000, allowed(1000, 3, 4, 0));
        assertEquals(1000, allowed(1000, 0, 0, 0));
        assertTrue(limiter.allows(V6_HI, 7, 2, 0, 0));
    }

    @Test
    void shouldLimitAllTargetsTogetherToAThousandASecondInBurstsOfFifty() {
        int n = 0;
        for (int i = 0; i < 1000; i++) {
            n += limiter.allows(0, TARGET + i, 3, 3, 0) ? 1 : 0;
        }
        assertEquals(50, n);
        for (int ms = 20; ms <= 1000; ms += 20) {
            for (int i = 0; i < 100; i++) {
                n += limiter.allows(0, TARGET + 1000L * ms + i, 3, 3, ms * 1_000_000L) ? 1 : 0;
            }
        }
        assertEquals(1050, n);
        assertTrue(limiter.suppressed() > 0);
    }

    @Test
    void shouldTakeOneTokenOnAverageAndNotTellHowMany() {
        final int[] answers = new int[200];
        for (int burst = 0; burst < answers.length; burst++) {
            limiter.configure(0, 6168, 1000, 50);
            limiter.randomise(burst);
            for (int i = 0; i < 200; i++) {
                answers[burst] += limiter.allows(0, TARGET + i, 3, 3, burst * SECOND) ? 1 : 0;
            }
        }
        final double mean = java.util.Arrays.stream(answers).average().orElse(0);
        assertEquals(50, mean, 5);
        assertTrue(java.util.Arrays.stream(answers).distinct().count() > 3);
    }

    @Test
    void shouldGiveWiderIpv6RoutesMore() {
        int host = 0;
        int wide = 0;
        for (int ms = 0; ms < 10_000; ms += 50) {
            host += limiter.allows(V6_HI, 1, 1, 4, 128, ms * 1_000_000L) ? 1 : 0;
            wide += limiter.allows(V6_HI, 2, 1, 4, 0, ms * 1_000_000L) ? 1 : 0;
        }
        assertEquals(15, host);
        assertTrue(wide > 150, "wide=" + wide);
    }

    @Test
    void shouldObeyItsSettings() {
        limiter.configure(0, 6168, 1_000_000, 1_000_000);
        assertEquals(50, allowed(50, 3, 3, 0));
        limiter.enabled(false);
        assertEquals(10_000, allowed(10_000, 3, 3, 0));
        limiter.enabled(true);
        limiter.configure(1000, 0, 0, 0);
        assertEquals(100, allowed(100, 3, 3, 0));
        assertFalse(limiter.allows(V6_HI, 1, 1, 4, SECOND));
    }
}
