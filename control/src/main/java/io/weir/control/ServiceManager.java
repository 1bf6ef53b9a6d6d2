package io.weir.control;

import io.weir.dataplane.io.linux.NotifySocket;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the service manager that started us how we are; where none did, nobody.
 *
 * <p>The watchdog is fed twice as often as asked for, and only while the director answers: a worker that hangs lets it
 * starve, and the manager starts us again.
 *
 * <p><b>Source</b>: sd_notify(3): {@code NOTIFY_SOCKET}, {@code WATCHDOG_USEC}.
 */
final class ServiceManager {
    private static final Logger LOG = LoggerFactory.getLogger(ServiceManager.class);

    private final @Nullable NotifySocket socket;
    private final long watchdogUs;
    private final BooleanSupplier alive;
    private volatile boolean stopping;

    private ServiceManager(@Nullable NotifySocket socket, long watchdogUs, BooleanSupplier alive) {
        this.socket = socket;
        this.watchdogUs = watchdogUs;
        this.alive = alive;
    }

    /** As the environment says. */
    static ServiceManager fromEnvironment(BooleanSupplier alive) {
        final String path = System.getenv("NOTIFY_SOCKET");
        if (path == null || path.isEmpty()) {
            return new ServiceManager(null, 0, alive);
        }
        try {
            final String watchdog = System.getenv().getOrDefault("WATCHDOG_USEC", "0");
            final long watchdogUs = watchdog.matches("\\d{1,15}") ? Long.parseLong(watchdog) : 0;
            return new ServiceManager(NotifySocket.to(path), watchdogUs, alive);
        } catch (RuntimeException e) {
            LOG.warn("event=no-service-manager problem=\"{}\"", e.getMessage());
            return new ServiceManager(null, 0, alive);
        }
    }

    /** Packets are forwarded. */
    void ready(String name) {
        tell("READY=1\nSTATUS=forwarding as " + name);
        if (socket != null && watchdogUs > 0) {
            final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(run -> {
                final Thread thread = new Thread(run, "weir-watchdog");
                thread.setDaemon(true);
                return thread;
            });
            final Future<?> feeds =
                    clock.scheduleWithFixedDelay(this::feed, 0, Math.max(1, watchdogUs / 2), TimeUnit.MICROSECONDS);
            LOG.debug("event=watchdog us={} feeds={}", watchdogUs, feeds);
        }
    }

    private void feed() {
        if (stopping) {
            return;
        }
        if (alive.getAsBoolean()) {
            tell("WATCHDOG=1");
        } else {
            LOG.error("event=watchdog problem=\"the packet worker does not answer\"");
        }
    }

    /** A reload is under way as long as {@code reload} runs. */
    void whileReloading(Runnable reload) {
        tell("RELOADING=1\nMONOTONIC_USEC=" + TimeUnit.NANOSECONDS.toMicros(System.nanoTime()));
        try {
            reload.run();
        } finally {
            tell("READY=1");
        }
    }

    /** We end. */
    void stopping() {
        stopping = true;
        tell("STOPPING=1");
    }

    private synchronized void tell(String message) {
        if (socket == null) {
            return;
        }
        try {
            socket.send(message);
        } catch (RuntimeException e) {
            LOG.debug("event=notify problem=\"{}\"", e.getMessage());
        }
    }
}
