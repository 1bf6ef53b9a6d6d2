package io.weir.control.health;

import io.weir.control.keepalived.CheckKind;
import io.weir.control.keepalived.ServiceSettings.CheckSettings;

/**
 * A kind of health check. Registered in {@link Checkers}; that line is all it takes to be usable in every configuration.
 *
 * <p><b>Thread</b>: {@code weir-health}.
 */
public interface Checker extends CheckKind {
    /** Makes one try; it is started once and either tells its result once or is cancelled. */
    Probe probe(CheckSettings check, CheckLoop loop);

    /** What makes the tries of one check, if they must know of those before. */
    default Tries tries(CheckSettings check, CheckLoop loop) {
        return () -> probe(check, loop);
    }

    /** Makes one try after the other. */
    @FunctionalInterface
    interface Tries {
        Probe next();
    }

    /** One try. */
    interface Probe {
        /** Begins; never blocks. */
        void start(Outcome outcome);

        /** Frees what it holds; no result after that. */
        void cancel();
    }

    /** Takes a result, on the health thread. */
    @FunctionalInterface
    interface Outcome {
        void done(CheckResult result);
    }
}
