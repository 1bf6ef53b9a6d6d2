package io.weir.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.control.config.ConfigException;
import io.weir.control.ipvsadm.TableLines;
import io.weir.control.plugin.PluginFolderTest;
import io.weir.sched.Schedulers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Schedulers of the user's own, from the configuration into commands; and bad input about schedulers. */
class PluginConfigTest {
    private static final String PLAIN =
            """
            interfaces: [{device: 'tun:w0'}]
            services:
              - virtual: tcp 192.0.2.1:80
                scheduler: wrr
                forward: tun
                servers: [{address: 10.0.0.1}, {address: 10.0.0.2}]
            """;
    private static final String WITH_PLUGINS = PLAIN.replace("wrr", "mine") + "schedulers: {plugins: jars}\n";
    private static final String ADD = "-A -t 192.0.2.9:80 -s mine";

    @TempDir
    private Path folder;

    private LiveConfig live;

    @SuppressWarnings("NullAway.Init") // before() runs first
    PluginConfigTest() {}

    @BeforeEach
    void before() throws ConfigException, IOException {
        Files.createDirectory(folder.resolve("jars"));
        live = new LiveConfig(wanted(PLAIN));
    }

    @AfterEach
    void after() {
        Schedulers.usePlugins(Schedulers.Plugins.NONE);
    }

    private Wanted wanted(String yaml) throws ConfigException {
        return Wanted.of(folder.resolve("weir.yaml").toString(), yaml);
    }

    private String table() {
        return TableLines.all(live.commands().state());
    }

    private Optional<String> tell(String line) {
        return live.commands().problemOf(line);
    }

    private static String refusal(Optional<String> problem) {
        return problem.orElseThrow(() -> new AssertionError("not refused"));
    }

    @Test
    void shouldTakeAPluginWithItsConfigurationAndGiveItBack() throws Exception {
        PluginFolderTest.good(folder.resolve("jars/mine.jar"), "mine");
        final Wanted wanted = wanted(WITH_PLUGINS);
        // Looking is not taking.
        assertTrue(live.plan(wanted, List.of()).contains("~ scheduler plug-ins\n"));
        assertTrue(tell(ADD).isPresent());

        live.apply(wanted);
        assertTrue(table().contains("-A -t 192.0.2.1:80 -s mine\n"), this::table);
        assertEquals(Optional.empty(), tell(ADD));
        assertEquals(Optional.empty(), tell("-a -t 192.0.2.9:80 -r 10.0.0.7 -i"));
        assertEquals(Optional.empty(), tell("-D -t 192.0.2.9:80"));

        live.undo();
        assertTrue(table().contains("-A -t 192.0.2.1:80 -s wrr\n"), this::table);
        assertTrue(tell(ADD).isPresent());
    }

    @Test
    void shouldLeaveEverythingAsItWasIfOneJarIsBroken() throws Exception {
        PluginFolderTest.good(folder.resolve("jars/mine.jar"), "mine");
        Files.writeString(folder.resolve("jars/broken.jar"), "no jar");
        final String before = table();

        final ConfigException e = assertThrows(ConfigException.class, () -> wanted(WITH_PLUGINS));

        final String message = String.valueOf(e.getMessage());
        assertTrue(
                message.contains("weir.yaml:7: schedulers.plugins: broken.jar is refused: not a jar"), () -> message);
        assertEquals(1, message.lines().count(), () -> message);
        assertEquals(before, table());
        assertFalse(Schedulers.isKnown("mine"));
    }

    @Test
    void shouldEndWithOneWhenChecked() throws IOException {
        Files.writeString(folder.resolve("jars/broken.jar"), "no jar");
        Files.writeString(folder.resolve("weir.yaml"), WITH_PLUGINS);
        assertEquals(1, WeirMain.run("check", folder.resolve("weir.yaml").toString()));
    }

    @Test
    void shouldRefuseBadInputAboutSchedulersAndChangeNothing() {
        final String before = table();
        assertTrue(refusal(tell("-A -t 192.0.2.9:80 -s best")).contains("cheduler"));
        assertTrue(refusal(tell("-E -t 192.0.2.1:80 -s best")).contains("cheduler"));
        assertTrue(refusal(tell("-A -t 192.0.2.9:80 -s sh -b sh-best")).contains("sh-best"));
        assertTrue(refusal(tell("-a -t 192.0.2.1:80 -r 10.0.0.9 -i -w -1")).contains("weight"));
        assertTrue(
                refusal(tell("-a -t 192.0.2.1:80 -r 10.0.0.9 -i -w 2147483648")).contains("weight"));
        assertTrue(refusal(tell("-A -t 192.0.2.9:80 -s mh --table-size 250")).contains("table size"));
        assertTrue(refusal(tell("-A -t 192.0.2.9:80 -s best --shadow worst")).contains("worst"));
        assertEquals(before, table());
    }

    @Test
    void shouldRefuseMoreServersThanATableHasEntries() {
        assertEquals(Optional.empty(), tell("-A -t 192.0.2.9:80 -s mh --table-size 251"));
        for (int i = 0; i < 251; i++) {
            assertEquals(Optional.empty(), tell("-a -t 192.0.2.9:80 -r 10.0.1." + i + " -i"));
        }
        final String full = table();
        assertTrue(tell("-a -t 192.0.2.9:80 -r 10.0.2.1 -i").isPresent());
        assertEquals(full, table());
        assertEquals(Optional.empty(), tell("-E -t 192.0.2.9:80 -s rr"));
        assertEquals(Optional.empty(), tell("-a -t 192.0.2.9:80 -r 10.0.2.1 -i"));
        final String more = table();
        assertTrue(tell("-E -t 192.0.2.9:80 -s mh --table-size 251").isPresent());
        assertEquals(more, table());
    }
}
