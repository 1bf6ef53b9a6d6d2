package io.weir.control.metrics;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import io.prometheus.metrics.exporter.httpserver.MetricsHandler;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.ExpositionFormats;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers scrapes: all of it as text, in either of its two forms, by {@link TextExposition}; everything else by the library.
 *
 * <p><b>Thread</b>: one.
 */
final class MetricsHandlers implements HttpHandler {
    private static final Logger LOG = LoggerFactory.getLogger(MetricsHandlers.class);
    private static final int OK = 200;
    private static final int FAILED = 500;
    /** A scrape does not wait for more. */
    private static final int MOST_PIECES = 50;

    private static final long PAUSE_NS = 1_000;
    private static final int LEAST_BUFFER = 1 << 16;

    private final Supplier<Scrape> scrape;
    private final BooleanSupplier prepare;
    private final MetricsHandler library;
    private final ExpositionFormats formats = ExpositionFormats.init();
    private final TextExposition text = new TextExposition(formats.getPrometheusTextFormatWriter());
    private final TextExposition openMetrics = new TextExposition(formats.getOpenMetricsTextFormatWriter());

    MetricsHandlers(Supplier<Scrape> scrape, BooleanSupplier prepare) {
        this.scrape = scrape;
        this.prepare = prepare;
        final PrometheusRegistry registry = new PrometheusRegistry();
        registry.register((MultiCollector) () -> scrape.get().all());
        this.library = new MetricsHandler(registry);
    }

    /** Does what the next scrape would have to do because of what is new. */
    void prepare() {
        for (int i = 0; i < MOST_PIECES && prepare.getAsBoolean(); i++) {
            LockSupport.parkNanos(PAUSE_NS); // commands wait for the same lock, and should get it
        }
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // the library's own two instances
    public void handle(HttpExchange exchange) throws IOException {
        final ExpositionFormatWriter asked =
                formats.findWriter(exchange.getRequestHeaders().getFirst("Accept"));
        final boolean isText = asked == formats.getPrometheusTextFormatWriter();
        if (!isText && asked != formats.getOpenMetricsTextFormatWriter()
                || exchange.getRequestURI().getQuery() != null
                || !"GET".equals(exchange.getRequestMethod())) {
            library.handle(exchange);
            return;
        }
        final TextExposition exposition = isText ? text : openMetrics;
        try (exchange) {
            try {
                exposition.write(scrape.get());
            } catch (RuntimeException e) {
                LOG.error("event=bug where=metrics", e);
                exchange.sendResponseHeaders(FAILED, -1);
                return;
            }
            exchange.getResponseHeaders().set("Content-Type", exposition.contentType());
            if (takesGzip(exchange)) {
                exchange.getResponseHeaders().set("Content-Encoding", "gzip");
                exchange.sendResponseHeaders(OK, 0);
                try (OutputStream out = new Gzip(exchange.getResponseBody())) {
                    exposition.writeTo(out);
                }
            } else {
                exchange.sendResponseHeaders(OK, exposition.length());
                try (OutputStream out = exchange.getResponseBody()) {
                    exposition.writeTo(out);
                }
            }
        }
    }

    private static boolean takesGzip(HttpExchange exchange) {
        return exchange.getRequestHeaders().getOrDefault("Accept-Encoding", List.of()).stream()
                .flatMap(line -> Arrays.stream(line.split(",", -1)))
                .anyMatch(word -> word.strip().matches("gzip(;q=(1(\\.0*)?|0?\\.0*[1-9].*))?"));
    }

    /** The text repeats itself so much that the quickest way is good enough. */
    private static final class Gzip extends GZIPOutputStream {
        Gzip(OutputStream out) throws IOException {
            super(out, LEAST_BUFFER);
            def.setLevel(Deflater.BEST_SPEED);
        }
    }
}
