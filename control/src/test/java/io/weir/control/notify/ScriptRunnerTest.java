package io.weir.control.notify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.control.keepalived.KeepalivedConfig.Script;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ScriptRunnerTest {
    private static final long LIMIT_MS = 60_000;
    private static final int MANY = 400;

    /** As many as if half a thousand servers went down at once. */
    @Test
    void shouldTellEverybodyHoweverMuchThereIsToTell() throws InterruptedException {
        final CountDownLatch ended = new CountDownLatch(MANY);
        final AtomicInteger good = new AtomicInteger();
        try (ScriptRunner runner = new ScriptRunner("root", null)) {
            for (int i = 0; i < MANY; i++) {
                runner.runInOrder(new Script(List.of("/bin/true"), "root", null), List.of(), LIMIT_MS, status -> {
                    good.addAndGet(status == 0 ? 1 : 0);
                    ended.countDown();
                });
            }
            assertTrue(ended.await(LIMIT_MS, TimeUnit.MILLISECONDS), () -> ended.getCount() + " have not run");
        }
        assertEquals(MANY, good.get());
    }
}
