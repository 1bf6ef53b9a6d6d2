package io.weir.control.health;

import io.weir.control.keepalived.Block;
import io.weir.control.keepalived.ServiceSettings.CheckSettings;

/** {@code REDIS_CHECK}: is a PING answered? A server that is loading its data is down; one that wants a login is up. */
final class RedisChecker implements Checker {
    @Override
    public String keyword() {
        return "REDIS_CHECK";
    }

    @Override
    public Object options(Block block, String virtualHost) {
        return block.text("password", "");
    }

    @Override
    public Probe probe(CheckSettings check, CheckLoop loop) {
        return new TcpProbe(check, loop, new Redis((String) check.options()), null);
    }

    private static final class Redis extends LineConversation {
        private final String password;
        private boolean loggingIn;

        Redis(String password) {
            this.password = password;
            this.loggingIn = !password.isEmpty();
        }

        @Override
        public Step begin() {
            return Step.send(
                    loggingIn ? "*2\r\n$4\r\nAUTH\r\n$" + password.length() + "\r\n" + password + "\r\n" : "PING\r\n");
        }

        @Override
        Step line(String line) {
            if (loggingIn) {
                loggingIn = false;
                return line.startsWith("+OK") ? Step.send("PING\r\n") : Step.down("Redis said: " + line);
            }
            final boolean wantsLogin = line.startsWith("-NOAUTH") && password.isEmpty();
            return line.startsWith("+PONG") || wantsLogin
                    ? Step.done(CheckResult.up("Redis answers"), "QUIT\r\n")
                    : Step.down("Redis said: " + line);
        }
    }
}
