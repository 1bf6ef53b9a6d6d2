package io.weir.control.health;

import io.weir.control.keepalived.Block;
import io.weir.control.keepalived.ServiceSettings.CheckSettings;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * {@code GRPC_CHECK}: asks {@code grpc.health.v1.Health/Check} and wants SERVING; with {@code tls}, over TLS.
 *
 * <p>As much HTTP/2 as one request takes: frames in order, header compression by literals only, so that no table of the
 * server's is needed: the answer's message says it all. <b>Source</b>: RFC 9113, RFC 7541, the gRPC health protocol.
 */
final class GrpcChecker implements Checker {
    /** What is asked, and how. */
    record Options(String service, String authority, boolean tls) {}

    @Override
    public String keyword() {
        return "GRPC_CHECK";
    }

    @Override
    public Object options(Block block, String virtualHost) {
        return new Options(block.text("service", ""), block.text("virtualhost", virtualHost), block.flag("tls", false));
    }

    @Override
    public Probe probe(CheckSettings check, CheckLoop loop) {
        final Options options = (Options) check.options();
        return new TcpProbe(
                check, loop, new Grpc(options), options.tls() ? new TlsStream(options.authority(), "h2") : null);
    }

    private static final class Grpc implements Conversation {
        private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
        private static final int DATA = 0;
        private static final int HEADERS = 1;
        private static final int RESET = 3;
        private static final int SETTINGS = 4;
        private static final int PING = 6;
        private static final int GOAWAY = 7;
        private static final int ACK = 1;
        private static final int END_STREAM = 1;
        private static final int END_HEADERS = 4;
        private static final int PADDED = 8;
        private static final int FRAME_HEADER = 9;
        private static final int MESSAGE_HEADER = 5;
        private static final int MOST_FRAME = 1 << 20;
        private static final int SERVING = 1;
        private static final String[] STATES = {"UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"};

        private final Options options;

        Grpc(Options options) {
            this.options = options;
        }

        @Override
        public Step begin() {
            final ByteArrayOutputStream headers = new ByteArrayOutputStream();
            header(headers, ":method", "POST");
            header(headers, ":scheme", options.tls() ? "https" : "http");
            header(headers, ":path", "/grpc.health.v1.Health/Check");
            header(headers, ":authority", options.authority().isEmpty() ? "health" : options.authority());
            header(headers, "content-type", "application/grpc");
            header(headers, "te", "trailers");
            final byte[] name = options.service().getBytes(StandardCharsets.UTF_8);
            final ByteArrayOutputStream message = new ByteArrayOutputStream();
            // Uncompressed; four bytes of length; field 1, a string.
            final int length = name.length == 0 ? 0 : 2 + name.length;
            message.writeBytes(new byte[] {0, 0, 0, (byte) (length >> 8), (byte) length});
            if (length > 0) {
                message.write(0x0A);
                message.write(name.length);
                message.writeBytes(name);
            }
            final ByteArrayOutputStream all = new ByteArrayOutputStream();
            all.writeBytes(PREFACE.getBytes(StandardCharsets.US_ASCII));
            frame(all, SETTINGS, 0, 0, new byte[0]);
            frame(all, HEADERS, END_HEADERS, 1, headers.toByteArray());
            frame(all, DATA, END_STREAM, 1, message.toByteArray());
            return Step.send(all.toByteArray());
        }

        /** A literal header that enters no table. */
        private static void header(ByteArrayOutputStream out, String name, String value) {
            out.write(0);
            string(out, name);
            string(out, value);
        }

        private static void string(ByteArrayOutputStream out, String text) {
            final byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
            // Names here are shorter than the 127 that would need more than one byte.
            out.write(Math.min(126, bytes.length));
            out.write(bytes, 0, Math.min(126, bytes.length));
        }

        private static void frame(ByteArrayOutputStream out, int type, int flags, int stream, byte[] payload) {
            out.writeBytes(new byte[] {
                (byte) (payload.length >> 16),
                (byte) (payload.length >> 8),
                (byte) payload.length,
                (byte) type,
                (byte) flags,
                0,
                0,
                0,
                (byte) stream
            });
            out.writeBytes(payload);
        }

        @Override
        public Step received(Inbox inbox, boolean ended) {
            final byte[] bytes = inbox.bytes();
            final ByteArrayOutputStream answers = new ByteArrayOutputStream();
            int at = 0;
            while (bytes.length - at >= FRAME_HEADER) {
                final int length = (bytes[at] & 0xFF) << 16 | (bytes[at + 1] & 0xFF) << 8 | bytes[at + 2] & 0xFF;
                if (length > MOST_FRAME) {
                    return Step.down("not HTTP/2");
                }
                if (bytes.length - at < FRAME_HEADER + length) {
                    break;
                }
                final byte[] payload =
                        java.util.Arrays.copyOfRange(bytes, at + FRAME_HEADER, at + FRAME_HEADER + length);
                final Step verdict = frame(bytes[at + 3], bytes[at + 4], payload, answers);
                if (verdict.isDone()) {
                    return verdict;
                }
                at += FRAME_HEADER + length;
            }
            inbox.clear();
            inbox.add(java.util.Arrays.copyOfRange(bytes, at, bytes.length), bytes.length - at);
            return answers.size() == 0 ? Step.WAIT : Step.send(answers.toByteArray());
        }

        private static Step frame(int type, int flags, byte[] payload, ByteArrayOutputStream answers) {
            switch (type) {
                case DATA:
                    return data(flags, payload);
                case HEADERS:
                    // Trailers only: the call has failed without a message.
                    return (flags & END_STREAM) != 0 ? Step.down("gRPC error") : Step.WAIT;
                case RESET:
                    return Step.down("gRPC: stream reset");
                case GOAWAY:
                    return Step.down("gRPC: server is going away");
                case SETTINGS:
                    if ((flags & ACK) == 0) {
                        frame(answers, SETTINGS, ACK, 0, new byte[0]);
                    }
                    return Step.WAIT;
                case PING:
                    if ((flags & ACK) == 0) {
                        frame(answers, PING, ACK, 0, payload);
                    }
                    return Step.WAIT;
                default:
                    return Step.WAIT;
            }
        }

        /** The message: HealthCheckResponse has one field, the state; none means 0, UNKNOWN. */
        private static Step data(int flags, byte[] payload) {
            final int from = (flags & PADDED) != 0 ? 1 : 0;
            if (payload.length < from + MESSAGE_HEADER) {
                return Step.WAIT;
            }
            final int message = from + MESSAGE_HEADER;
            final boolean hasState = payload.length > message + 1 && payload[message] == 0x08;
            final int state = hasState ? payload[message + 1] : 0;
            if (state == SERVING) {
                return Step.up("gRPC: SERVING");
            }
            return Step.down("gRPC: " + (state >= 0 && state < STATES.length ? STATES[state] : "state " + state));
        }
    }
}
