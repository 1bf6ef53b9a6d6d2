package io.weir.control.health;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One exchange with a server, as a checker sees it: what to send, and what to make of the bytes that come back. How they
 * travel (TCP, TLS, UDP), and how long that may take, is the probe's business.
 */
interface Conversation {
    /** Once connected. */
    Step begin();

    /**
     * When bytes have come.
     *
     * @param inbox all that has not been taken out yet
     * @param ended nothing more will come
     */
    Step received(Inbox inbox, boolean ended);

    /** When the time is over without a verdict. */
    default CheckResult silence() {
        return CheckResult.down("no answer in time");
    }

    /** What comes next. */
    final class Step {
        private static final byte[] NOTHING = {};

        /** Waits for more. */
        static final Step WAIT = new Step(NOTHING, null);

        private final byte[] send;
        private final @Nullable CheckResult result;

        /** Sends something last, and that is it. */
        Step(byte[] send, @Nullable CheckResult result) {
            this.send = send;
            this.result = result;
        }

        byte[] send() {
            return send;
        }

        /** Only if it is done. */
        CheckResult result() {
            return Objects.requireNonNull(result, "not done yet");
        }

        /** Sends and waits for more. */
        static Step send(byte[] bytes) {
            return new Step(bytes, null);
        }

        static Step send(String text) {
            return send(text.getBytes(StandardCharsets.UTF_8));
        }

        static Step done(CheckResult result) {
            return new Step(NOTHING, result);
        }

        /** Sends something polite, and that is it. */
        static Step done(CheckResult result, String last) {
            return new Step(last.getBytes(StandardCharsets.US_ASCII), result);
        }

        static Step up(String why) {
            return done(CheckResult.up(why));
        }

        static Step down(String why) {
            return done(CheckResult.down(why));
        }

        boolean isDone() {
            return result != null;
        }
    }

    /** Bytes received; it takes no more than {@link #MOST_BYTES}. */
    final class Inbox {
        /** A server that sends more than this is not answering a health check. */
        static final int MOST_BYTES = 4 << 20;

        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        void add(byte[] from, int length) {
            bytes.write(from, 0, Math.min(length, MOST_BYTES - bytes.size()));
        }

        boolean isFull() {
            return bytes.size() >= MOST_BYTES;
        }

        int size() {
            return bytes.size();
        }

        byte[] bytes() {
            return bytes.toByteArray();
        }

        /** As text, each byte a character. */
        String text() {
            return bytes.toString(StandardCharsets.ISO_8859_1);
        }

        void clear() {
            bytes.reset();
        }
    }
}
