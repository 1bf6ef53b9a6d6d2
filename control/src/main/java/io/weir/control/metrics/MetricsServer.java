package io.weir.control.metrics;

import com.sun.net.httpserver.HttpServer;
import io.prometheus.metrics.exporter.httpserver.DefaultHandler;
import io.prometheus.metrics.exporter.httpserver.HealthyHandler;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers {@code GET /metrics}: text, OpenMetrics or protobuf, compressed if asked for, as the Prometheus library does it;
 * {@code ?name[]=...} asks for single metrics. {@code /-/healthy} says that the process answers.
 *
 * <p><b>Thread</b>: one of its own, on which each scrape is read and written; scrapes wait for each other, but for no client
 * that is slower than the limits below. Between them it prepares the next one, when the table has changed.
 */
public final class MetricsServer implements AutoCloseable {
    private static final String PATH = "/metrics";
    private static final int BACKLOG = 8;
    private static final long PREPARE_EVERY_MS = 20;
    private static final Logger LOG = LoggerFactory.getLogger(MetricsServer.class);

    static {
        limit("sun.net.httpserver.maxReqTime", "10");
        limit("sun.net.httpserver.maxRspTime", "60");
    }

    private final HttpServer server;
    private final ScheduledExecutorService executor;

    private MetricsServer(HttpServer server, ScheduledExecutorService executor) {
        this.server = server;
        this.executor = executor;
    }

    /** The JDK's server reads its limits, seconds, from properties. */
    private static void limit(String property, String seconds) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, seconds);
        }
    }

    /**
     * Listens. <b>Fails</b>: with IOException if the address or the port cannot be had.
     *
     * @param scrape what it tells
     * @param prepare does about a millisecond of what the next scrape would have to do; false if there was nothing to do
     */
    public static MetricsServer start(InetAddress address, int port, Supplier<Scrape> scrape, BooleanSupplier prepare)
            throws IOException {
        final HttpServer server;
        try {
            server = HttpServer.create(new InetSocketAddress(address, port), BACKLOG);
        } catch (IOException | RuntimeException e) {
            throw new IOException("metrics.listen " + address.getHostAddress() + ":" + port + ": " + e.getMessage(), e);
        }
        final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor(run -> {
            final Thread thread = new Thread(run, "weir-metrics");
            thread.setDaemon(true);
            return thread;
        });
        server.setExecutor(executor);
        server.createContext("/", new DefaultHandler(PATH));
        final MetricsHandlers handlers = new MetricsHandlers(scrape, prepare);
        server.createContext(PATH, handlers);
        server.createContext("/-/healthy", new HealthyHandler());
        server.start();
        final Future<?> prepares = executor.scheduleWithFixedDelay(
                handlers::prepare, PREPARE_EVERY_MS, PREPARE_EVERY_MS, TimeUnit.MILLISECONDS);
        LOG.debug("event=start prepares={}", prepares);
        return new MetricsServer(server, executor);
    }

    /** Where it listens. */
    public int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
        executor.shutdownNow();
    }
}
