package io.weir.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.control.architecture.SourceTree;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The manual page and the completions that are shipped are those of this program. */
class PagesTest {
    private static Path dist(String file) {
        return SourceTree.root().resolve("control/src/main/dist").resolve(file);
    }

    @Test
    void shouldShipTheCompletionsOfItsCommands() throws IOException {
        assertEquals(
                PagesCommand.completion(WeirMain.commandLine()),
                Files.readString(dist("completion/weir.bash")),
                "made anew by: ./weir completion > control/src/main/dist/completion/weir.bash");
    }

    @Test
    void shouldShipTheManualOfItsCommands() throws IOException {
        assertEquals(
                ManPage.of(WeirMain.commandLine()),
                Files.readString(dist("man/weir.1")),
                "made anew by: ./weir manual > control/src/main/dist/man/weir.1");
    }

    /** As bash does it when a user presses the tabulator. */
    private static List<String> completed(String... words) throws IOException, InterruptedException {
        final StringBuilder line = new StringBuilder("weir");
        for (String word : words) {
            line.append(" '").append(word).append('\'');
        }
        final String script = "source '" + dist("completion/weir.bash") + "'; COMP_WORDS=(" + line + "); COMP_CWORD="
                + words.length + "; _complete_weir; printf '%s\\n' \"${COMPREPLY[@]}\"";
        final Process bash = new ProcessBuilder("bash", "-c", script)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        final String said = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, bash.waitFor());
        return said.lines().map(String::strip).toList();
    }

    @Test
    void shouldCompleteCommandsAndOptionsInBash() throws Exception {
        assertEquals(List.of("status"), completed("sta"));
        assertTrue(completed("conns", "--f").contains("--follow"));
        assertTrue(completed("drain", "10.0.0.1", "--").containsAll(List.of("--within", "--then")));
    }

    @Test
    void shouldTellOfEveryCommandInTheManual() {
        final String page = ManPage.of(WeirMain.commandLine());
        WeirMain.commandLine()
                .getSubcommands()
                .keySet()
                .forEach(name ->
                        assertTrue(page.contains(".SS weir " + name) || name.matches("help|rehearse|lab-.*"), name));
        List.of("ipvsadm", "conformance", "bench", "package")
                .forEach(name -> assertTrue(page.contains(".SS weir " + name + "\n"), name));
        assertTrue(page.contains("\\-\\-within TIME\nHow long to wait: 90s, 10m, 2h (default: 10m)."), page);
    }
}
