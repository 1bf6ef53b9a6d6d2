package io.weir.control.sync;

import io.weir.conntrack.Ticks;
import io.weir.control.state.DaemonHost;
import io.weir.control.state.StateException;
import io.weir.control.state.StateException.Reason;
import io.weir.control.state.SyncDaemon;
import io.weir.dataplane.Sysctls;
import io.weir.dataplane.sync.SyncLinks;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the sync daemons beside the worker.
 *
 * <p><b>Thread</b>: {@link #start} and {@link #stop} may be called by any; sockets are opened there, so that what fails is
 * told at once, and then belong to the thread {@code weir-sync}.
 */
public final class SyncThread implements DaemonHost, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SyncThread.class);
    private static final int LONGEST_MESSAGE = 1 << 16;
    /** How often a master looks at what the worker told; a backup alone only wakes for what comes in. */
    private static final long TICK_MS = 10;

    private static final long IDLE_MS = 100;
    private static final long STOP_WITHIN_MS = 2_000;
    /** Messages taken from one socket before the others have their turn. */
    private static final int BURST = 64;

    private final SyncLinks links;
    private final Selector selector;
    private final Thread thread;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final ByteBuffer received = ByteBuffer.allocateDirect(LONGEST_MESSAGE);
    private final UnsafeBuffer view = new UnsafeBuffer(received);
    private volatile boolean running = true;
    private volatile int flushTicks;
    private @Nullable MasterDaemon master;
    private @Nullable BackupDaemon backup;

    private SyncThread(SyncLinks links) throws IOException {
        this.links = links;
        this.selector = Selector.open();
        this.thread = new Thread(this::run, "weir-sync");
        thread.setDaemon(true);
    }

    /** Starts without a daemon. */
    public static SyncThread start(SyncLinks links) throws IOException {
        final SyncThread started = new SyncThread(links);
        started.thread.start();
        return started;
    }

    /** A master's messages leave when they are so old, by any thread; 0 for the kernel's two to three seconds. */
    public void flushAfter(long ms) {
        flushTicks = ms == 0 ? 0 : (int) Math.max(1, ms * Ticks.PER_SECOND / 1000);
    }

    @Override
    public void start(SyncDaemon daemon, int ports, Sysctls sysctls) throws StateException {
        final SyncSettings settings = SyncSettings.of(sysctls);
        try {
            if (daemon.master()) {
                final MasterDaemon opened = MasterDaemon.open(daemon, ports, settings, links, now());
                opened.requests().register(selector, SelectionKey.OP_READ, opened);
                tell(() -> {
                    // What was told after the last master stopped is old.
                    links.drain();
                    master = opened;
                });
            } else {
                final BackupDaemon opened = BackupDaemon.open(daemon, ports, settings, links, now());
                for (final DatagramChannel receiver : opened.receivers()) {
                    receiver.register(selector, SelectionKey.OP_READ, opened);
                }
                tell(() -> backup = opened);
            }
            LOG.info("event=sync-start role={} interface={}", role(daemon.master()), daemon.interfaceName());
        } catch (IOException | RuntimeException e) {
            LOG.warn("event=sync-start role={} problem=\"{}\"", role(daemon.master()), e.getMessage());
            throw new StateException(Reason.IO_ERROR);
        }
    }

    @Override
    public void stop(boolean isMaster) {
        tell(() -> {
            close(isMaster ? master : backup);
            if (isMaster) {
                master = null;
            } else {
                backup = null;
            }
        });
        LOG.info("event=sync-stop role={}", role(isMaster));
    }

    private static String role(boolean isMaster) {
        return isMaster ? "master" : "backup";
    }

    private static int now() {
        return Ticks.ofNanos(System.nanoTime());
    }

    /** Has the thread do something, and waits for it. */
    private void tell(Runnable task) {
        final CountDownLatch done = new CountDownLatch(1);
        tasks.add(() -> {
            task.run();
            done.countDown();
        });
        selector.wakeup();
        try {
            if (!done.await(STOP_WITHIN_MS, TimeUnit.MILLISECONDS)) {
                LOG.warn("event=sync problem=\"the thread does not answer\"");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        while (running) {
            try {
                turn();
            } catch (IOException | RuntimeException e) {
                LOG.warn("event=sync problem=\"{}\"", e.getMessage(), e);
            }
        }
        close(master);
        close(backup);
    }

    private void turn() throws IOException {
        selector.select(this::readable, master != null ? TICK_MS : backup != null ? IDLE_MS : 0);
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
        final int nowTick = now();
        if (master != null) {
            master.run(nowTick, flushTicks);
        }
        if (backup != null) {
            backup.run(nowTick);
        }
    }

    private void readable(SelectionKey key) {
        try {
            final DatagramChannel channel = (DatagramChannel) key.channel();
            for (int i = 0; i < BURST; i++) {
                received.clear();
                if (channel.receive(received) == null) {
                    return;
                }
                heard(key.attachment(), received.position());
            }
        } catch (IOException e) {
            LOG.debug("event=sync-receive problem=\"{}\"", e.getMessage());
        }
    }

    private void heard(Object daemon, int length) {
        if (daemon instanceof MasterDaemon hearing) {
            hearing.heard(view, length);
        } else if (daemon instanceof BackupDaemon hearing) {
            hearing.heard(view, length);
        }
    }

    private static void close(@Nullable AutoCloseable daemon) {
        if (daemon != null) {
            try {
                daemon.close();
            } catch (Exception e) {
                LOG.debug("event=sync-close problem=\"{}\"", e.getMessage());
            }
        }
    }

    @Override
    public void close() throws IOException {
        running = false;
        selector.wakeup();
        try {
            thread.join(STOP_WITHIN_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        selector.close();
    }
}
