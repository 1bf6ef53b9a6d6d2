package io.weir.control.health;

import io.weir.control.keepalived.ServiceSettings;
import io.weir.control.keepalived.ServiceSettings.ServerSettings;

/** Is told of what the health checks have decided; on the health thread, so it returns at once. */
public interface HealthEvents {
    /** A server has come or gone. */
    void server(ServiceSettings service, ServerSettings server, boolean up, String why);

    /** A quorum was gained or lost. */
    void quorum(ServiceSettings service, boolean up, long weight);
}
