package io.weir.control;

import io.weir.control.config.WeirConfig;
import io.weir.dataplane.io.linux.RouteSocket;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads the kernel's interfaces and routes again when the kernel says that they have changed, when the configuration has, and
 * now and then in any case: a table of a hundred thousand routes is not read every second.
 *
 * <p><b>Thread</b>: the director's, under its lock.
 */
final class NetworkWatch implements AutoCloseable {
    private static final int LOOKS_IN_ANY_CASE = 60;

    private final RouteSocket kernel = new RouteSocket();
    private @Nullable WeirConfig readFor;
    private int looks;

    /** What there is now, if that is something else than before. */
    @SuppressWarnings(
            "ReferenceEquality") // an applied configuration is another object; to compare a large one takes long
    Optional<Network> changed(WeirConfig config, Network before) throws RunException {
        final boolean told = kernel.changed();
        if (!told && looks++ % LOOKS_IN_ANY_CASE != 0 && config == readFor) {
            return Optional.empty();
        }
        // A look that fails is taken again at once.
        readFor = null;
        final Network now = Network.read(config);
        readFor = config;
        return Optional.of(now).filter(found -> !found.equals(before));
    }

    @Override
    public void close() {
        kernel.close();
    }
}
