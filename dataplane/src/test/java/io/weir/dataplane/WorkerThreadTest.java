package io.weir.dataplane;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.dataplane.io.MemoryDevice;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class WorkerThreadTest {
    private final PathFixture f = PathFixture.nat().build();
    private final Worker worker =
            new Worker(f.parts, List.of(MemoryDevice.open("mem:cli0"), MemoryDevice.open("mem:rs0")), f.snapshot);
    private final CompletableFuture<Integer> halted = new CompletableFuture<>();
    private final WorkerThread thread = new WorkerThread(worker, 0, WorkerOptions.DEFAULTS, halted::complete);

    @Test
    void shouldLiveOnAfterABug() throws Exception {
        thread.start();
        final CompletableFuture<Boolean> after = new CompletableFuture<>();
        worker.order(parts -> {
            throw new IllegalStateException("a bug of the test");
        });
        worker.order(parts -> after.complete(true));
        assertTrue(after.get(10, TimeUnit.SECONDS));
        assertEquals(1, thread.bugs());
        assertFalse(halted.isDone());
        thread.end();
        thread.join();
    }

    /** A process without its worker would hold the addresses and serve nobody. */
    @Test
    void shouldEndTheProcessWhenMemoryIsGone() throws Exception {
        thread.start();
        worker.order(parts -> {
            throw new InternalError("a fault in the test's memory");
        });
        assertEquals(1, halted.get(10, TimeUnit.SECONDS));
        thread.join();
        assertTrue(thread.hasEnded());
    }
}
