package io.weir.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.control.fuzz.TextSpoiler;
import io.weir.control.ipvsadm.Ipvsadm;
import io.weir.control.ipvsadm.TableLines;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/**
 * Whatever comes over the control socket: the client gets an answer, the table is as it was unless the answer says done, and
 * the next client is served.
 */
@SuppressWarnings("NullAway.Init") // started before the first property
class ControlServerPropertyTest {
    private static final List<String> WORDS = List.of(
            "weir/1 ",
            "\n",
            "\0",
            " 0\n",
            "99999999 ",
            "-1",
            "ipvsadm\0",
            "-A\0",
            "-t\0",
            "192.0.2.7:1\0",
            "-C\0",
            "-L\0");

    private static Path folder;
    private static ControlServer server;
    private static DirectorCommands commands;

    @BeforeContainer
    static void start() throws IOException, RunException {
        folder = Files.createTempDirectory("weir-server-");
        commands = new DirectorCommands(256, 64, new NoNames());
        assertEquals("", commands.problemOf("-A -t 192.0.2.1:80 -s rr").orElse(""));
        server = ControlServer.start(folder.resolve("s"), null, (request, answer) -> {
            final Ipvsadm.Prepared prepared = request.line()
                    ? commands.prepareLine(request.name())
                    : commands.prepare(request.arguments(), request.inputBytes());
            final Ipvsadm.Result result;
            synchronized (commands) {
                result = commands.execute(prepared, DirectorCommands.Turn::take);
            }
            answer.out(result.out());
            answer.err(result.err());
            return result.status();
        });
    }

    @AfterContainer
    static void stop() throws IOException {
        server.close();
        Files.delete(folder);
    }

    private static String table() {
        synchronized (commands) {
            return TableLines.all(commands.state());
        }
    }

    /** Sends the bytes and no more; the whole answer. */
    private static String send(byte[] request) throws IOException {
        final ByteArrayOutputStream answer = new ByteArrayOutputStream();
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(folder.resolve("s")))) {
            channel.write(ByteBuffer.wrap(request));
            channel.shutdownOutput();
            final ByteBuffer chunk = ByteBuffer.allocate(4096);
            while (channel.read(chunk) >= 0) {
                answer.write(chunk.array(), 0, chunk.position());
                chunk.clear();
            }
        } catch (IOException e) {
            // Cut off while it still sends: what has come until then is the answer.
        }
        return answer.toString(StandardCharsets.ISO_8859_1);
    }

    private static void assertHarmless(byte[] request) throws IOException {
        final String before = table();

        final String answer = send(request);

        final boolean framed = answer.startsWith("0 ") || answer.startsWith("1 ") || answer.startsWith("2 ");
        if (!before.equals(table())) {
            assertTrue(answer.isEmpty() || answer.endsWith("0 0\n"), answer);
        }
        assertFalse(answer.contains("Exception") || answer.contains("a bug"), answer);
        assertTrue(!framed || answer.matches("(?s).*0 \\d+\n"), answer);
        assertTrue(ControlClient.ask(folder.resolve("s"), "-Ln").startsWith("IP Virtual Server"));
    }

    @Property(tries = 500)
    void shouldTakeAnyBytes(@ForAll @Size(max = 300) byte[] request) throws IOException {
        assertHarmless(request);
    }

    @Property(tries = 2000)
    void shouldTakeBrokenRequests(@ForAll long seed) throws IOException {
        final TextSpoiler spoiler = new TextSpoiler(seed, WORDS);
        final String words = spoiler.any(List.of(
                "ipvsadm\0-A\0-t\0192.0.2.2:80\0-s\0wlc\0",
                "ipvsadm\0-a\0-t\0192.0.2.1:80\0-r\00010.0.0.1\0-m\0",
                "ipvsadm\0-D\0-t\0192.0.2.2:80\0",
                "ipvsadm\0-Ln\0"));
        final String input = spoiler.upTo(2) == 0 ? "" : "-A -t 192.0.2.3:80\n";
        final String request = "weir/1 " + words.length() + " " + input.length() + "\n" + words + input;
        assertHarmless(spoiler.spoil(request).getBytes(StandardCharsets.ISO_8859_1));
    }
}
