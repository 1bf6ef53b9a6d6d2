package io.weir.control.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Two running directors, and a connection that goes on when one of them is killed. */
@Tag("netns")
final class SyncIT {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @SuppressWarnings("NullAway.Init") // set before each test
    private TwoDirectors lab;

    @BeforeEach
    void open() throws IOException {
        lab = new TwoDirectors();
    }

    @AfterEach
    void close() {
        lab.close();
    }

    @Test
    void shouldGoOnWithAConnectionOfAKilledMaster() throws IOException {
        final Namespace first = lab.director(1);
        final Namespace second = lab.director(2);
        final Background master = lab.weir(first, "master", "");
        final Background backup = lab.weir(second, "backup", "");
        lab.serve();
        lab.through(1);
        final Background talk = lab.talk(40001);
        backup.awaitUntil(LIMIT, () -> TwoDirectors.counter(second, "sync.made") == 1);
        TwoDirectors.awaitAnswers(talk, 3);
        final String listed = TwoDirectors.ask(second, "-Lnc");
        assertTrue(listed.contains("ESTABLISHED 10.1.0.7:40001"), listed);

        master.kill();
        lab.through(2);

        TwoDirectors.awaitAnswers(talk, 10);
        assertTrue(talk.isAlive());
        assertEquals(0, TwoDirectors.counter(second, "bugs"));
    }

    @Test
    void shouldTellABackupThatJoinsLateOfEverything() throws IOException {
        final Namespace first = lab.director(1);
        final Namespace second = lab.director(2);
        final Background master = lab.weir(first, "master", "sysctls: {sync_threshold: '3 0'}\n");
        lab.serve();
        lab.through(1);
        final Background talk = lab.talk(40002);
        talk.awaitUntil(LIMIT, () -> TwoDirectors.counter(first, "sync.sent") == 1);

        final Background backup = lab.weir(second, "backup", "");
        backup.awaitUntil(LIMIT, () -> TwoDirectors.counter(second, "sync.made") == 1);
        assertEquals(1, TwoDirectors.counter(first, "sync.tables_told"));
        master.kill();
        lab.through(2);

        TwoDirectors.awaitAnswers(talk, 10);
        assertEquals(1, TwoDirectors.counter(second, "sync.tables_asked"));
    }

    @Test
    void shouldStartAndStopByCommands() throws IOException {
        final Namespace first = lab.director(1);
        lab.weir(first, "master", "");
        final String daemon = TwoDirectors.ask(first, "-L --daemon");
        assertTrue(daemon.startsWith("master sync daemon (mcast=s0, syncid=7, maxlen=1472"), daemon);
        assertEquals("", TwoDirectors.ask(first, "--start-daemon backup --mcast-interface c0 --syncid 9"));
        assertTrue(TwoDirectors.ask(first, "--start-daemon backup --mcast-interface c0")
                .contains("already run"));
        assertTrue(TwoDirectors.ask(first, "--start-daemon backup --mcast-interface eth9")
                .contains("No such device"));
        assertEquals("", TwoDirectors.ask(first, "--stop-daemon master"));
        assertEquals("", TwoDirectors.ask(first, "--stop-daemon backup"));
        assertEquals("", TwoDirectors.ask(first, "-L --daemon"));
        assertTrue(TwoDirectors.ask(first, "--start-daemon master --mcast-interface lo --mcast-group 239.1.1.1")
                .isEmpty());
    }
}
