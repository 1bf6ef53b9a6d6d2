package io.weir.control.ipvsadm;

import io.weir.service.ServiceKey;
import org.jspecify.annotations.Nullable;

/**
 * What to list, and how.
 *
 * @param service only this one, or null for all
 * @param persistenceData with connections: name and data of the persistence engine
 */
public record ListOptions(
        Subject subject,
        View view,
        @Nullable ServiceKey service,
        boolean numeric,
        boolean sorted,
        boolean exact,
        boolean persistenceData) {
    /** What is listed. */
    public enum Subject {
        SERVICES,
        CONNECTIONS,
        TIMEOUTS,
        DAEMONS
    }

    /** Which columns services are shown with. */
    public enum View {
        PLAIN,
        STATS,
        RATE,
        THRESHOLDS,
        PERSISTENT_CONN,
        TUN_INFO
    }

    /** All services with weights and connection counts. */
    public static ListOptions all(boolean numeric) {
        return new ListOptions(Subject.SERVICES, View.PLAIN, null, numeric, true, false, false);
    }
}
