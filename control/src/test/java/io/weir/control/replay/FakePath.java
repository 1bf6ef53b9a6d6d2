package io.weir.control.replay;

import io.weir.control.state.ConnectionInfo;
import io.weir.dataplane.ConfigSnapshot;
import io.weir.dataplane.SteppedWorker.Sink;
import io.weir.dataplane.sync.SyncLink;
import io.weir.service.DestinationLoad;
import io.weir.service.SlotCounters;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/** A data plane that sends each frame back to where it came from, and notes when it was asked. */
final class FakePath implements ReplayPath {
    private static final int SLOTS = 256;

    final List<Long> times = new ArrayList<>();
    final List<ConfigSnapshot> published = new ArrayList<>();
    List<ConnectionInfo> connections = List.of();
    private final SyncLink sync = new SyncLink();

    private final DestinationLoad load =
            new DestinationLoad(new SlotCounters(memory(SLOTS * SlotCounters.ROW_BYTES)), memory(SLOTS));
    private final SlotCounters serviceCounters = new SlotCounters(memory(SLOTS * SlotCounters.ROW_BYTES));

    private static UnsafeBuffer memory(int bytes) {
        return new UnsafeBuffer(ByteBuffer.allocateDirect(bytes));
    }

    @Override
    public void publish(ConfigSnapshot snapshot) {
        published.add(snapshot);
    }

    @Override
    public void process(byte[] frame, int ingress, long nowNs, Sink sink) {
        times.add(nowNs);
        sink.frame(new UnsafeBuffer(frame), 0, frame.length, ingress);
    }

    @Override
    public void advance(long nowNs, Sink sink) {
        // nothing happens by itself
    }

    @Override
    public boolean isWaiting() {
        return false;
    }

    @Override
    public String verdict() {
        return "TRANSMIT";
    }

    @Override
    public String reason() {
        return "";
    }

    @Override
    public @Nullable ConnectionInfo connection(long nowNs) {
        return connections.isEmpty() ? null : connections.get(0);
    }

    @Override
    public List<ConnectionInfo> connections(long nowNs) {
        return connections;
    }

    @Override
    public DestinationLoad load() {
        return load;
    }

    @Override
    public SlotCounters serviceCounters() {
        return serviceCounters;
    }

    @Override
    public SyncLink sync() {
        return sync;
    }

    @Override
    public void close() {
        // the buffers are garbage like any other
    }
}
