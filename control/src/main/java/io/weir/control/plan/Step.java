package io.weir.control.plan;

import io.weir.service.ServiceKey;
import org.jspecify.annotations.Nullable;

/**
 * One line that changes the table, and what it changes.
 *
 * @param sign {@code +} comes, {@code -} goes, {@code ~} changes
 * @param line in ipvsadm's words
 * @param was what it replaces, or ""
 * @param service it concerns; none if null
 * @param slot of the server that goes or changes, or -1
 * @param effect on the connections of that server
 */
public record Step(char sign, String line, String was, @Nullable ServiceKey service, int slot, Effect effect) {
    /** What becomes of the connections of a server. */
    public enum Effect {
        /** Nothing. */
        NONE,
        /** They go on; no new ones come. */
        DRAIN,
        /** Their packets are dropped from now on. */
        BREAK
    }

    static Step of(char sign, String line, String was, @Nullable ServiceKey service) {
        return new Step(sign, line, was, service, -1, Effect.NONE);
    }
}
