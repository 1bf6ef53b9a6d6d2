package io.weir.control.health;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.control.keepalived.KeepalivedReader;
import io.weir.control.keepalived.ServiceSettings;
import io.weir.control.keepalived.ServiceSettings.ServerSettings;
import io.weir.control.notify.ScriptRunner;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers that lie, hang, drip or flood: each costs its own check, and no other. */
@SuppressWarnings("NullAway.Init") // the folder is made before each test
class LyingPeersTest {
    private static final HealthEvents NOBODY = new HealthEvents() {
        @Override
        public void server(ServiceSettings service, ServerSettings server, boolean up, String why) {}

        @Override
        public void quorum(ServiceSettings service, boolean up, long weight) {}
    };

    @TempDir
    private Path folder;

    private HealthMonitor monitor(int port, String check, int honestPort) throws IOException {
        final Path path = folder.resolve("keepalived.conf");
        Files.writeString(
                path,
                "virtual_server 192.0.2.1 80 {\nprotocol TCP\nlb_kind NAT\ndelay_loop 0.1\nwarmup 0\nalpha\n"
                        + "connect_timeout 0.4\nretry 0\n"
                        + "real_server 127.0.0.1 " + port + " {\n" + check + "\n}\n"
                        + "real_server 127.0.0.1 " + honestPort + " {\nTCP_CHECK {\n}\n}\n}\n");
        final var services =
                KeepalivedReader.read(path, "main", Checkers.kinds()).config().services();
        assertEquals(2, services.get(0).servers().size());
        final HealthMonitor monitor =
                new HealthMonitor(new ScriptRunner(null, null), new ServerTable(), NOBODY, name -> false);
        monitor.start(services);
        return monitor;
    }

    private static void await(String what, BooleanSupplier condition) throws InterruptedException {
        for (int i = 0; i < 4_000 && !condition.getAsBoolean(); i++) {
            TimeUnit.MILLISECONDS.sleep(5);
        }
        assertTrue(condition.getAsBoolean(), what);
    }

    private static String line(HealthMonitor monitor, int port) {
        return monitor.report(true)
                .lines()
                .filter(line -> line.contains("[127.0.0.1]:" + port + " "))
                .findFirst()
                .orElse("");
    }

    /** How a name server can lie. */
    private enum Lie {
        WRONG_ID,
        WRONG_QUESTION,
        NO_ANSWER_BIT,
        CUT,
        GARBAGE,
        EMPTY,
        HUGE,
        SERVER_FAILURE,
        SILENCE;

        byte[] answer(byte[] query, Random random) {
            final byte[] answer = query.clone();
            answer[2] |= (byte) 0x80;
            switch (this) {
                case WRONG_ID -> answer[0] ^= 0x55;
                case WRONG_QUESTION -> answer[13] ^= 0x03;
                case NO_ANSWER_BIT -> answer[2] &= 0x7F;
                case SERVER_FAILURE -> answer[3] |= 2;
                default -> {}
            }
            return switch (this) {
                case CUT -> Arrays.copyOf(answer, 11);
                case EMPTY -> new byte[0];
                case GARBAGE -> garbage(new byte[random.nextInt(400)], random);
                case HUGE -> garbage(new byte[60_000], random);
                default -> answer;
            };
        }

        private static byte[] garbage(byte[] into, Random random) {
            random.nextBytes(into);
            return into;
        }
    }

    /** A name server on its own thread; {@code lie} null: it says the truth, after a lie. */
    private static final class NameServer extends Thread implements AutoCloseable {
        private final DatagramSocket socket;
        private final Random random = new Random(11);
        private volatile Lie lie;
        private volatile boolean honest;
        private int lost;

        NameServer(Lie lie) throws IOException {
            super("lying-dns");
            this.lie = lie;
            socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
            setDaemon(true);
            start();
        }

        int port() {
            return socket.getLocalPort();
        }

        @Override
        public void run() {
            final byte[] buffer = new byte[4096];
            while (!socket.isClosed()) {
                try {
                    final DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
                    socket.receive(packet);
                    final byte[] query = Arrays.copyOf(packet.getData(), packet.getLength());
                    if (lie != Lie.SILENCE && (!honest || lie != Lie.SERVER_FAILURE)) {
                        say(packet, lie.answer(query, random));
                    }
                    if (honest) {
                        query[2] |= (byte) 0x80;
                        say(packet, query);
                    }
                } catch (IOException e) {
                    // Closed, or a port that is no longer there.
                    lost++;
                }
            }
        }

