/**
 * Benchmarks, by JMH: how many nanoseconds a step takes, and that it allocates nothing.
 *
 * <p>Every class says its command line. A figure is worth what its conditions are: {@link io.weir.bench.BenchMain} prints
 * them with it. On a machine with few cores never compare two runs made minutes apart; run A, B, A, B.
 *
 * <p><b>Read in this order</b>: BenchMain, ConnectionTableBenchmark, SchedulerBenchmark.
 */
@NullMarked
package io.weir.bench;

import org.jspecify.annotations.NullMarked;
