package io.weir.control.lab;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Both ends of many slow TCP transfers: {@code serve FINISH PORT...} and {@code move FINISH COUNT ADDRESS...}.
 *
 * <p>To each address go COUNT downloads and COUNT uploads at once. A transfer is pieces of 4 KiB, four in a second, until
 * the file FINISH is there, or five minutes are over; then comes the SHA-256 of all of it, which the receiver checks.
 *
 * <p>The moving end says {@code open} when all connections are, {@code running} when every transfer has had three pieces, and in the end for each address how many
 * were right, and the longest silence of a download.
 */
final class Transfers {
    private static final int PORT = 80;
    private static final int PIECE = 4096;
    private static final int PAUSE_MS = 250;
    private static final int MOST_PIECES = 1200;
    private static final int FEW = 3;
    private static final int LOOKS_UNTIL_NEWS = 200;
    private static final int SILENCE_MS = 60_000;
    private static final int RIGHT = 1;

    private static volatile boolean finish;

    private Transfers() {}

    /** Says what it does by its first argument. */
    public static void main(String[] arguments) throws Exception {
        final Path end = Path.of(arguments[1]);
        beside(() -> {
            while (!Files.exists(end)) {
                sleep(PAUSE_MS / 5);
            }
            finish = true;
        });
        if (arguments[0].equals("serve")) {
            for (String port : Arrays.copyOfRange(arguments, 2, arguments.length)) {
                serve(new ServerSocket(Integer.parseInt(port), 1024));
            }
            System.out.println("ready");
            Thread.currentThread().join();
        } else {
            move(Integer.parseInt(arguments[2]), Arrays.copyOfRange(arguments, 3, arguments.length));
        }
    }

    private static Thread beside(Runnable task) {
        final Thread thread = new Thread(null, task, "transfer", 1 << 17);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private static void sleep(long ms) {
        try {
            Thread.sleep(ms);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void serve(ServerSocket server) {
        beside(() -> {
            while (!server.isClosed()) {
                try {
                    final Socket socket = server.accept();
                    beside(() -> answer(socket));
                } catch (IOException e) {
                    System.out.println("accept: " + e.getMessage());
                }
            }
        });
    }

    private static void answer(Socket socket) {
        try (socket) {
            socket.setSoTimeout(SILENCE_MS);
            final DataInputStream in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), PIECE));
            final DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            if (in.readBoolean()) {
                send(out, in.readInt(), new AtomicInteger());
                in.read();
            } else {
                out.write(receive(in, new AtomicInteger(), new AtomicLong()) ? RIGHT : 0);
            }
        } catch (IOException e) {
            System.out.println("server: " + e);
        }
    }

    private static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void send(DataOutputStream out, int seed, AtomicInteger pieces) throws IOException {
        final Random content = new Random(seed);
        final MessageDigest digest = digest();
        final byte[] piece = new byte[Integer.BYTES + PIECE];
        piece[2] = PIECE >>> Byte.SIZE;
        for (int i = 0; i < MOST_PIECES && !finish; i++) {
            final byte[] bytes = new byte[PIECE];
            content.nextBytes(bytes);
            digest.update(bytes);
            System.arraycopy(bytes, 0, piece, Integer.BYTES, PIECE);
            out.write(piece);
            pieces.incrementAndGet();
            sleep(PAUSE_MS);
        }
        out.writeInt(0);
        out.write(digest.digest());
    }

    private static boolean receive(DataInputStream in, AtomicInteger pieces, AtomicLong silenceMs) throws IOException {
        final MessageDigest digest = digest();
        final byte[] piece = new byte[PIECE];
        long lastNs = System.nanoTime();
        for (int length = in.readInt(); length > 0; length = in.readInt()) {
            in.readFully(piece, 0, length);
            digest.update(piece, 0, length);
            pieces.incrementAndGet();
            final long nowNs = System.nanoTime();
            silenceMs.accumulateAndGet((nowNs - lastNs) / 1_000_000, Math::max);
            lastNs = nowNs;
        }
        final byte[] told = new byte[digest.getDigestLength()];
        in.readFully(told);
        return Arrays.equals(told, digest.digest());
    }

    /** The transfers to one address. */
    private static final class Group {
        private final String address;
        private final Queue<AtomicInteger> transfers = new ConcurrentLinkedQueue<>();
        private final AtomicInteger open = new AtomicInteger();
        private final AtomicInteger right = new AtomicInteger();
        private final AtomicLong silenceMs = new AtomicLong();

        Group(String address) {
            this.address = address;
        }

        long started() {
            return transfers.stream().filter(pieces -> pieces.get() >= FEW).count();
        }

        void transfer(boolean download, int seed) {
            final AtomicInteger pieces = new AtomicInteger();
            transfers.add(pieces);
            try (Socket socket = new Socket()) {
                socket.setSoTimeout(SILENCE_MS);
                socket.connect(new InetSocketAddress(InetAddress.getByName(address), PORT), SILENCE_MS);
                final DataInputStream in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), PIECE));
                final DataOutputStream out = new DataOutputStream(socket.getOutputStream());
                out.writeBoolean(download);
                open.incrementAndGet();
                if (download) {
                    out.writeInt(seed);
                    if (receive(in, pieces, silenceMs)) {
                        right.incrementAndGet();
                    }
                } else {
                    send(out, seed, pieces);
                    if (in.read() == RIGHT) {
                        right.incrementAndGet();
                    }
                }
            } catch (IOException e) {
                System.out.println(address + (download ? " download: " : " upload: ") + e);
            }
        }
    }

    private static void move(int count, String... addresses) {
        final Group[] groups = new Group[addresses.length];
        final Thread[] all = new Thread[addresses.length * count * 2];
        for (int g = 0; g < groups.length; g++) {
            final Group group = new Group(addresses[g]);
            groups[g] = group;
            for (int i = 0; i < 2 * count; i++) {
                final int seed = i;
                final Thread started = beside(() -> group.transfer(seed % 2 == 0, seed));
                started.setName(group.address + (seed % 2 == 0 ? " download" : " upload"));
                all[g * 2 * count + i] = started;
            }
        }
        while (Arrays.stream(groups).mapToInt(each -> each.open.get()).sum() < all.length && anyAlive(all)) {
            sleep(1);
        }
        System.out.println("open");
        for (int looks = 1;
                Arrays.stream(groups).mapToLong(Group::started).sum() < all.length && anyAlive(all);
                looks++) {
            sleep(PAUSE_MS / 5);
            if (looks % LOOKS_UNTIL_NEWS == 0) {
                for (Group each : groups) {
                    System.out.println(each.address + " pieces " + each.transfers);
                }
            }
        }
        System.out.println("running");
        while (anyAlive(all)) {
            sleep(PAUSE_MS);
            if (finish) {
                System.out.println(Arrays.stream(all).filter(Thread::isAlive).count() + " still go on, the first to "
                        + Arrays.stream(all)
                                .filter(Thread::isAlive)
                                .findFirst()
                                .map(Thread::getName)
                                .orElse("none"));
            }
        }
        for (Group each : groups) {
            System.out.println(each.address + " right " + each.right + " silence " + each.silenceMs + " ms");
        }
        System.out.println("end");
    }

    private static boolean anyAlive(Thread... threads) {
        return Arrays.stream(threads).anyMatch(Thread::isAlive);
    }
}
