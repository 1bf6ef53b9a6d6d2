/**
 * Health checks: which real servers are alive, and what that means for the services.
 *
 * <p>Read in this order: HealthMonitor (the whole), ServiceHealth (quorum, sorry server, which servers are in the pool),
 * CheckState (one check: when it runs, when it counts), Checker and Checkers (the kinds), TcpProbe and Conversation (how
 * a kind that talks TCP is written).
 *
 * <p><b>Thread</b>: all of it runs on one thread, {@code weir-health}; scripts and TLS arithmetic run beside it and hand
 * their results back. <b>Source</b>: keepalived 2.2, keepalived.conf(5).
 */
@NullMarked
package io.weir.control.health;

import org.jspecify.annotations.NullMarked;
