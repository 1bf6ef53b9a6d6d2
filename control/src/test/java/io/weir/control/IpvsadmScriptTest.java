package io.weir.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.weir.control.ipvsadm.Ipvsadm;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The installed commands, as a shell starts them, in front of a control socket. */
@SuppressWarnings("NullAway.Init") // set up before each test
class IpvsadmScriptTest {
    private static final Path BIN = Path.of("src/main/dist/bin").toAbsolutePath();
    private static final long LIMIT_S = 60;

    @TempDir
    private Path folder;

    private Path socket;
    private ControlServer server;

    @BeforeEach
    void setUp() throws RunException {
        socket = folder.resolve("weir.sock");
        final DirectorCommands commands = new DirectorCommands();
        server = ControlServer.start(socket, null, (request, answer) -> {
            final Ipvsadm.Result result = commands.execute(
                    commands.prepare(request.arguments(), request.inputBytes()), DirectorCommands.Turn::take);
            answer.out(result.out());
            answer.err(result.err());
            return result.status();
        });
    }

    @AfterEach
    void tearDown() {
        server.close();
    }

    private record Ran(int status, String out, String err) {}

    private Ran run(String input, String... command) throws IOException, InterruptedException {
        return run(StandardCharsets.UTF_8, input, command);
    }

    private Ran run(java.nio.charset.Charset charset, String input, String... command)
            throws IOException, InterruptedException {
        final Path out = folder.resolve("out");
        final Path err = folder.resolve("err");
        final List<String> words =
                new ArrayList<>(List.of(BIN.resolve(command[0]).toString()));
        words.addAll(Arrays.asList(command).subList(1, command.length));
        final ProcessBuilder builder =
                new ProcessBuilder(words).redirectOutput(out.toFile()).redirectError(err.toFile());
        builder.environment().put("WEIR_SOCKET", socket.toString());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        final Process process = builder.start();
        try (OutputStream stdin = process.getOutputStream()) {
            stdin.write(input.getBytes(charset));
        }
        assertTrue(process.waitFor(LIMIT_S, TimeUnit.SECONDS));
        return new Ran(process.exitValue(), Files.readString(out, charset), Files.readString(err, charset));
    }

    @Test
    void shouldAnswerAsRecordedFromTheRealOne() throws Exception {
        final URL corpus = Objects.requireNonNull(IpvsadmScriptTest.class.getResource("/corpus/cli/servers/cli.jsonl"));
        int compared = 0;
        for (String line : Files.readAllLines(Path.of(corpus.toURI()))) {
            final JsonNode want = new ObjectMapper().readTree(line);
            final String command = want.path("cmd").asText();
            // What needs no shell to separate it, and no host that only the recording's machine knew.
            if (!command.matches("[-A-Za-z0-9:.,/=\\[\\] ]+") || command.contains(".test")) {
                continue;
            }
            final Ran got = run("", command.split(" "));
            assertEquals(
                    new Ran(
                            want.path("rc").asInt(),
                            want.path("stdout").asText(),
                            want.path("stderr").asText()),
                    got,
                    command);
            compared++;
        }
        assertTrue(compared > 20, "compared=" + compared);
    }

    @Test
    void shouldSaveAndRestore() throws Exception {
        final String table = "-A -t 192.0.2.1:80 -s rr\n-a -t 192.0.2.1:80 -r 10.0.0.1:80 -g -w 1\n";
        assertEquals(new Ran(0, "", ""), run("# a comment\n" + table, "ipvsadm-restore"));
        assertEquals(new Ran(0, table, ""), run("", "ipvsadm-save", "-n"));
        assertEquals(new Ran(0, table, ""), run("", "ipvsadm", "-Sn"));
        assertEquals(new Ran(0, "", ""), run(table.replace("192.0.2.1", "192.0.2.2"), "ipvsadm-restore"));
        assertTrue(run("", "ipvsadm", "-Ln").out().contains("192.0.2.2:80"));
        assertTrue(!run("", "ipvsadm", "-Ln").out().contains("192.0.2.1:80"));
        assertEquals(1, run("", "ipvsadm-save", "-x").status());
    }

    @Test
    void shouldStopARestoreWhereItCannotBeRead() throws Exception {
        final Ran ran = run("-A -t 192.0.2.1:80\n-A -t nonsense\n-A -t 192.0.2.3:80\n", "ipvsadm", "-R");
        assertEquals(2, ran.status());
        assertTrue(ran.err().contains("illegal virtual server address"), ran.err());
        assertEquals(
                "-A -t 192.0.2.1:80 -s wlc\n", run("", "ipvsadm", "-S", "-n").out());
    }

    @Test
    void shouldQuoteWhatWasTypedByteForByte() throws Exception {
        final Ran ran = run("", "ipvsadm", "-A", "-t", "192.0.2.1:80", "-s", "rr", "caf\u00e9 \u6f22");
        assertEquals(new Ran(2, "", "unexpected argument caf\u00e9 \u6f22\n"), ran);
    }

    @Test
    void shouldShowLocalAddressesInDpvsWords() throws Exception {
        assertEquals(
                0, run("", "ipvsadm", "-A", "-t", "192.0.2.1:80", "-s", "rr").status());
        assertEquals(
                0,
                run("", "ipvsadm", "--add-laddr", "-z", "10.0.0.9", "-t", "192.0.2.1:80")
                        .status());
        assertEquals(
                0,
                run("", "ipvsadm", "-a", "-t", "192.0.2.1:80", "-r", "10.0.0.1:80", "-b")
                        .status());
        assertEquals(
                "VIP:VPORT            TOTAL    SNAT_IP\n192.0.2.1:80         1\n                              10.0.0.9\n",
                run("", "ipvsadm", "-G").out());
        assertEquals(new Ran(1, "", "Service not defined\n"), run("", "ipvsadm", "--get-laddr", "-t", "192.0.2.9:80"));
        assertEquals(
                0,
                run("", "ipvsadm", "-Q", "-z", "10.0.0.9", "-t", "192.0.2.1:80").status());
        assertEquals(
                255,
                run("", "ipvsadm", "-Q", "-z", "10.0.0.9", "-t", "192.0.2.1:80").status());
    }

    @Test
    void shouldSayWhereItLookedWhenNoDirectorRuns() throws Exception {
        server.close();
        final Ran ran = run("", "ipvsadm", "-Ln");
        assertEquals(2, ran.status());
        assertEquals("", ran.out());
        assertTrue(ran.err().startsWith("Can't initialize ipvs: No such file or directory\n"), ran.err());
        assertTrue(ran.err().contains(socket.toString()), ran.err());
    }
}
