package io.weir.dataplane.io.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

class CpuAffinityTest {
    @Test
    void shouldPinOnlyTheCallingThread() throws InterruptedException, ExecutionException {
        final int before = CpuAffinity.allowed();
        final int cpu = CpuAffinity.current();
        final FutureTask<Integer> pinned = new FutureTask<>(() -> {
            CpuAffinity.pin(cpu);
            assertEquals(cpu, CpuAffinity.current());
            return CpuAffinity.allowed();
        });
        new Thread(pinned).start();
        assertEquals(1, pinned.get());
        assertEquals(before, CpuAffinity.allowed());
    }

    @Test
    void shouldKnowWhichCpusAreAllowed() {
        assertTrue(CpuAffinity.isAllowed(CpuAffinity.current()));
        assertFalse(CpuAffinity.isAllowed(1000));
        assertFalse(CpuAffinity.isAllowed(-1));
        assertFalse(CpuAffinity.isAllowed(5000));
    }

    @Test
    void shouldTellThatACpuIsNotThere() {
        final NativeException e = assertThrows(NativeException.class, () -> CpuAffinity.pin(1000));
        assertEquals("cpu 1000: not available to this process", e.getMessage());
        assertEquals("EINVAL", e.errnoName());
    }
}
