package io.weir.control.lab;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/**
 * The two ends of one long TCP connection: {@code echo PORT}, and {@code talk SOURCE-PORT ADDRESS PORT}.
 *
 * <p>The talking end says a number ten times a second and prints it when it came back; it ends with the connection.
 */
final class TcpPeer {
    private static final int PAUSE_MS = 100;
    private static final int ROUNDS = 3000;
    private static final int SILENCE_MS = 60_000;

    private TcpPeer() {}

    /** Says what it does by its first argument. */
    public static void main(String[] arguments) throws Exception {
        if (arguments[0].equals("echo")) {
            echo(Integer.parseInt(arguments[1]));
        } else {
            talk(Integer.parseInt(arguments[1]), arguments[2], Integer.parseInt(arguments[3]));
        }
    }

    private static void echo(int port) throws IOException {
        try (ServerSocket server = new ServerSocket(port)) {
            System.out.println("ready");
            while (!server.isClosed()) {
                final Socket socket = server.accept();
                final Thread thread = new Thread(() -> answer(socket), "echo");
                thread.setDaemon(true);
                thread.start();
            }
        }
    }

    private static void answer(Socket socket) {
        try (socket) {
            socket.getInputStream().transferTo(socket.getOutputStream());
        } catch (IOException e) {
            System.out.println("ended: " + e.getMessage());
        }
    }

    private static void talk(int sourcePort, String address, int port) throws Exception {
        try (Socket socket = new Socket()) {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(SILENCE_MS);
            socket.bind(new InetSocketAddress(sourcePort));
            socket.connect(new InetSocketAddress(InetAddress.getByName(address), port), SILENCE_MS);
            final OutputStream out = socket.getOutputStream();
            final BufferedReader in =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
            for (int i = 1; i <= ROUNDS; i++) {
                out.write((i + "\n").getBytes(StandardCharsets.US_ASCII));
                final String line = in.readLine();
                if (line == null) {
                    throw new IOException("the other end closed");
                }
                System.out.println(line);
                Thread.sleep(PAUSE_MS);
            }
        }
    }
}
