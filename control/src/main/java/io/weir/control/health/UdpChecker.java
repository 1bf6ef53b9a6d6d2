package io.weir.control.health;

import io.weir.control.keepalived.Block;
import io.weir.control.keepalived.ServiceSettings.CheckSettings;
import io.weir.control.keepalived.Statement;
import java.io.ByteArrayOutputStream;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Locale;

/**
 * {@code UDP_CHECK}: sends a datagram; a port unreachable is a failure, silence only if an answer is required.
 */
final class UdpChecker implements Checker {
    private static final int MOST = 255;
    private static final int RANDOM_BYTES = 32;
    private static final SecureRandom RANDOM = new SecureRandom();

    /** What is sent and expected: the first bytes of the reply, with {@code mask} 0 where they may be anything. */
    private static final class Options {
        private final byte[] payload;
        private final boolean required;
        private final byte[] reply;
        private final byte[] mask;
        private final int min;
        private final int max;

        Options(byte[] payload, boolean required, byte[] reply, byte[] mask, int min, int max) {
            this.payload = payload;
            this.required = required;
            this.reply = reply;
            this.mask = mask;
            this.min = min;
            this.max = max;
        }
    }

    @Override
    public String keyword() {
        return "UDP_CHECK";
    }

    @Override
    public Object options(Block block, String virtualHost) {
        final Statement payload = block.last("payload");
        final Statement reply = block.last("require_reply");
        final byte[] sent = payload == null ? new byte[0] : hex(block, payload, new ByteArrayOutputStream());
        final ByteArrayOutputStream mask = new ByteArrayOutputStream();
        final byte[] wanted = reply == null ? new byte[0] : hex(block, reply, mask);
        return new Options(
                sent,
                reply != null,
                wanted,
                mask.toByteArray(),
                block.integer("min_reply_length", 0, Integer.MAX_VALUE, 0),
                block.integer("max_reply_length", 0, Integer.MAX_VALUE, MOST));
    }

    /** Half bytes in words; a word of odd length begins with a 0. An X is a half byte that may be anything. */
    private static byte[] hex(Block block, Statement line, ByteArrayOutputStream mask) {
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (String word : line.arguments()) {
            String digits = word.toLowerCase(Locale.ROOT);
            if (!digits.matches("[0-9a-fx]+")) {
                block.report().wrong(line, "must be hexadecimal digits, not '" + word + "'");
                break;
            }
            digits = digits.length() % 2 == 0 ? digits : "0" + digits;
            for (int i = 0; i < digits.length(); i += 2) {
                final String pair = digits.substring(i, i + 2);
                bytes.write(Integer.parseInt(pair.replace('x', '0'), 16));
                mask.write((pair.charAt(0) == 'x' ? 0 : 0xF0) | (pair.charAt(1) == 'x' ? 0 : 0x0F));
            }
        }
        return bytes.toByteArray();
    }

    @Override
    public Probe probe(CheckSettings check, CheckLoop loop) {
        return new UdpProbe(check, loop, new Udp((Options) check.options()));
    }

    private static final class Udp implements Conversation {
        private final Options options;

        Udp(Options options) {
            this.options = options;
        }

        @Override
        public Step begin() {
            if (options.payload.length > 0) {
                return Step.send(options.payload);
            }
            final byte[] noise = new byte[RANDOM_BYTES];
            RANDOM.nextBytes(noise);
            return Step.send(noise);
        }

        @Override
        public Step received(Inbox inbox, boolean ended) {
            if (!options.required) {
                return Step.up("answered");
            }
            final byte[] answer = inbox.bytes();
            if (answer.length < options.min || answer.length > options.max) {
                return Step.down("an answer of " + answer.length + " bytes");
            }
            final int length = Math.min(answer.length, options.reply.length);
            for (int i = 0; i < length; i++) {
                if (((answer[i] ^ options.reply[i]) & options.mask[i]) != 0) {
                    return Step.down("another answer: "
                            + java.util.HexFormat.of().formatHex(Arrays.copyOf(answer, Math.min(16, answer.length))));
                }
            }
            return Step.up("answered");
        }

        @Override
        public CheckResult silence() {
            return options.required ? CheckResult.down("no answer in time") : CheckResult.up("no error came back");
        }
    }
}
