package io.weir.control.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.control.ControlClient;
import io.weir.control.fuzz.TextSpoiler;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Random requests of an operator's words to a running director, with broken files and arguments: each is answered with a
 * status, none with a stack trace, and the table is as it was wherever the status is not 0.
 */
@Tag("netns")
@SuppressWarnings("NullAway.Init") // started before the first test
class ControlWordsIT {
    private static final int REQUESTS = 600;
    private static final long MOST_NS = TimeUnit.SECONDS.toNanos(40);
    /** The words whose answer goes on for as long as somebody listens. */
    private static final long LISTEN_MS = 200;

    private static final Pattern END = Pattern.compile("(?:^|\n)0 (\\d+)\n$");
    private static final String SERVER = LabPlan.server4(1);
    private static final String SERVICE = LabPlan.VIP4 + ":80";

    /** Plain ones; most arguments of a request come from others than its own. */
    private static final List<List<String>> PLAIN = List.of(
            List.of("plan", "weir.yaml"),
            List.of("apply", "weir.yaml"),
            List.of("apply", "weir.yaml"),
            List.of("undo"),
            List.of("drain", SERVER, "1", "keep"),
            List.of("drain", SERVER + ":" + LabPlan.MAPPED_PORT, "0", "reset"),
            List.of("conns", "list", "10", "server=" + SERVER),
            List.of("conns", "count", "0"),
            List.of("conns", "follow", "5", "state=ESTABLISHED"),
            List.of("top", "services", "rate", "20", "0"),
            List.of("top", "servers", "name", "20", "0", "tcp"),
            List.of("shadow", "add", "-t", SERVICE, "sed", "lc"),
            List.of("shadow", "show"),
            List.of("shadow", "remove", "-t", SERVICE, "sed"),
            List.of("status"),
            List.of("status", "json"),
            List.of("counters"),
            List.of("health"),
            List.of("health --history"),
            List.of("log-level", "info"));

    private static Lab lab;
    private static Background director;
    private static String yaml;

    @BeforeAll
    static void start() {
        lab = Lab.create(LabOptions.of(LabMethod.NAT));
        yaml = LabConfig.of(lab);
        director = lab.startDirector(yaml);
    }

    @AfterAll
    static void stop() {
        director.close();
        lab.close();
    }

    /** What came until the end, or for as long as one listens to what has none. */
    private static String send(byte[] request) throws IOException {
        final ByteArrayOutputStream answer = new ByteArrayOutputStream();
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(ControlClient.socket(lab.name())))) {
            channel.write(ByteBuffer.wrap(request));
            channel.configureBlocking(false);
            final ByteBuffer chunk = ByteBuffer.allocate(1 << 16);
            long last = System.nanoTime();
            boolean open = true;
            while (open
                    && (answer.size() == 0 || System.nanoTime() - last < TimeUnit.MILLISECONDS.toNanos(LISTEN_MS))) {
                final int got = channel.read(chunk);
                open = got >= 0;
                if (got > 0) {
                    answer.write(chunk.array(), 0, chunk.position());
                    chunk.clear();
                    last = System.nanoTime();
                } else {
                    assertTrue(System.nanoTime() - last < MOST_NS, "no answer");
                    Background.pause(1);
                }
            }
        }
        return answer.toString(StandardCharsets.UTF_8);
    }

    private static byte[] framed(List<String> words, String input) {
        final byte[] first = (String.join("\0", words) + "\0").getBytes(StandardCharsets.UTF_8);
        final byte[] second = input.getBytes(StandardCharsets.UTF_8);
        final ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(("weir/1 " + first.length + " " + second.length + "\n").getBytes(StandardCharsets.US_ASCII));
        all.writeBytes(first);
        all.writeBytes(second);
        return all.toByteArray();
    }

    private static String table() throws IOException {
        return send(framed(List.of("ipvsadm", "-S", "-n"), ""));
    }

    private static List<String> words(TextSpoiler spoiler) {
        final List<String> words = new ArrayList<>(spoiler.any(PLAIN));
        for (int i = 1; i < words.size(); i++) {
            if (spoiler.upTo(4) == 0) {
                words.set(i, spoiler.upTo(2) == 0 ? spoiler.spoil(words.get(i)) : any(spoiler));
            }
        }
        switch (spoiler.upTo(8)) {
            case 0 -> words.add(any(spoiler));
            case 1 -> words.subList(Math.max(1, words.size() - 1), words.size()).clear();
            default -> {
                // As many as it wants.
            }
        }
        return words;
    }

    private static String any(TextSpoiler spoiler) {
        return spoiler.any(spoiler.any(PLAIN));
    }

    @Test
    void shouldAnswerWhateverItIsAsked() throws IOException {
        final long seed = System.nanoTime();
        final TextSpoiler spoiler = new TextSpoiler(
                seed, List.of("services:", "weight: -1", "forward: nat", "-A", "99999999999", "null", "[]"));
        final List<Integer> statuses = new ArrayList<>();
        final long end = System.nanoTime() + MOST_NS;
        for (int i = 0; i < REQUESTS && System.nanoTime() - end < 0; i++) {
            final List<String> words = words(spoiler);
            final String input = spoiler.upTo(6) == 0 ? yaml : spoiler.spoil(yaml);
            final String before = table();

            final String answer = send(framed(words, input));

            final String what = "seed " + seed + ", request " + i + " " + words + ": " + answer + "\n" + input;
            // A line of a stack trace; an answer may repeat what was asked.
            assertFalse(answer.contains("Exception") || answer.contains("\n\tat ") || answer.contains("a bug"), what);
            final Matcher status = END.matcher(answer);
            if (status.find()) {
                statuses.add(Integer.parseInt(status.group(1)));
                if (!status.group(1).equals("0")) {
                    assertEquals(before, table(), what);
                }
            } else {
                assertTrue(words.contains("follow") || words.contains("drain"), what);
            }
        }
        assertTrue(director.isAlive());
        assertFalse(director.output().contains("event=bug"), () -> "seed " + seed + "\n" + director.output());
        // Both kinds were among them, or this says nothing.
        assertTrue(statuses.contains(0) && statuses.contains(1), statuses.toString());
    }
}
