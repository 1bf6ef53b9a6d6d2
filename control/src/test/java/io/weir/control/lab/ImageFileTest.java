package io.weir.control.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.control.architecture.SourceTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What can be seen of the {@code Dockerfile} without Docker; {@link PackageIT} runs what it starts. */
class ImageFileTest {
    private static final Set<String> KNOWN =
            Set.of("FROM", "RUN", "WORKDIR", "COPY", "ENV", "VOLUME", "STOPSIGNAL", "HEALTHCHECK", "ENTRYPOINT", "CMD");
    private static final List<String> TO_CHANGE_USER = List.of("setuid", "setgid", "setpcap");

    private static String unit(String key) throws IOException {
        return Files.readAllLines(SourceTree.root().resolve("control/src/main/dist/systemd/weir.service")).stream()
                .filter(line -> line.startsWith(key + "="))
                .map(line -> line.substring(key.length() + 1))
                .findFirst()
                .orElseThrow();
    }

    private static List<String> unitCapabilities() throws IOException {
        return Arrays.stream(unit("AmbientCapabilities").split(" ", -1))
                .map(word -> word.substring("CAP_".length()).toLowerCase(Locale.ROOT))
                .toList();
    }

    @Test
    void shouldCopyWhatIsThere() throws IOException {
        final List<String> stages = new ArrayList<>();
        for (ImageFile.Instruction each : ImageFile.read().instructions()) {
            assertTrue(KNOWN.contains(each.word()), each.word());
            final String[] words = each.rest().split("\\s+", -1);
            if (each.word().equals("FROM") && words.length == 3) {
                stages.add(words[2]);
            }
            if (each.word().equals("COPY") && each.rest().startsWith("--from=")) {
                assertTrue(stages.contains(words[0].substring("--from=".length())), each.rest());
            } else if (each.word().equals("COPY")) {
                assertTrue(Files.exists(SourceTree.root().resolve(words[0])), each.rest());
            }
        }
        final List<String> ignored = Files.readAllLines(SourceTree.root().resolve(".dockerignore"));
        assertTrue(ignored.containsAll(List.of("**/target", ".git")), ignored::toString);
    }

    @Test
    void shouldStartWhatTheUnitStartsWithTheSameRights() throws IOException {
        final ImageFile image = ImageFile.read();
        final List<String> entry = image.last("ENTRYPOINT").words();
        final List<String> whole = new ArrayList<>(List.of(entry.get(entry.size() - 1)));
        whole.addAll(image.last("CMD").words());
        assertEquals(unit("ExecStart"), String.join(" ", whole));
        assertTrue(entry.containsAll(List.of("--reuid=" + unit("User"), "--regid=" + unit("Group"), "--no-new-privs")));
        final String rights = "-all,+" + String.join(",+", unitCapabilities());
        for (String set : List.of("inh-caps", "ambient-caps", "bounding-set")) {
            assertTrue(entry.contains("--" + set + "=" + rights), set);
        }
        final List<String> given = new ArrayList<>(unitCapabilities());
        given.addAll(TO_CHANGE_USER);
        assertEquals(given, image.capabilities());
        assertEquals(
                "STATE_DIRECTORY=" + image.last("VOLUME").rest(),
                image.last("ENV").rest());
        assertTrue(Path.of(image.last("VOLUME").rest()).endsWith(unit("StateDirectory")));
    }
}
