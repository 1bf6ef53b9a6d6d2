package io.weir.control.lab;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * The UDP server and client of a lab.
 *
 * <p>The server answers every datagram with its name, a space and what it got. It binds every address it answers for, as
 * a server with the VIP on {@code lo} must: a wildcard socket would answer from the address of the interface.
 */
@Command(
        name = "lab-udp",
        hidden = true,
        description = "The UDP server and client of a lab.",
        subcommands = {UdpTool.Echo.class, UdpTool.Ask.class})
public final class UdpTool implements Callable<Integer> {
    private static final int LONGEST = 65_507;
    private static final int ANSWER_LIMIT_MS = 3000;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() {
        spec.commandLine().usage(System.err);
        return 2;
    }

    /** {@code lab-udp echo NAME PORT ADDRESS...} */
    @Command(name = "echo", description = "Answers datagrams; says ready once it does.")
    static final class Echo implements Callable<Integer> {
        @Parameters(index = "0")
        private String name = "";

        @Parameters(index = "1")
        private int port;

        @Parameters(index = "2..*", arity = "1..*")
        private List<String> addresses = List.of();

        @Override
        public Integer call() throws IOException, InterruptedException {
            final List<Thread> threads = new ArrayList<>();
            for (String address : addresses) {
                // One after the other, so that "ready" means all of them.
                final DatagramSocket socket =
                        new DatagramSocket(new InetSocketAddress(InetAddress.getByName(address), port));
                threads.add(new Thread(() -> answer(socket), "echo-" + address));
            }
            threads.forEach(Thread::start);
            System.out.println("ready");
            for (Thread thread : threads) {
                thread.join();
            }
            return 0;
        }

        private void answer(DatagramSocket socket) {
            final byte[] prefix = (name + " ").getBytes(StandardCharsets.US_ASCII);
            final byte[] buffer = new byte[LONGEST];
            while (!socket.isClosed()) {
                try {
                    final DatagramPacket packet = new DatagramPacket(buffer, prefix.length, LONGEST - prefix.length);
                    socket.receive(packet);
                    System.arraycopy(prefix, 0, buffer, 0, prefix.length);
                    packet.setData(buffer, 0, prefix.length + packet.getLength());
                    socket.send(packet);
                } catch (IOException e) {
                    // An ICMP error for an earlier answer, or a client gone: the next datagram is another matter.
                    System.err.println("echo: " + e.getMessage());
                }
            }
        }
    }

    /** {@code lab-udp ask ADDRESS PORT COUNT BYTES TRIES}: a new source port for every datagram. */
    @Command(name = "ask", description = "Sends datagrams from new ports; prints who answered each.")
    static final class Ask implements Callable<Integer> {
        @Parameters(index = "0")
        private String address = "";

        @Parameters(index = "1")
        private int port;

        @Parameters(index = "2")
        private int count;

        @Parameters(index = "3")
        private int bytes;

        @Parameters(index = "4", defaultValue = "1")
        private int tries;

        @Override
        public Integer call() throws IOException {
            final InetSocketAddress server = new InetSocketAddress(InetAddress.getByName(address), port);
            final Random random = new Random(1);
            for (int i = 0; i < count; i++) {
                final byte[] question = new byte[bytes];
                random.nextBytes(question);
                System.out.println(ask(server, question));
            }
            return 0;
        }

        private String ask(InetSocketAddress server, byte[] question) throws IOException {
            try (DatagramSocket socket = new DatagramSocket()) {
                socket.setSoTimeout(ANSWER_LIMIT_MS / tries);
                // Connected: only the VIP's own answer is taken.
                socket.connect(server);
                final byte[] answer = new byte[LONGEST];
                final DatagramPacket packet = new DatagramPacket(answer, answer.length);
                exchange(socket, question, packet);
                final int space = packet.getLength() - question.length - 1;
                if (space < 0 || !Arrays.equals(answer, space + 1, packet.getLength(), question, 0, question.length)) {
                    throw new IOException("the answer is not what was sent: " + packet.getLength() + " bytes");
                }
                return new String(answer, 0, space, StandardCharsets.US_ASCII);
            }
        }

        /** Asks until an answer comes: the first datagram of a path may be lost in learning its MTU. */
        private void exchange(DatagramSocket socket, byte[] question, DatagramPacket answer) throws IOException {
            for (int left = tries - 1; ; left--) {
                socket.send(new DatagramPacket(question, question.length));
                try {
                    socket.receive(answer);
                    return;
                } catch (SocketTimeoutException e) {
                    if (left == 0) {
                        throw e;
                    }
                }
            }
        }
    }
}
