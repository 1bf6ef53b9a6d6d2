/**
 * {@code /metrics} for Prometheus: what the director, its services and its servers do, by its conventions of names and
 * units.
 *
 * <p>Read in this order: MetricsServer (the endpoint), Families (how a metric is made), TableMetrics, WorkerMetrics and
 * AvailabilityMetrics (what there is), TextExposition (how it is written).
 */
@NullMarked
package io.weir.control.metrics;

import org.jspecify.annotations.NullMarked;
