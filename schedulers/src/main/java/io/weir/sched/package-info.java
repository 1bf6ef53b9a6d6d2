/**
 * The schedulers: each chooses the real server of a new connection exactly as the kernel module of its name does.
 *
 * <p>A scheduler sees a list of destinations, newest first, and their loads; no packet, no connection, no clock. It
 * belongs to one service; the director's thread builds a successor for every edit, workers call {@code schedule} at will.
 * To add one, write its file and its line in {@link io.weir.sched.Schedulers}.
 *
 * <p><b>Read in this order</b>: Scheduler, WlcScheduler, Candidates, RrScheduler, WrrScheduler, ShScheduler, MhScheduler,
 * Schedulers.
 */
@NullMarked
package io.weir.sched;

import org.jspecify.annotations.NullMarked;
