package io.weir.control.health;

import io.weir.control.keepalived.Block;
import io.weir.control.keepalived.ServiceSettings.CheckSettings;

/** {@code BFD_CHECK}: is a {@code bfd_instance} up? It asks nobody; it looks every 50 ms what the session has come to. */
final class BfdChecker implements Checker {
    private static final long LOOK_MS = 50;

    @Override
    public String keyword() {
        return BFD_CHECK;
    }

    @Override
    public boolean hasEndpoint() {
        return false;
    }

    @Override
    public int defaultRetries() {
        return 0;
    }

    @Override
    public long fixedDelayLoopMs() {
        return LOOK_MS;
    }

    @Override
    public Object options(Block block, String virtualHost) {
        if (!block.has("name")) {
            block.report().wrong(block.statement(), "'name' of a bfd_instance is missing");
        }
        return block.text("name", "");
    }

    @Override
    public Probe probe(CheckSettings check, CheckLoop loop) {
        final String name = (String) check.options();
        return new Probe() {
            @Override
            public void start(Outcome outcome) {
                outcome.done(
                        loop.bfd().test(name)
                                ? CheckResult.up("BFD session " + name + " is up")
                                : CheckResult.down("BFD session " + name + " is down"));
            }

            @Override
            public void cancel() {}
        };
    }
}
