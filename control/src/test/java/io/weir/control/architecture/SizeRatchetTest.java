package io.weir.control.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * No file grows beyond what can be read in one sitting.
 *
 * <p>{@link #OWN_LIMIT} lists the files with a limit of their own. PacketPath is the file everybody reads first, so it must
 * be shorter than others. A file longer than its kind allows would stand there with its present length as a ratchet: it may
 * shrink, and the number with it, but not grow. There is none.
 */
final class SizeRatchetTest {
    private static final int MOST_LINES = 450;
    private static final int MOST_LINES_OF_A_TEST = 900;
    private static final int MOST_LINES_OF_THE_PATH = 299;

    private static final Map<String, Integer> OWN_LIMIT =
            Map.of("dataplane/src/main/java/io/weir/dataplane/PacketPath.java", MOST_LINES_OF_THE_PATH);

    @Test
    void shouldKeepFilesShortEnoughToRead() throws IOException {
        assertEquals(List.of(), tooLong("main", MOST_LINES));
    }

    @Test
    void shouldKeepTestsShortEnoughToRead() throws IOException {
        assertEquals(List.of(), tooLong("test", MOST_LINES_OF_A_TEST));
    }

    private static List<String> tooLong(String sourceSet, int most) throws IOException {
        final List<String> found = new ArrayList<>();
        for (final Path file : SourceTree.javaFiles(sourceSet)) {
            final String name = SourceTree.name(file);
            final int limit = OWN_LIMIT.getOrDefault(name, most);
            final int lines = Files.readAllLines(file).size();
            if (lines > limit) {
                found.add(name + ": lines=" + lines + " limit=" + limit);
            }
        }
        return found;
    }
}
