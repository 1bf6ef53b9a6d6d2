/**
 * The connection table: which client belongs to which real server, and until when.
 *
 * <p>Here: records, the index, expiry, the protocol state machines, time-outs. Not here: packets (the caller hands over
 * plain longs and ints), services and schedulers (a record holds a destination slot, nothing more).
 *
 * <p><b>Thread</b>: a table has one owner, its worker. Everything else in the package is immutable.
 *
 * <p>Read in this order: {@link io.weir.conntrack.ConnectionLayout}, {@link io.weir.conntrack.ConnectionTable}, {@link
 * io.weir.conntrack.HashIndex}, {@link io.weir.conntrack.ExpiryWheel}, {@link io.weir.conntrack.TcpStateTable}.
 */
@NullMarked
package io.weir.conntrack;

import org.jspecify.annotations.NullMarked;
