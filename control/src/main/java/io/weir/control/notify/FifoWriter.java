package io.weir.control.notify;

import io.weir.control.keepalived.GlobalSettings.Fifo;
import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes every event as a line into a FIFO, in their order. It waits in a thread of its own while nobody reads and the pipe
 * is full; what then has no room in its queue is dropped and logged.
 *
 * <p><b>Owner</b>: the FIFO, if it was not there before. <b>Thread</b>: {@link #say} by any.
 */
final class FifoWriter implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FifoWriter.class);
    private static final int MOST_WAITING = 1_000;
    private static final long LIMIT_S = 5;

    private final Path path;
    private final boolean made;
    private final ArrayBlockingQueue<String> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
    private final Thread thread;
    private volatile boolean open = true;

    /**
     * Makes the FIFO and opens it.
     *
     * @param owner of the FIFO, user or user:group
     */
    FifoWriter(Fifo fifo, String owner) throws IOException {
        path = Path.of(fifo.path());
        made = !Files.exists(path);
        if (made) {
            must(List.of("mkfifo", "-m", "600", fifo.path()));
            if (System.getProperty("user.name", "").equals("root")) {
                must(List.of("chown", owner, fifo.path()));
            }
        } else if (Files.isRegularFile(path) || Files.isDirectory(path)) {
            throw new IOException("not a FIFO: " + path);
        }
        // Reading and writing: opening to write alone would wait for a reader.
        final RandomAccessFile pipe = new RandomAccessFile(fifo.path(), "rw");
        thread = new Thread(() -> write(pipe), "weir-fifo");
        thread.setDaemon(true);
        thread.start();
    }

    private static void must(List<String> command) throws IOException {
        final Process process = new ProcessBuilder(new ArrayList<>(command))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.to(new File("/dev/null")))
                .start();
        try {
            if (!process.waitFor(LIMIT_S, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException("does not end: " + String.join(" ", command));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        if (process.exitValue() != 0) {
            throw new IOException("failed: " + String.join(" ", command));
        }
    }

    private void write(RandomAccessFile pipe) {
        try (pipe) {
            while (open) {
                pipe.write((waiting.take() + "\n").getBytes(StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            LOG.warn("event=notify-fifo path={} problem=\"{}\"", path, e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    void say(String line) {
        if (!waiting.offer(line)) {
            LOG.warn(
                    "event=notify-fifo path={} problem=\"{} lines wait already\" lost=\"{}\"",
                    path,
                    MOST_WAITING,
                    line);
        }
    }

    @Override
    public void close() {
        try {
            // What was said last is what a reader wants to know most.
            for (int i = 0; i < 10 && !waiting.isEmpty(); i++) {
                TimeUnit.MILLISECONDS.sleep(10);
            }
            open = false;
            thread.interrupt();
            if (made) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            LOG.warn("event=notify-fifo path={} problem=\"{}\"", path, e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
