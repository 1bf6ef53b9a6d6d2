package io.weir.dataplane;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

class BatchTimesTest {
    private final BatchTimes times = new BatchTimes();
    private final Histogram total = BatchTimes.histogram();

    @Test
    void shouldTellEachTimeOnce() {
        times.record(1_000);
        times.moveTo(total);
        times.record(2_000);
        times.record(3_000);
        times.moveTo(total);
        times.moveTo(total);
        assertEquals(3, total.getTotalCount());
        assertTrue(total.valuesAreEquivalent(2_000, total.getValueAtPercentile(50)));
        assertTrue(total.valuesAreEquivalent(3_000, total.getMaxValue()));
    }

    @Test
    void shouldBearAClockThatJumps() {
        times.record(-5);
        times.record(Long.MAX_VALUE);
        times.moveTo(total);
        assertEquals(2, total.getTotalCount());
        assertTrue(total.valuesAreEquivalent(BatchTimes.LONGEST_NS, total.getMaxValue()));
    }

    @Test
    void shouldAllocateNothingWhenItRecords() {
        final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long least = Long.MAX_VALUE;
        for (int attempt = 0; attempt < 5 && least > 0; attempt++) {
            final long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 100_000; i++) {
                times.record(i * 7L);
            }
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        assertEquals(0, least);
    }
}
