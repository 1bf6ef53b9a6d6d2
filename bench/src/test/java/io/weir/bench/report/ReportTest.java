package io.weir.bench.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.bench.Conditions;
import io.weir.bench.quality.Quality;
import io.weir.bench.quality.Simulation;
import io.weir.bench.quality.Workloads;
import io.weir.bench.report.Report.BuildTime;
import io.weir.bench.report.Report.Speed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
    private static final List<String> SCHEDULERS = List.of("rr", "maglev");

    @TempDir
    private Path folder;

    private static Report report(String machine, double ns) {
        final Map<String, String> conditions = new LinkedHashMap<>();
        conditions.put("date", "2026-01-01T00:00:00Z");
        conditions.put("commit", "0123456789ab");
        conditions.put("machine", machine);
        final List<Speed> speeds = new ArrayList<>();
        final List<Quality> quality = new ArrayList<>();
        for (final String scheduler : SCHEDULERS) {
            for (final int servers : new int[] {10, 1000}) {
                for (final int threads : new int[] {1, 2}) {
                    speeds.add(new Speed(scheduler, servers, threads, "skewed", ns, 0.1, threads * 1e9 / ns, 0.001));
                }
            }
            quality.add(Simulation.run(scheduler, Workloads.generate("outage", 4, TimeUnit.SECONDS.toNanos(10), 1), 1));
        }
        return new Report(conditions, speeds, List.of(new BuildTime("maglev:65537", 1000, "equal", 1.2, 1.1)), quality);
    }

    @Test
    void shouldMakeAPageThatNeedsNothingElse() {
        final String html = new HtmlReport(report("a <machine>", 20), null).text();
        for (final String request : List.of("http", "src=", "href=", "url(", "<script", "@import")) {
            assertFalse(html.contains(request), request);
        }
        assertTrue(html.contains("a &lt;machine&gt;"));
        assertEquals(2 + 1 + 1 + 1 + 2 + 1, html.split("<svg ", -1).length - 1);
        assertFalse(html.contains("NaN"));
    }

    @Test
    void shouldComeBackFromJsonAsItWas() throws IOException {
        final Path file = folder.resolve("report.json");
        final Report report = report("a", 20);
        Comparison.JSON.writeValue(file.toFile(), report);
        final Report read = Comparison.read(file);
        assertEquals(report.speeds(), read.speeds());
        assertEquals(report.quality().get(0).moved(), read.quality().get(0).moved());
    }

    @Test
    void shouldGiveRatiosUnderTheSameConditions() {
        final Comparison comparison = Comparison.of(report("a", 30), report("a", 20));
        assertTrue(comparison.isComparable());
        assertEquals(1.5, comparison.ratios().get("rr/10/1/skewed"));
        assertTrue(comparison.text().contains("1.50"));
    }

    @Test
    void shouldNotCompareOtherMachines() {
        final Comparison comparison = Comparison.of(report("a", 30), report("b", 20));
        assertFalse(comparison.isComparable());
        assertTrue(comparison.ratios().isEmpty());
        assertTrue(comparison.text().contains("machine: b then, a now"), comparison.text());
        assertTrue(new HtmlReport(report("a", 30), comparison).text().contains("Not comparable"));
    }

    @Test
    void shouldNotCompareWithABusyMachine() {
        final Report busy = report("a", 20);
        busy.conditions().put("load", "11.67 on average at the start" + Conditions.BUSY);
        final Comparison comparison = Comparison.of(report("a", 30), busy);
        assertTrue(comparison.ratios().isEmpty());
        assertTrue(comparison.text().contains("load then: 11.67"), comparison.text());
    }

    @Test
    void shouldNotCompareWhatWasMeasuredOtherwise() {
        for (final String condition : List.of("kernel", "JDK", "flags", "measured", "workloads")) {
            final Report then = report("a", 20);
            then.conditions().put(condition, "other");
            assertFalse(Comparison.of(report("a", 30), then).isComparable(), condition);
        }
        final Report before = report("a", 20);
        before.conditions().put("commit", "another");
        assertTrue(Comparison.of(report("a", 30), before).isComparable());
    }

    @Test
    void shouldSayWhatIsNoReport() throws IOException {
        final Path file = folder.resolve("other.json");
        Files.writeString(file, "{\"speeds\": 1}");
        assertThrows(IOException.class, () -> Comparison.read(file));
        Files.writeString(file, "{}");
        assertThrows(IOException.class, () -> Comparison.read(file));
        assertThrows(IOException.class, () -> Comparison.read(folder.resolve("none.json")));
    }
}
