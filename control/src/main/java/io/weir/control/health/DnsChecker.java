package io.weir.control.health;

import io.weir.control.keepalived.Block;
import io.weir.control.keepalived.ServiceSettings.CheckSettings;
import io.weir.control.keepalived.Statement;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;

/** {@code DNS_CHECK}: is a question over UDP answered, without an error? */
final class DnsChecker implements Checker {
    private static final int RETRIES = 3;
    private static final int HEADER = 12;
    private static final int LABEL = 63;
    private static final int NAME = 253;
    private static final int ANSWER_BIT = 0x80;
    private static final int CODE_MASK = 0x0F;
    private static final int RECURSION = 0x01;
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Map<String, Integer> TYPES =
            Map.of("A", 1, "NS", 2, "CNAME", 5, "SOA", 6, "PTR", 12, "MX", 15, "TXT", 16, "AAAA", 28, "SRV", 33);
    private static final String[] CODES = {
        "no error", "format error", "server failure", "no such name", "not implemented", "refused"
    };

    /** The question section. */
    private static final class Options {
        private final byte[] question;

        Options(byte[] question) {
            this.question = question;
        }
    }

    @Override
    public String keyword() {
        return "DNS_CHECK";
    }

    @Override
    public int defaultRetries() {
        return RETRIES;
    }

    @Override
    public long defaultRetryDelayMs(long delayLoopMs) {
        return delayLoopMs;
    }

    @Override
    public Object options(Block block, String virtualHost) {
        final Statement line = block.last("type");
        final String type = block.text("type", "SOA").toUpperCase(Locale.ROOT);
        if (!TYPES.containsKey(type) && line != null) {
            block.report()
                    .wrong(
                            line,
                            "must be one of "
                                    + String.join(
                                            ", ",
                                            TYPES.keySet().stream().sorted().toList()));
        }
        final String name = block.text("name", ".");
        final ByteArrayOutputStream question = new ByteArrayOutputStream();
        final Statement nameLine = block.last("name");
        for (String label : name.split("\\.", -1)) {
            final byte[] bytes = label.getBytes(StandardCharsets.US_ASCII);
            if ((bytes.length > LABEL || name.length() > NAME) && nameLine != null) {
                block.report().wrong(nameLine, "not a domain name: labels have at most 63 characters, names 253");
                break;
            }
            if (bytes.length > 0) {
                question.write(bytes.length);
                question.write(bytes, 0, bytes.length);
            }
        }
        question.write(0);
        final int code = TYPES.getOrDefault(type, TYPES.getOrDefault("SOA", 0));
        question.writeBytes(new byte[] {0, (byte) code, 0, 1});
        return new Options(question.toByteArray());
    }

    @Override
    public Probe probe(CheckSettings check, CheckLoop loop) {
        return new UdpProbe(check, loop, new Dns(((Options) check.options()).question));
    }

    private static final class Dns implements Conversation {
        private final byte[] query;

        Dns(byte[] question) {
            query = new byte[HEADER + question.length];
            final int id = RANDOM.nextInt();
            query[0] = (byte) id;
            query[1] = (byte) (id >> 8);
            query[2] = RECURSION;
            query[5] = 1;
            System.arraycopy(question, 0, query, HEADER, question.length);
        }

        @Override
        public Step begin() {
            return Step.send(query);
        }

        @Override
        public Step received(Inbox inbox, boolean ended) {
            final byte[] answer = inbox.bytes();
            // An answer to another question is somebody's lie, or a late one: neither is ours.
            if (answer.length < query.length
                    || answer[0] != query[0]
                    || answer[1] != query[1]
                    || (answer[2] & ANSWER_BIT) == 0
                    || !sameQuestion(answer)) {
                return Step.WAIT;
            }
            final int code = answer[3] & CODE_MASK;
            if (code != 0) {
                return Step.down("DNS: " + (code < CODES.length ? CODES[code] : "error " + code));
            }
            return Step.up("DNS answers");
        }

        /** Names are compared without regard to case. */
        private boolean sameQuestion(byte[] answer) {
            final String asked = new String(query, HEADER, query.length - HEADER, StandardCharsets.ISO_8859_1);
            final byte[] same = Arrays.copyOfRange(answer, HEADER, query.length);
            return asked.equalsIgnoreCase(new String(same, StandardCharsets.ISO_8859_1));
        }
    }
}
