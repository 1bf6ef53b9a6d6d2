package io.weir.bench.report;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.weir.bench.Conditions;
import io.weir.bench.report.Report.Speed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * A run beside an older one. Times compare only under the same conditions: same machine, cores, kernel, JDK, flags and
 * way of measuring, and nobody else at work. Commit and date may differ; they are what one compares for.
 *
 * @param differences what is not the same: while there are any, no ratio is given
 * @param ratios time now to time then, by what was measured in both
 */
record Comparison(String older, List<String> differences, Map<String, Double> ratios) {
    private static final List<String> MUST_BE_THE_SAME =
            List.of("machine", "kernel", "JDK", "flags", "measured", "workloads");

    static final ObjectMapper JSON = new ObjectMapper()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

    static Report read(Path file) throws IOException {
        if (!Files.isReadable(file)) {
            throw new IOException(file + ": no such file, or it cannot be read");
        }
        try {
            final Report report = JSON.readValue(file.toFile(), Report.class);
            if (report == null || report.conditions() == null || report.speeds() == null) {
                throw new IOException(file + ": is not a report.json of weir bench schedulers");
            }
            return report;
        } catch (com.fasterxml.jackson.core.JacksonException e) {
            throw new IOException(file + ": is not a report.json of weir bench schedulers", e);
        }
    }

    static Comparison of(Report now, Report then) {
        final List<String> differences = new ArrayList<>();
        for (final String name : MUST_BE_THE_SAME) {
            final String a = then.conditions().get(name);
            final String b = now.conditions().get(name);
            if (!Objects.equals(a, b)) {
                differences.add(name + ": " + a + " then, " + b + " now");
            }
        }
        differences.addAll(busy("then", then));
        differences.addAll(busy("now", now));
        final Map<String, Double> ratios = new LinkedHashMap<>();
        if (differences.isEmpty()) {
            for (final Speed speed : now.speeds()) {
                then.speeds().stream()
                        .filter(old -> old.key().equals(speed.key()))
                        .findFirst()
                        .ifPresent(old -> ratios.put(speed.key(), speed.ns() / old.ns()));
            }
        }
        return new Comparison(
                then.conditions().get("commit") + " of " + then.conditions().get("date"), differences, ratios);
    }

    private static List<String> busy(String when, Report report) {
        final String load = report.conditions().getOrDefault("load", "");
        return load.endsWith(Conditions.BUSY) ? List.of("load " + when + ": " + load) : List.of();
    }

    boolean isComparable() {
        return differences.isEmpty();
    }

    String text() {
        if (!isComparable()) {
            return "not comparable with " + older + ":\n  " + String.join("\n  ", differences) + "\n";
        }
        final StringBuilder text = new StringBuilder(
                "time now to time of " + older + " (above 1: slower now), by servers/threads/weights\n");
        ratios.forEach((key, ratio) -> text.append(String.format(Locale.ROOT, "  %-32s %5.2f%n", key, ratio)));
        return text.toString();
    }
}
