package io.weir.control;

import io.weir.control.config.ConfigException;
import io.weir.control.ipvsadm.TableLines;
import io.weir.control.plan.StateFile;
import io.weir.control.state.DirectorState;
import io.weir.control.state.ServiceEntry;
import io.weir.control.state.SyncDaemon;
import io.weir.dataplane.MarkRules;
import io.weir.sched.Schedulers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Saves the table when commands have changed it, and brings it back at the next start.
 *
 * <p><b>Thread</b>: {@link #text} under the director's lock, {@link #save} on a thread that may wait for the disk.
 */
final class StateKeeper {
    private static final Logger LOG = LoggerFactory.getLogger(StateKeeper.class);

    /** So many services are read under one lock: a millisecond or two before anything is compiled. */
    private static final int AT_ONCE = 100;

    private final @Nullable StateFile file;
    private Map<ServiceEntry, Kept> kept = new HashMap<>();
    private String basis;
    private volatile long savedRevision;
    private volatile String lastProblem = "";
    private boolean wasRestored;

    /** The lines of a service as long as nothing of it changes. */
    private record Kept(long version, String lines) {}

    /** What to write, in pieces: they are put together by the thread that may wait. */
    record Text(long revision, String basis, List<String> pieces) {
        Text {
            pieces = List.copyOf(pieces);
        }
    }

    StateKeeper(@Nullable Path file, String configuration) {
        this.file = file == null ? null : new StateFile(file);
        this.basis = StateFile.basis(configuration);
    }

    /** The configuration's own file was read again: what is saved from now on builds on it. */
    void basis(String configuration) {
        basis = StateFile.basis(configuration);
        savedRevision = -1;
    }

    /** What was saved over this configuration, or the configuration as it is. */
    Wanted restore(String name, Wanted configured) throws ConfigException {
        if (file == null) {
            return configured;
        }
        try {
            final String lines = file.read(basis);
            if (lines == null) {
                return configured;
            }
            final DirectorCommands restored = new DirectorCommands();
            final MarkRules marks = ConfigCheck.fill(name, configured.config(), restored);
            restored.state().clear();
            restored.state().stopDaemons();
            for (String line : lines.split("\n", -1)) {
                final Optional<String> problem =
                        Schedulers.considering(configured.config().plugins(), () -> restored.problemOf(line));
                if (problem.isPresent()) {
                    throw new IOException(problem.get() + "  (" + line + ")");
                }
            }
            wasRestored = true;
            return new Wanted(configured.text(), configured.config(), restored, marks);
        } catch (IOException e) {
            LOG.warn("event=state-ignored file={} problem=\"{}\"", file, e.getMessage());
            return configured;
        }
    }

    /** The state is as it was saved, or as the configuration says: nothing to save until it changes. */
    void unchanged(DirectorState state) {
        savedRevision = state.revision();
    }

    /** The director has started with {@code state}: says so if it was brought back. */
    void started(DirectorState state) {
        if (wasRestored) {
            LOG.info(
                    "event=state-restored file={} services={}",
                    file,
                    state.services().size());
        }
    }

    /**
     * Reads some of what has changed, so that {@link #text} finds it read: after a large table was loaded the lock is held
     * for a moment many times, not once for long.
     *
     * @return is there more?
     */
    boolean readSome(DirectorState state) {
        if (!isDue(state)) {
            return false;
        }
        int read = 0;
        for (ServiceEntry service : state.services()) {
            final Kept known = kept.get(service);
            if (known == null || known.version() != service.version()) {
                kept.put(service, read(service));
                read++;
                if (read == AT_ONCE) {
                    return true;
                }
            }
        }
        return false;
    }

    private boolean isDue(DirectorState state) {
        return file != null && state.revision() != savedRevision;
    }

    private static Kept read(ServiceEntry service) {
        return new Kept(service.version(), TableLines.service(service));
    }

    /** What there is to save; nothing if it is saved. */
    Optional<Text> text(DirectorState state) {
        if (!isDue(state)) {
            return Optional.empty();
        }
        final List<ServiceEntry> services = state.services();
        final List<String> pieces = new ArrayList<>(services.size() + 2);
        pieces.add(TableLines.timeouts(state) + "\n");
        final Map<ServiceEntry, Kept> current = new HashMap<>(services.size());
        // As TableLines.all has them.
        for (int i = services.size() - 1; i >= 0; i--) {
            final ServiceEntry service = services.get(i);
            final Kept known = kept.get(service);
            final Kept now = known != null && known.version() == service.version() ? known : read(service);
            current.put(service, now);
            pieces.add(now.lines());
        }
        kept = current;
        for (SyncDaemon daemon : state.daemons()) {
            pieces.add(TableLines.daemon(daemon) + "\n");
        }
        return Optional.of(new Text(state.revision(), basis, pieces));
    }

    /** Writes it; a disk that refuses is reported once, and tried again with the next call. */
    void save(Text text) {
        try {
            Objects.requireNonNull(file).write(text.basis(), String.join("", text.pieces()));
            savedRevision = text.revision();
            if (!lastProblem.isEmpty()) {
                LOG.info("event=state-saved file={} after=problem", file);
            }
            lastProblem = "";
        } catch (IOException e) {
            final String problem = String.valueOf(e.getMessage());
            if (!problem.equals(lastProblem)) {
                LOG.error("event=state-not-saved file={} problem=\"{}\"", file, problem);
            }
            lastProblem = problem;
        }
    }

    /** Why the last change is not on disk, or "". */
    String problem() {
        return lastProblem;
    }
}
