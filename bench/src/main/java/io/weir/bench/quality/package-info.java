/**
 * How well schedulers share out, beside how fast they are: all of them on the same arrivals, in virtual time, with the
 * product's own schedulers, services and counters.
 *
 * <p>Nothing here reads a clock: a seed and the options say everything about the result.
 *
 * <p>Read in this order: {@link io.weir.bench.quality.Arrival}, {@link io.weir.bench.quality.Workloads},
 * {@link io.weir.bench.quality.Simulation}, {@link io.weir.bench.quality.Quality}.
 */
@NullMarked
package io.weir.bench.quality;

import org.jspecify.annotations.NullMarked;
