package io.weir.control.metrics;

import io.prometheus.metrics.exporter.httpserver.HTTPServer;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Answers {@code GET /metrics}: text, OpenMetrics or protobuf, compressed if asked for, as the Prometheus library does it;
 * {@code ?name[]=...} asks for single metrics. {@code /-/healthy} says that the process answers.
 *
 * <p><b>Thread</b>: one of its own, which asks the collector at each scrape; scrapes wait for each other.
 */
public final class MetricsServer implements AutoCloseable {
    private final HTTPServer server;
    private final ExecutorService executor;

    private MetricsServer(HTTPServer server, ExecutorService executor) {
        this.server = server;
        this.executor = executor;
    }

    /** Listens. <b>Fails</b>: with IOException if the address or the port cannot be had. */
    public static MetricsServer start(InetAddress address, int port, MultiCollector collector) throws IOException {
        final PrometheusRegistry registry = new PrometheusRegistry();
        registry.register(collector);
        final ExecutorService executor = Executors.newSingleThreadExecutor(run -> {
            final Thread thread = new Thread(run, "weir-metrics");
            thread.setDaemon(true);
            return thread;
        });
        try {
            final HTTPServer server = HTTPServer.builder()
                    .inetAddress(address)
                    .port(port)
                    .executorService(executor)
                    .registry(registry)
                    .buildAndStart();
            return new MetricsServer(server, executor);
        } catch (IOException | RuntimeException e) {
            executor.shutdownNow();
            throw new IOException("metrics.listen " + address.getHostAddress() + ":" + port + ": " + e.getMessage(), e);
        }
    }

    /** Where it listens. */
    public int port() {
        return server.getPort();
    }

    @Override
    public void close() {
        server.close();
        executor.shutdownNow();
    }
}
