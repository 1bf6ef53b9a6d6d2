package io.weir.control;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WeirMainTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    private Path folder;

    @Test
    void shouldEndWithZeroWhereAllIsWell() {
        assertEquals(0, WeirMain.run("version"));
        assertEquals(0, WeirMain.run("run", "--help"));
    }

    @Test
    void shouldEndWithTwoOnWrongUsage() {
        assertEquals(2, WeirMain.run());
        assertEquals(2, WeirMain.run("nonsense"));
        assertEquals(2, WeirMain.run("run"));
        assertEquals(2, WeirMain.run("demo", "--mode", "warp"));
        assertEquals(2, WeirMain.run("demo", "--keep"));
        assertEquals(2, WeirMain.run("demo", "--requests", "0"));
    }

    @Test
    void shouldEndWithOneWhereAConfigurationIsWrong() throws IOException {
        final Path config = folder.resolve("weir.yaml");
        assertEquals(1, WeirMain.run("check", "-c", config.toString()));
        Files.writeString(config, "interfaces: 3\n");
        assertEquals(1, WeirMain.run("check", "-c", config.toString()));
        assertEquals(1, WeirMain.run("run", "-c", config.toString()));
    }
}
