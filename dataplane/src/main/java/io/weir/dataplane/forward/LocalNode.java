package io.weir.dataplane.forward;

import io.weir.dataplane.PacketContext;
import io.weir.dataplane.io.PacketBatch;

/** The real server is the director itself: its own stack takes the packet as it is. */
final class LocalNode implements ForwardingMethod {
    LocalNode(MethodTools tools) {}

    @Override
    public int code() {
        return 1;
    }

    @Override
    public String ipvsName() {
        return "Local";
    }

    @Override
    public String configName() {
        return "local";
    }

    @Override
    public String cliFlag() {
        return "";
    }

    @Override
    public boolean translatesReplies() {
        return false;
    }

    @Override
    public int in(PacketContext c) {
        return PacketBatch.PASS;
    }

    @Override
    public int out(PacketContext c) {
        return PacketBatch.PASS;
    }
}
