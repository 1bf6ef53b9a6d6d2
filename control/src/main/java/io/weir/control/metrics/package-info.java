/**
 * {@code /metrics} for Prometheus: what the director, its services and its servers do, by its conventions of names and
 * units.
 *
 * <p>Read in this order: MetricsServer (the endpoint), Families (how a metric is made), TableMetrics and WorkerMetrics (what
 * there is).
 */
@NullMarked
package io.weir.control.metrics;

import org.jspecify.annotations.NullMarked;
