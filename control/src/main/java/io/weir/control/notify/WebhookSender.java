package io.weir.control.notify;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** POSTs every event as a JSON object; one thread, a bounded queue, a time limit. */
final class WebhookSender implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WebhookSender.class);
    private static final int MOST_WAITING = 1_000;
    private static final Duration LIMIT = Duration.ofSeconds(5);
    private static final int FIRST_BAD = 400;

    private final List<String> urls;
    private final HttpClient client;
    private final ObjectMapper mapper = new ObjectMapper();
    private final ThreadPoolExecutor sender = new ThreadPoolExecutor(
            1, 1, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(MOST_WAITING), WebhookSender::thread);

    /**
     * Sends nothing yet.
     *
     * @param authorities a file of PEM certificates to trust; null for those the virtual machine trusts
     */
    WebhookSender(List<String> urls, @Nullable String authorities) {
        this.urls = urls;
        final HttpClient.Builder builder = HttpClient.newBuilder().connectTimeout(LIMIT);
        this.client = authorities == null
                ? builder.build()
                : builder.sslContext(Authorities.trusting("notify_webhook_ca", authorities))
                        .build();
    }

    private static Thread thread(Runnable run) {
        final Thread thread = new Thread(run, "weir-webhook");
        thread.setDaemon(true);
        return thread;
    }

    void send(Map<String, String> event) {
        try {
            final String body = mapper.writeValueAsString(event);
            sender.execute(() -> urls.forEach(url -> post(url, body)));
        } catch (JsonProcessingException | RejectedExecutionException e) {
            LOG.warn("event=webhook problem=\"{} events wait already\"", MOST_WAITING);
        }
    }

    private void post(String url, String body) {
        try {
            final HttpRequest request = HttpRequest.newBuilder(URI.create(url))
                    .timeout(LIMIT)
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString(body))
                    .build();
            final int status =
                    client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
            if (status >= FIRST_BAD) {
                LOG.warn("event=webhook url={} status={}", url, status);
            }
        } catch (IOException | IllegalArgumentException e) {
            LOG.warn("event=webhook url={} problem=\"{}\"", url, e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        sender.shutdownNow();
    }
}
