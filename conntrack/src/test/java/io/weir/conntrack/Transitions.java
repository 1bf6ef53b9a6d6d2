package io.weir.conntrack;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/** Recorded state transitions: lines "direction,state before,what came,state after". */
final class Transitions {
    private Transitions() {}

    static List<String[]> read(String resource) {
        final var stream = Objects.requireNonNull(Transitions.class.getResourceAsStream(resource), resource);
        try (var lines = new BufferedReader(new InputStreamReader(stream, StandardCharsets.US_ASCII))) {
            return lines.lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> line.split(",", -1))
                    .toList();
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static int direction(String name) {
        return switch (name) {
            case "INPUT" -> TcpStateTable.INPUT;
            case "OUTPUT" -> TcpStateTable.OUTPUT;
            case "INPUT_ONLY" -> TcpStateTable.INPUT_ONLY;
            default -> throw new IllegalArgumentException("direction=" + name);
        };
    }
}
