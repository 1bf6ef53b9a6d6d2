package io.weir.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class WarmPathTest {
    @Test
    void shouldForwardEveryFrameItMakes() {
        final WarmPath warm = WarmPath.begin(true);
        warm.await();
        assertTrue(warm.forwarded() > 0);
        assertEquals(0, warm.lost());
    }
}
