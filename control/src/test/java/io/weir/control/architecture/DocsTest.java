package io.weir.control.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.dataplane.DropReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the documents say of the code is still there. */
class DocsTest {
    private static final Pattern CODE = Pattern.compile("`([\\w/]+\\.java):(\\w+)`");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]+)\\)");
    private static final int MOST_LINES = 480;
    private static final int MOST_LINES_OF_THE_PATH = 300;

    private static Path root() {
        Path at = Path.of("").toAbsolutePath();
        while (!Files.exists(at.resolve("README.md"))) {
            at = Objects.requireNonNull(at.getParent());
        }
        return at;
    }

    private static List<Path> documents() throws IOException {
        final List<Path> found = new ArrayList<>(List.of(root().resolve("README.md")));
        try (Stream<Path> docs = Files.walk(root().resolve("docs"))) {
            docs.filter(path -> path.toString().endsWith(".md")).forEach(found::add);
        }
        return found;
    }

    @Test
    void shouldNameMethodsThatExist() throws IOException {
        final List<String> missing = new ArrayList<>();
        for (final Path document : documents()) {
            final Matcher code = CODE.matcher(Files.readString(document));
            while (code.find()) {
                final Path file = root().resolve(code.group(1));
                if (!Files.exists(file) || !Files.readString(file).contains(" " + code.group(2) + "(")) {
                    missing.add(document.getFileName() + ": " + code.group());
                }
            }
        }
        assertEquals(List.of(), missing);
    }

    @Test
    void shouldLinkToFilesThatExist() throws IOException {
        final List<String> missing = new ArrayList<>();
        for (final Path document : documents()) {
            final Matcher link = LINK.matcher(Files.readString(document));
            while (link.find()) {
                if (!Files.exists(document.resolveSibling(link.group(1)))) {
                    missing.add(document.getFileName() + ": " + link.group(1));
                }
            }
        }
        assertEquals(List.of(), missing);
    }

    @Test
    void shouldExplainEveryDropCounter() throws IOException {
        final String operations = Files.readString(root().resolve("docs/operations.md"));
        for (final DropReason reason : DropReason.values()) {
            assertTrue(reason == DropReason.NONE || operations.contains(reason.name()), reason.name());
        }
    }

    @Test
    void shouldKeepFilesShortEnoughToRead() throws IOException {
        final List<String> tooLong = new ArrayList<>();
        try (Stream<Path> files = Files.walk(root())) {
            for (final Path file : files.filter(path ->
                            path.toString().endsWith(".java") && path.toString().contains("/src/main/"))
                    .toList()) {
                final boolean path = file.endsWith("PacketPath.java");
                final long lines = Files.readAllLines(file).size();
                if (lines > (path ? MOST_LINES_OF_THE_PATH : MOST_LINES)) {
                    tooLong.add(file.getFileName() + ": " + lines);
                }
            }
        }
        assertEquals(List.of(), tooLong);
    }
}
