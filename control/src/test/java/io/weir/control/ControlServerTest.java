package io.weir.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.control.client.Call;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

    @Test
    void shouldBeForItsOwnerAloneUnlessAGroupIsGiven() throws Exception {
        final Path mine = folder.resolve("e.sock");
        final Path ours = folder.resolve("f.sock");
        final String group = Files.getFileAttributeView(folder, java.nio.file.attribute.PosixFileAttributeView.class)
                .readAttributes()
                .group()
                .getName();
        try (ControlServer first = ControlServer.start(mine, line -> line);
                ControlServer second = ControlServer.start(ours, group, ControlServerTest::echo)) {
            assertTrue(first.isOpen() && second.isOpen());
            assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(mine)));
            assertEquals("rw-rw----", PosixFilePermissions.toString(Files.getPosixFilePermissions(ours)));
        }
        final RunException e = assertThrows(
                RunException.class, () -> ControlServer.start(mine, "no-such-group-here", ControlServerTest::echo));
        assertEquals("weir: control.group: no such group: no-such-group-here", e.getMessage());
    }

    private static int echo(ControlRequest request, ControlAnswer answer) throws IOException {
        answer.out(String.join("|", request.arguments()));
        answer.err(request.inputBytes());
        return 7;
    }

    @Test
    void shouldCarryWordsInputOutputErrorAndStatus() throws Exception {
        final Path socket = folder.resolve("g.sock");
        final byte[] odd = {(byte) 0xFF, 'x', (byte) 0xC3, '\n'};
        final byte[] big = "0123456789".repeat(300_000).getBytes(StandardCharsets.US_ASCII);
        try (ControlServer server = ControlServer.start(socket, null, ControlServerTest::echo)) {
            assertTrue(server.isOpen());
            final ByteArrayOutputStream out = new ByteArrayOutputStream();
            final ByteArrayOutputStream err = new ByteArrayOutputStream();

            assertEquals(7, Call.run(socket, Call.words("ipvsadm", "-A", "", "a b"), odd, out, err));

            assertEquals("-A||a b", out.toString(StandardCharsets.UTF_8));
            assertEquals("\u00ffx\u00c3\n", err.toString(StandardCharsets.ISO_8859_1));
            err.reset();
            assertEquals(7, Call.run(socket, Call.words("ipvsadm"), big, out, err));
            assertEquals(big.length, err.size());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "weir/1 x\n",
                "weir/1 99999999 0\n",
                "weir/1 3 999999999\n",
                "weir/1 -1 0\n",
                "weir/1 3 0\nabc",
                "weir/1 0 0\n",
                "weir/1 4 0\nab\0"
            })
    void shouldExplainWhatIsNoRequest(String request) throws Exception {
        final Path socket = folder.resolve("h.sock");
        try (ControlServer server = ControlServer.start(socket, null, ControlServerTest::echo)) {
            assertTrue(server.isOpen());
            final String answer = exchange(socket, request);
            assertTrue(answer.startsWith("2 ") && answer.contains("weir: a request"), answer);
            assertTrue(answer.endsWith("0 1\n"), answer);
            assertEquals("", exchange(socket, "\n"));
        }
    }

    @Test
    void shouldRefuseALineWithoutEnd() throws Exception {
        final Path socket = folder.resolve("i.sock");
        try (ControlServer server = ControlServer.start(socket, null, ControlServerTest::echo)) {
            assertTrue(server.isOpen());
            assertTrue(exchange(socket, "x".repeat(65_536)).contains("longer than 65536 bytes"));
        }
    }

    /** Sends raw bytes, then the end of the stream. */
    private static String exchange(Path socket, String request) throws IOException {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.ISO_8859_1)));
            channel.shutdownOutput();
            final ByteArrayOutputStream answer = new ByteArrayOutputStream();
            final ByteBuffer chunk = ByteBuffer.allocate(4096);
            while (channel.read(chunk) >= 0) {
                answer.write(chunk.array(), 0, chunk.position());
                chunk.clear();
            }
            return answer.toString(StandardCharsets.ISO_8859_1);
        }
    }

    @Test
    void shouldTellHowManyClientsAreTooMany() throws Exception {
        final Path socket = folder.resolve("j.sock");
        final List<SocketChannel> silent = new ArrayList<>();
        try (ControlServer server = ControlServer.start(socket, null, ControlServerTest::echo)) {
            assertTrue(server.isOpen());
            for (int i = 0; i < ControlServer.MOST_CLIENTS; i++) {
                silent.add(SocketChannel.open(UnixDomainSocketAddress.of(socket)));
            }
            final ByteArrayOutputStream err = new ByteArrayOutputStream();
            // Refused before it has asked: the pipe may break while it still asks.
            final String answer = exchangeQuietly(socket);
            assertTrue(answer.contains("weir: busy: 64 clients at once"), answer);
            assertEquals(0, err.size());
        } finally {
            for (SocketChannel each : silent) {
                each.close();
            }
        }
    }

    private static String exchangeQuietly(Path socket) throws IOException {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            final ByteBuffer chunk = ByteBuffer.allocate(4096);
            while (channel.read(chunk) >= 0) {
                // All of it.
            }
            return new String(chunk.array(), 0, chunk.position(), StandardCharsets.ISO_8859_1);
        }
    }

    @Test
    void shouldReportABugWithoutATraceAndLiveOn() throws Exception {
        final Path socket = folder.resolve("k.sock");
        final ControlServer.Handler broken = (request, answer) -> {
            if (request.arguments().isEmpty()) {
                throw new IllegalStateException("broken");
            }
            return 0;
        };
        try (ControlServer server = ControlServer.start(socket, null, broken)) {
            assertTrue(server.isOpen());
            final ByteArrayOutputStream err = new ByteArrayOutputStream();
            assertEquals(1, Call.run(socket, Call.words("x"), new byte[0], err, err));
            assertEquals(
                    "weir: a bug, and nothing was done; the director's log has it\n",
                    err.toString(StandardCharsets.UTF_8));
            assertEquals(0, Call.run(socket, Call.words("x", "y"), new byte[0], err, err));
        }
    }
}
