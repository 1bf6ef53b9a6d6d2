package io.weir.control;

import io.weir.control.ipvsadm.Ipvsadm;
import io.weir.control.ipvsadm.SystemNames;
import io.weir.control.state.DirectorState;
import io.weir.dataplane.DataPlane;
import io.weir.service.DestinationLoad;
import io.weir.service.SlotCounters;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/** The director's state, the counters it shares with the worker, and the one way in: ipvsadm's lines. */
final class DirectorCommands {
    private static final int MOST_SERVERS = 65_536;
    private static final int MOST_SERVICES = 16_384;

    private final SlotCounters serviceCounters = new SlotCounters(memory(MOST_SERVICES * SlotCounters.ROW_BYTES));
    private final DirectorState state;
    private final Ipvsadm ipvsadm;
    private @Nullable DataPlane dataPlane;

    DirectorCommands() {
        final DestinationLoad load = new DestinationLoad(
                new SlotCounters(memory(MOST_SERVERS * SlotCounters.ROW_BYTES)), memory(MOST_SERVERS));
        state = new DirectorState(load, serviceCounters, new SecureRandom().nextLong(), System.nanoTime());
        ipvsadm = new Ipvsadm(
                state, new SystemNames(), () -> dataPlane == null ? List.of() : ConnectionWalk.of(dataPlane));
    }

    private static UnsafeBuffer memory(int bytes) {
        return new UnsafeBuffer(ByteBuffer.allocateDirect(bytes + SlotCounters.ROW_BYTES)
                .alignedSlice(SlotCounters.ROW_BYTES)
                .slice(0, bytes));
    }

    DirectorState state() {
        return state;
    }

    SlotCounters serviceCounters() {
        return serviceCounters;
    }

    /** Where connections can be listed from now on. */
    void dataPlane(DataPlane running) {
        dataPlane = running;
    }

    /** Applies a line of the configuration; what ipvsadm would say against it, if anything. */
    Optional<String> problemOf(String line) {
        final Ipvsadm.Result result = ipvsadm.runLine(line);
        return result.status() == 0
                ? Optional.empty()
                : Optional.of(result.err().strip().replace('\n', ' '));
    }

    /** Runs a line and returns what ipvsadm would print. */
    String execute(String line) {
        final Ipvsadm.Result result = ipvsadm.runLine(line);
        return result.out() + result.err();
    }
}