        private void say(DatagramPacket to, byte[] answer) throws IOException {
            socket.send(new DatagramPacket(answer, answer.length, to.getSocketAddress()));
        }

        @Override
        public void close() {
            socket.close();
        }
    }

    /** As long as it only lies it is down; a right answer behind the lie counts. */
    @ParameterizedTest
    @EnumSource(Lie.class)
    void shouldNotBelieveALyingNameServer(Lie lie) throws Exception {
        try (NameServer liar = new NameServer(lie);
                ServerSocket honest = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                HealthMonitor monitor =
                        monitor(liar.port(), "DNS_CHECK {\ntype A\nname www.example.test\n}", honest.getLocalPort())) {
            await("the honest one is up", () -> line(monitor, honest.getLocalPort())
                    .contains("  up"));
            await("checked", () -> monitor.report(true).contains("bad"));
            assertTrue(line(monitor, liar.port()).contains("  down"), () -> monitor.report(true));

            liar.honest = true;
            await(monitor.report(true), () -> line(monitor, liar.port()).contains("  up"));
        }
    }

    /** Takes connections and treats each the same way. */
    private static final class BadServer extends Thread implements AutoCloseable {
        private final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        private final String manner;

        BadServer(String manner) throws IOException {
            super("bad-server");
            this.manner = manner;
            setDaemon(true);
            start();
        }

        int port() {
            return socket.getLocalPort();
        }

        @Override
        public void run() {
            while (!socket.isClosed()) {
                try {
                    final Socket client = socket.accept();
                    final Thread thread = new Thread(() -> treat(client), "bad-server-client");
                    thread.setDaemon(true);
                    thread.start();
                } catch (IOException e) {
                    return;
                }
            }
        }

        private void treat(Socket client) {
            try (client) {
                final OutputStream out = client.getOutputStream();
                final InputStream in = client.getInputStream();
                final byte[] noise = new byte[4_096];
                new Random(3).nextBytes(noise);
                switch (manner) {
                    case "garbage" -> out.write(noise);
                    case "drip" -> {
                        for (int i = 0; i < 100; i++) {
                            out.write("H".getBytes(StandardCharsets.US_ASCII));
                            TimeUnit.MILLISECONDS.sleep(50);
                        }
                    }
                    case "flood" -> {
                        for (int i = 0; i < 10_000; i++) {
                            out.write(noise);
                        }
                    }
                    case "close" -> out.flush();
                    default -> TimeUnit.SECONDS.sleep(20);
                }
                if (!manner.equals("close")) {
                    in.readNBytes(1 << 16);
                }
            } catch (IOException | InterruptedException e) {
                // The check has gone away: that is what it should do.
                return;
            }
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"hang", "garbage", "drip", "flood", "close"})
    void shouldEndWithABadServerInTime(String manner) throws Exception {
        for (String check : new String[] {
            "HTTP_GET {\nurl {\npath /\n}\n}",
            "SSL_GET {\nurl {\npath /\n}\n}",
            "SMTP_CHECK {\n}",
            "GRPC_CHECK {\n}",
            "PGSQL_CHECK {\n}",
            "MYSQL_CHECK {\n}",
            "REDIS_CHECK {\n}",
            "AGENT_CHECK {\n}"
        }) {
            try (BadServer bad = new BadServer(manner);
                    ServerSocket honest = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                    HealthMonitor monitor = monitor(bad.port(), check, honest.getLocalPort())) {
                await(check, () -> line(monitor, honest.getLocalPort()).contains("  up"));
                await(check, () -> monitor.report(true).contains("bad"));
                assertTrue(line(monitor, bad.port()).contains("  down"), () -> check + monitor.report(true));
            }
        }
    }

    /** Nobody accepts at all: the queue of the port is full, so that the handshake itself gets no answer. */
    @Test
    void shouldEndWithAServerThatTakesNoConnections() throws Exception {
        try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Socket first = new Socket(full.getInetAddress(), full.getLocalPort());
                Socket second = new Socket(full.getInetAddress(), full.getLocalPort());
                ServerSocket honest = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                HealthMonitor monitor = monitor(full.getLocalPort(), "TCP_CHECK {\n}", honest.getLocalPort())) {
            assertTrue(first.isConnected() && second.isConnected());
            await(monitor.report(true), () -> line(monitor, honest.getLocalPort())
                    .contains("  up"));
            await("down", () -> monitor.report(true).contains("timed out"));
        }
    }
}
