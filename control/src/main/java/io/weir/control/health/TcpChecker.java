package io.weir.control.health;

import io.weir.control.keepalived.Block;
import io.weir.control.keepalived.ServiceSettings.CheckSettings;

/** {@code TCP_CHECK}: does the port take a connection? */
final class TcpChecker implements Checker {
    @Override
    public String keyword() {
        return "TCP_CHECK";
    }

    @Override
    public Object options(Block block, String virtualHost) {
        return "";
    }

    @Override
    public Probe probe(CheckSettings check, CheckLoop loop) {
        return new TcpProbe(check, loop, new Hello(), null);
    }

    /** Content with a connection. */
    static final class Hello implements Conversation {
        @Override
        public Step begin() {
            return Step.up("connected");
        }

        @Override
        public Step received(Inbox inbox, boolean ended) {
            return Step.up("connected");
        }
    }
}
