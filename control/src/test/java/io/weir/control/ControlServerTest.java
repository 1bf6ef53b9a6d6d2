package io.weir.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ControlServerTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    private Path folder;

    @Test
    void shouldAnswerACommandLine() throws Exception {
        final Path socket = folder.resolve("a.sock");
        try (ControlServer server = ControlServer.start(socket, line -> "<" + line + ">\n".repeat(40_000))) {
            assertEquals("<-Ln --stats" + ">\n".repeat(40_000), ControlClient.ask(socket, "-Ln --stats"));
            assertTrue(server.isOpen());
        }
        assertFalse(Files.exists(socket));
    }

    @Test
    void shouldRefuseASecondDirectorOfTheName() throws Exception {
        final Path socket = folder.resolve("b.sock");
        try (ControlServer first = ControlServer.start(socket, line -> line)) {
            assertTrue(first.isOpen());
            final RunException e = assertThrows(RunException.class, () -> ControlServer.start(socket, line -> line));
            assertTrue(String.valueOf(e.getMessage()).contains("runs already"));
        }
    }

    @Test
    void shouldReplaceASocketNobodyListensOn() throws Exception {
        final Path socket = folder.resolve("c.sock");
        Files.createFile(socket);
        try (ControlServer server = ControlServer.start(socket, line -> line)) {
            assertTrue(server.isOpen());
            assertEquals("x", ControlClient.ask(socket, "x"));
        }
    }

    @Test
    void shouldNotLetASilentClientKeepOthersWaiting() throws Exception {
        final Path socket = folder.resolve("d.sock");
        try (ControlServer server = ControlServer.start(socket, line -> line);
                SocketChannel silent = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            assertTrue(server.isOpen() && silent.isConnected());
            assertEquals("x", ControlClient.ask(socket, "x"));
        }
    }
}
