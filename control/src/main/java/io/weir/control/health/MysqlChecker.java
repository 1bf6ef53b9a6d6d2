package io.weir.control.health;

import io.weir.control.keepalived.Block;
import io.weir.control.keepalived.ServiceSettings.CheckSettings;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * {@code MYSQL_CHECK}: does the server greet us? The greeting is answered with a user's name, so that the server does not
 * count a broken handshake against this host; it may refuse the user.
 *
 * <p><b>Source</b>: the MySQL client/server protocol, handshake version 10.
 */
final class MysqlChecker implements Checker {
    private static final int HEADER = 4;
    private static final int HANDSHAKE_10 = 10;
    private static final int ERROR = 0xFF;
    private static final int HOST_NOT_ALLOWED = 1130;
    /** Protocol 4.1, secure connection, long password. */
    private static final int CAPABILITIES = 0x8201;

    private static final int MAX_PACKET = 1 << 24;
    private static final int CHARSET_UTF8 = 33;
    private static final int FILLER = 23;

    @Override
    public String keyword() {
        return "MYSQL_CHECK";
    }

    @Override
    public Object options(Block block, String virtualHost) {
        return block.text("user", "weir");
    }

    @Override
    public Probe probe(CheckSettings check, CheckLoop loop) {
        return new TcpProbe(check, loop, new Mysql((String) check.options()), null);
    }

    private static final class Mysql implements Conversation {
        private final String user;
        private boolean greeted;

        Mysql(String user) {
            this.user = user;
        }

        @Override
        public Step begin() {
            return Step.WAIT;
        }

        @Override
        public Step received(Inbox inbox, boolean ended) {
            final byte[] bytes = inbox.bytes();
            if (bytes.length <= HEADER) {
                return greeted && ended ? Step.up("MySQL answers") : Step.WAIT;
            }
            final int length = bytes[0] & 0xFF | (bytes[1] & 0xFF) << 8 | (bytes[2] & 0xFF) << 16;
            if (bytes.length < HEADER + length && !ended) {
                return Step.WAIT;
            }
            final int kind = bytes[HEADER] & 0xFF;
            if (greeted) {
                // OK, a refusal, or a wish for another method: all of them come from a living server.
                return Step.up("MySQL answers");
            }
            if (kind == ERROR) {
                final int code =
                        bytes.length > HEADER + 2 ? bytes[HEADER + 1] & 0xFF | (bytes[HEADER + 2] & 0xFF) << 8 : 0;
                // It serves others, and has not counted us as broken off.
                return code == HOST_NOT_ALLOWED
                        ? Step.up("MySQL answers: this host may not log in")
                        : Step.down("MySQL error " + code);
            }
            if (kind != HANDSHAKE_10) {
                return Step.down("not MySQL");
            }
            greeted = true;
            inbox.clear();
            return Step.send(login());
        }

        private byte[] login() {
            final ByteArrayOutputStream body = new ByteArrayOutputStream();
            littleEndian(body, CAPABILITIES);
            littleEndian(body, MAX_PACKET);
            body.write(CHARSET_UTF8);
            body.writeBytes(new byte[FILLER]);
            body.writeBytes(user.getBytes(StandardCharsets.UTF_8));
            body.write(0);
            body.write(0);
            final ByteArrayOutputStream packet = new ByteArrayOutputStream();
            packet.write(body.size());
            packet.write(body.size() >> 8);
            packet.write(0);
            packet.write(1);
            packet.writeBytes(body.toByteArray());
            return packet.toByteArray();
        }

        private static void littleEndian(ByteArrayOutputStream out, int value) {
            for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
                out.write(value >>> shift);
            }
        }
    }
}
