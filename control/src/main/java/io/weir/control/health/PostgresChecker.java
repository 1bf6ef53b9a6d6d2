package io.weir.control.health;

import io.weir.control.keepalived.Block;
import io.weir.control.keepalived.ServiceSettings.CheckSettings;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code PGSQL_CHECK}: does the server take a start-up message? It is up if it lets us in, asks for a password or refuses
 * the user; it is down while it starts, recovers, shuts down or has no connection left.
 *
 * <p><b>Source</b>: the PostgreSQL protocol, version 3.
 */
final class PostgresChecker implements Checker {
    private static final int VERSION_3 = 196_608;
    private static final int ERROR_HEADER = 5;
    private static final int MOST_ERROR = 65_536;
    private static final Pattern STATE = Pattern.compile("\u0000?C([0-9A-Z]{5})\u0000");
    /** Starting or shutting down, admin shutdown, crash, no connection left. */
    private static final Set<String> DOWN_STATES = Set.of("57P03", "57P01", "57P02", "53300");

    /** Who asks for what. */
    record Options(String user, String database) {}

    @Override
    public String keyword() {
        return "PGSQL_CHECK";
    }

    @Override
    public Object options(Block block, String virtualHost) {
        final String user = block.text("user", "weir");
        return new Options(user, block.text("database", user));
    }

    @Override
    public Probe probe(CheckSettings check, CheckLoop loop) {
        return new TcpProbe(check, loop, new Postgres((Options) check.options()), null);
    }

    private static final class Postgres implements Conversation {
        private static final byte[] TERMINATE = {'X', 0, 0, 0, 4};

        private final Options options;

        Postgres(Options options) {
            this.options = options;
        }

        @Override
        public Step begin() {
            final ByteArrayOutputStream body = new ByteArrayOutputStream();
            for (String word : new String[] {"user", options.user(), "database", options.database()}) {
                body.writeBytes(word.getBytes(StandardCharsets.UTF_8));
                body.write(0);
            }
            body.write(0);
            final ByteBuffer message = ByteBuffer.allocate(8 + body.size());
            message.putInt(message.capacity()).putInt(VERSION_3).put(body.toByteArray());
            return Step.send(message.array());
        }

        @Override
        public Step received(Inbox inbox, boolean ended) {
            final byte[] bytes = inbox.bytes();
            if (bytes.length < ERROR_HEADER) {
                return Step.WAIT;
            }
            if (bytes[0] == 'R') {
                return new Step(TERMINATE, CheckResult.up("PostgreSQL answers"));
            }
            if (bytes[0] != 'E') {
                return Step.down("not PostgreSQL");
            }
            final int length = ByteBuffer.wrap(bytes, 1, 4).getInt();
            if (length < 4 || length > MOST_ERROR) {
                return Step.down("not PostgreSQL");
            }
            if (bytes.length < 1 + length && !ended) {
                return Step.WAIT;
            }
            final Matcher state = STATE.matcher(
                    new String(bytes, ERROR_HEADER, bytes.length - ERROR_HEADER, StandardCharsets.ISO_8859_1));
            final String code = state.find() ? state.group(1) : "";
            return DOWN_STATES.contains(code) ? Step.down("PostgreSQL error " + code) : Step.up("PostgreSQL answers");
        }
    }
}
