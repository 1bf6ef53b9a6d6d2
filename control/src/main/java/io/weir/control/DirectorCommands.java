package io.weir.control;

import io.weir.control.ipvsadm.Ipvsadm;
import io.weir.control.ipvsadm.LookupNames;
import io.weir.control.ipvsadm.NameService;
import io.weir.control.ipvsadm.SystemNames;
import io.weir.control.state.DirectorState;
import io.weir.dataplane.DataPlane;
import io.weir.service.DestinationLoad;
import io.weir.service.SlotCounters;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/** The director's state, the counters it shares with the worker, and the one way in: ipvsadm's lines. */
final class DirectorCommands {
    private static final int MOST_SERVERS = 262_144;
    private static final int MOST_SERVICES = 32_768;

    private final SlotCounters serviceCounters;
    private final DirectorState state;
    private final NameService names;
    private final Ipvsadm ipvsadm;
    private @Nullable DataPlane dataPlane;

    DirectorCommands() {
        this(MOST_SERVERS, MOST_SERVICES);
    }

    /** For tables of that size at most. */
    DirectorCommands(int mostServers, int mostServices) {
        this(mostServers, mostServices, new SystemNames());
    }

    /** The same, with names of its own. */
    DirectorCommands(int mostServers, int mostServices, NameService names) {
        this.names = names;
        final DestinationLoad load = new DestinationLoad(
                new SlotCounters(memory(mostServers * SlotCounters.ROW_BYTES)), memory(mostServers));
        serviceCounters = new SlotCounters(memory(mostServices * SlotCounters.ROW_BYTES));
        state = new DirectorState(load, serviceCounters, new SecureRandom().nextLong(), System.nanoTime());
        ipvsadm = new Ipvsadm(state, names, () -> dataPlane == null ? List.of() : ConnectionWalk.of(dataPlane));
    }

    private static UnsafeBuffer memory(int bytes) {
        return new UnsafeBuffer(ByteBuffer.allocateDirect(bytes + SlotCounters.ROW_BYTES)
                .alignedSlice(SlotCounters.ROW_BYTES)
                .slice(0, bytes));
    }

    DirectorState state() {
        return state;
    }

    ShadowWords shadows() {
        return new ShadowWords(state, names);
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

    /** Reads a restore line; may wait for a name server, so hold no lock. */
    Ipvsadm.Prepared prepareLine(String line) {
        return ipvsadm.prepareLine(line);
    }

    /** Reads a command line; may wait for a name server, so hold no lock. */
    Ipvsadm.Prepared prepare(List<String> words, String input) {
        return ipvsadm.prepare(words, input);
    }

    /**
     * Does what was prepared; a listing by name is done again once the names it lacked are known.
     *
     * @param turn does one turn on the state, under the director's lock
     */
    Ipvsadm.Result execute(Ipvsadm.Prepared prepared, Function<Turn, Ipvsadm.Result> turn) {
        final LookupNames shown = new LookupNames(names);
        Ipvsadm.Result result = turn.apply(() -> ipvsadm.perform(prepared, shown));
        if (prepared.isListing() && shown.resolve()) {
            result = turn.apply(() -> ipvsadm.perform(prepared, shown));
        }
        return result;
    }

    /** Something to do on the state. */
    @FunctionalInterface
    interface Turn {
        Ipvsadm.Result take();
    }
}
