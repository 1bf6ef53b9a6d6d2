package io.weir.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.control.architecture.SourceTree;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A zsh on a terminal of its own completes what is typed, the first time the tabulator is pressed. */
class ZshCompletionTest {
    /** Arguments: what to set up, what to type before the tabulator, what must come; prints what the terminal got. */
    private static final String DRIVER =
            """
            zmodload zsh/zpty
            zpty -b shell zsh -f -i
            expect() {
                local got= piece
                integer i
                for ((i = 0; i < 600; i++)); do
                    if zpty -r -t shell piece; then got+=$piece; continue; fi
                    [[ $got == *$1* ]] && { print -r -- "$got"; return 0 }
                    sleep 0.05
                done
                print -r -- "$got"
                return 1
            }
            zpty -w -n shell "$1; print set''up"$'\\n'
            expect setup || exit 3
            zpty -w -n shell "$2"$'\\t'
            expect "$3"
            """;

    @TempDir
    private Path folder;

    private static Path dist(String file) {
        return SourceTree.root().resolve("control/src/main/dist/completion").resolve(file);
    }

    private void assertCompleted(String setUp, String typed, String completed) throws Exception {
        final Process zsh = new ProcessBuilder("zsh", "-f", "-c", DRIVER, "zsh", setUp, typed, completed)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        final String seen = new String(zsh.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, zsh.waitFor(), seen);
        assertTrue(seen.contains(completed), seen);
    }

    /** As the package installs it: a function that zsh loads when it is asked for. */
    private String installed() throws IOException {
        final String shipped = Files.readString(dist("weir.zsh"));
        final String here = shipped.replace(
                "/usr/share/bash-completion/completions/weir", dist("weir.bash").toString());
        assertTrue(!here.equals(shipped), shipped);
        Files.writeString(folder.resolve("_weir"), here);
        return "fpath=('" + folder + "' $fpath); autoload -Uz compinit; compinit -u -D";
    }

    @Test
    void shouldCompleteCommandsAndOptionsAsInstalled() throws Exception {
        final String setUp = installed();
        assertCompleted(setUp, "weir sta", "weir status");
        assertCompleted(setUp, "weir conns --fo", "weir conns --follow");
        assertCompleted(setUp, "weir drain 10.0.0.1 --th", "weir drain 10.0.0.1 --then");
    }

    @Test
    void shouldCompleteCommandsAndOptionsFromAClone() throws Exception {
        final String setUp = "source '" + dist("weir.bash") + "'";
        assertCompleted(setUp, "weir sta", "weir status");
        assertCompleted(setUp, "weir conns --fo", "weir conns --follow");
    }
}
