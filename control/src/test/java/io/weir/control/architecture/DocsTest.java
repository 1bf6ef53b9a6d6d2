package io.weir.control.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.conntrack.ConnectionFlags;
import io.weir.conntrack.ConnectionLayout;
import io.weir.dataplane.DropReason;
import io.weir.dataplane.forward.ForwardingMethod;
import io.weir.sched.Scheduler;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What the documents say of the code is still there, and all of it. */
final class DocsTest {
    private static final Pattern CODE = Pattern.compile("`([\\w/]+\\.java)(?::(\\w+))?`");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]+)\\)");
    private static final Pattern CLASS_NAME = Pattern.compile("`((?:[A-Z][a-z0-9]+){2,})(?:\\.java)?`");

    private static String page(String name) throws IOException {
        return Files.readString(SourceTree.root().resolve("docs").resolve(name));
    }

    @Test
    void shouldNameFilesAndMethodsThatExist() throws IOException {
        final List<String> missing = new ArrayList<>();
        for (final Path document : SourceTree.documents()) {
            final Matcher code = CODE.matcher(Files.readString(document));
            while (code.find()) {
                final Path file = SourceTree.root().resolve(code.group(1));
                final boolean whole = code.group(1).contains("/");
                if (whole && (!Files.exists(file) || code.group(2) != null && !declares(file, code.group(2)))) {
                    missing.add(document.getFileName() + ": " + code.group());
                }
            }
        }
        assertEquals(List.of(), missing);
    }

    private static boolean declares(Path file, String method) throws IOException {
        return Pattern.compile("(?m)^ +[\\w<>\\[\\]@ ]+ " + method + "\\(")
                .matcher(Files.readString(file))
                .find();
    }

    /** A class that a document calls by its simple name, in its sources or in its tests. */
    @Test
    void shouldNameClassesThatExist() throws IOException {
        final List<String> known = new ArrayList<>();
        for (final String sourceSet : List.of("main", "test")) {
            SourceTree.javaFiles(sourceSet)
                    .forEach(file -> known.add(file.getFileName().toString().replace(".java", "")));
        }
        final List<String> missing = new ArrayList<>();
        for (final Path document : SourceTree.documents()) {
            final Matcher name = CLASS_NAME.matcher(Files.readString(document));
            while (name.find()) {
                if (!known.contains(name.group(1))) {
                    missing.add(document.getFileName() + ": " + name.group());
                }
            }
        }
        assertEquals(List.of(), missing);
    }

    @Test
    void shouldLinkToFilesThatExist() throws IOException {
        final List<String> missing = new ArrayList<>();
        for (final Path document : SourceTree.documents()) {
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
    void shouldHaveEveryDocumentOnTheMap() throws IOException {
        final Path docs = SourceTree.root().resolve("docs");
        final String map = page("index.md");
        final List<String> missing = SourceTree.documents().stream()
                .filter(document -> document.startsWith(docs) && !document.endsWith("index.md"))
                .map(document -> docs.relativize(document).toString())
                .filter(name -> !map.contains("](" + name + ")"))
                .toList();
        assertEquals(List.of(), missing);
    }

    @Test
    void shouldExplainEveryDropCounter() throws IOException {
        final String operations = page("operations.md");
        for (final DropReason reason : DropReason.values()) {
            assertTrue(reason == DropReason.NONE || operations.contains(reason.name()), reason.name());
        }
    }

    @Test
    void shouldDrawEveryFieldOfTheConnectionRecord() throws IllegalAccessException, IOException {
        final String record = page("connection-record.md");
        final List<String> missing = new ArrayList<>();
        missing.addAll(missingRows(record, ConnectionLayout.class, "%d"));
        missing.addAll(missingRows(record, ConnectionFlags.class, "0x%04X"));
        assertEquals(List.of(), missing);
    }

    private static List<String> missingRows(String page, Class<?> constants, String form)
            throws IllegalAccessException {
        final List<String> missing = new ArrayList<>();
        for (final Field field : constants.getFields()) {
            if (Modifier.isStatic(field.getModifiers()) && field.getType() == int.class) {
                final boolean bits =
                        field.getName().endsWith("_MASK") || field.getName().equals("NIBBLE");
                final String value =
                        String.format(Locale.ROOT, bits && form.equals("%d") ? "0x%X" : form, field.getInt(null));
                final String row = "| `" + field.getName() + "` | " + value + " |";
                if (!page.contains(row)) {
                    missing.add(row);
                }
            }
        }
        return missing;
    }

    @Test
    void shouldExplainEverySchedulerAndForwardingMethod() throws IOException {
        final String glossary = page("glossary.md");
        ArchitectureTest.HOUSE.stream()
                .filter(c -> c.isAssignableTo(Scheduler.class) || c.isAssignableTo(ForwardingMethod.class))
                .filter(c -> !c.isInterface())
                .forEach(c -> assertTrue(glossary.contains("`" + c.getSimpleName() + "`"), c.getSimpleName()));
    }
}
