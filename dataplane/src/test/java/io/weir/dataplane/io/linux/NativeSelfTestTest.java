package io.weir.dataplane.io.linux;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** jnr-ffi's own stubs lose the sixth integer argument on x86-64; elsewhere there are none, and nothing to find. */
class NativeSelfTestTest {
    private static final boolean HAS_STUBS = "amd64".equals(System.getProperty("os.arch"));

    /** Binds a library before LibC can switch the stubs off. */
    public static final class WithStubs {
        /** Any function will do. */
        public interface AnyCall {
            int getppid();
        }

        private WithStubs() {}

        public static void main(String[] arguments) {
            if (jnr.ffi.LibraryLoader.create(AnyCall.class).load("c").getppid() < 0) {
                throw new AssertionError();
            }
            NativeSelfTest.run();
        }
    }

    @Test
    void shouldPassHere() {
        assertDoesNotThrow(NativeSelfTest::run);
    }

    @Test
    void shouldSetTheProperty() {
        NativeSelfTest.run();
        assertEquals("false", System.getProperty("jnr.ffi.x86asm.enabled"));
    }

    @Test
    void shouldStopAJvmWithBrokenStubsAndTellTheWayOut() throws IOException, InterruptedException {
        final List<String> command = new ArrayList<>(List.of(
                System.getProperty("java.home") + "/bin/java",
                "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED",
                "-Djnr.ffi.x86asm.enabled=true",
                "-cp",
                System.getProperty("java.class.path"),
                WithStubs.class.getName()));
        final Process process =
                new ProcessBuilder(command).redirectErrorStream(true).start();
        final String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertTrue(process.waitFor(30, TimeUnit.SECONDS));
        assertEquals(HAS_STUBS, process.exitValue() != 0, output);
        assertEquals(HAS_STUBS, output.contains("native calls lose their sixth argument"), output);
        assertEquals(HAS_STUBS, output.contains("start the JVM with -Djnr.ffi.x86asm.enabled=false"), output);
    }
}
