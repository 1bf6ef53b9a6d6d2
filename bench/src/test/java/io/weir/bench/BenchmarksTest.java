package io.weir.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.BenchmarkListEntry;
import org.openjdk.jmh.runner.format.OutputFormat;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.VerboseMode;

class BenchmarksTest {
    @Test
    void shouldForkWithTheFlagsOfTheParentPom() throws IOException {
        try (InputStream in = BenchmarksTest.class.getResourceAsStream("jvm-flags.txt")) {
            assertNotNull(in);
            final String flags = new String(in.readAllBytes(), StandardCharsets.US_ASCII).strip();
            assertEquals(
                    flags.replace("--add-exports ", "--add-exports="),
                    String.join(" ", BenchFlags.EXPORTS, BenchFlags.NATIVE_ACCESS, BenchFlags.NO_X86ASM));
        }
    }

    @Test
    void shouldForkEveryBenchmarkWithoutBoundsChecks() {
        final Set<BenchmarkListEntry> all = BenchmarkList.defaultList()
                .getAll(OutputFormatFactory.createFormatInstance(System.out, VerboseMode.SILENT), List.of());
        assertFalse(all.isEmpty());
        for (final BenchmarkListEntry benchmark : all) {
            assertTrue(
                    benchmark.getJvmArgsPrepend().orElse(List.of()).contains(BenchFlags.DISABLE_BOUNDS_CHECKS),
                    benchmark.getUsername());
        }
    }

    @Test
    void shouldFindEachRegisteredBenchmark() {
        final OutputFormat silent = OutputFormatFactory.createFormatInstance(System.out, VerboseMode.SILENT);
        for (final String pattern : BenchMain.patterns()) {
            assertFalse(
                    BenchmarkList.defaultList()
                            .find(silent, List.of(pattern), List.of())
                            .isEmpty(),
                    pattern);
        }
    }
}
