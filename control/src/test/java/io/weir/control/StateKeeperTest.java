package io.weir.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.control.ipvsadm.TableLines;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateKeeperTest {
    private static final String YAML =
            "interfaces: [{device: 'tun:w0'}]\nservices: [{virtual: 'tcp 192.0.2.1:80', scheduler: rr}]\n";

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    private Path folder;

    private static String table(Wanted wanted) {
        return TableLines.all(wanted.commands().state());
    }

    @Test
    void shouldBringBackWhatCommandsChanged() throws Exception {
        final Path file = folder.resolve("sub").resolve("weir.state");
        final Wanted first = Wanted.of("weir.yaml", YAML);
        final StateKeeper keeper = new StateKeeper(file, first.text());
        assertSame(first, keeper.restore("weir.yaml", first));
        keeper.unchanged(first.commands().state());
        assertTrue(keeper.text(first.commands().state()).isEmpty());

        assertTrue(first.commands()
                .problemOf("-a -t 192.0.2.1:80 -r 10.0.0.1:80 -m -x 9 -y 3")
                .isEmpty());
        assertTrue(first.commands().problemOf("--set 11 12 13").isEmpty());
        keeper.save(keeper.text(first.commands().state()).orElseThrow());
        assertTrue(keeper.text(first.commands().state()).isEmpty());
        assertEquals("", keeper.problem());

        final Wanted again = Wanted.of("weir.yaml", YAML);
        final Wanted restored = new StateKeeper(file, YAML).restore("weir.yaml", again);
        assertEquals(table(first), table(restored));
        assertFalse(table(first).equals(table(again)));
    }

    @Test
    void shouldBringBackTheSyncDaemonsAsTheyWereLast() throws Exception {
        final Path file = folder.resolve("weir.state");
        final String yaml = YAML + "sync: [{role: master, interface: lo}, {role: backup, interface: lo, syncid: 3}]\n";
        final Wanted first = Wanted.of("weir.yaml", yaml);
        final StateKeeper keeper = new StateKeeper(file, yaml);
        assertTrue(first.commands().problemOf("--stop-daemon master").isEmpty());
        keeper.save(keeper.text(first.commands().state()).orElseThrow());

        final Wanted restored = new StateKeeper(file, yaml).restore("weir.yaml", Wanted.of("weir.yaml", yaml));

        assertEquals(
                first.commands().state().daemons(), restored.commands().state().daemons());
        assertEquals(1, restored.commands().state().daemons().size());
    }

    @Test
    void shouldPreferAConfigurationThatWasEditedSince() throws Exception {
        final Path file = folder.resolve("weir.state");
        final Wanted first = Wanted.of("weir.yaml", YAML);
        final StateKeeper keeper = new StateKeeper(file, YAML);
        keeper.save(keeper.text(first.commands().state()).orElseThrow());
        final Wanted edited = Wanted.of("weir.yaml", YAML + "# edited\n");

        assertSame(edited, new StateKeeper(file, edited.text()).restore("weir.yaml", edited));
    }

    @Test
    void shouldStartWithoutAFileThatCannotBeRead() throws Exception {
        final Path file = folder.resolve("weir.state");
        final Wanted first = Wanted.of("weir.yaml", YAML);
        final StateKeeper keeper = new StateKeeper(file, YAML);
        keeper.save(keeper.text(first.commands().state()).orElseThrow());
        final String whole = Files.readString(file);

        Files.writeString(file, whole.substring(0, whole.length() - 3));
        assertSame(first, new StateKeeper(file, YAML).restore("weir.yaml", first));
        Files.writeString(file, whole.replace("-A ", "-Q "));
        assertSame(first, new StateKeeper(file, YAML).restore("weir.yaml", first));
        Files.writeString(file, "nonsense");
        assertSame(first, new StateKeeper(file, YAML).restore("weir.yaml", first));
    }

    @Test
    void shouldReportADiskThatRefusesAndKeepWhatItHas() throws Exception {
        // A folder of that name in the way stops the rename, for root too.
        final Path file = folder.resolve("weir.state");
        Files.createDirectories(file.resolve("in-the-way"));
        final Wanted first = Wanted.of("weir.yaml", YAML);
        final StateKeeper keeper = new StateKeeper(file, YAML);

        keeper.save(keeper.text(first.commands().state()).orElseThrow());

        assertFalse(keeper.problem().isEmpty());
        assertTrue(keeper.text(first.commands().state()).isPresent(), "tried again");
        Files.delete(file.resolve("in-the-way"));
        Files.delete(file);
        keeper.save(keeper.text(first.commands().state()).orElseThrow());
        assertEquals("", keeper.problem());
        try (var files = Files.list(folder)) {
            assertEquals(1, files.count(), "no half-written file is left");
        }
    }
}
