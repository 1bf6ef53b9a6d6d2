/**
 * The service model: virtual services, their real servers, and the tables a worker looks them up in.
 *
 * <p>Everything here is immutable and replaced as a whole, but for the counters, which live off-heap and are indexed by
 * slot. How a real server is chosen is {@code io.weir.sched}'s affair; who edits the model is the director's.
 *
 * <p><b>Read in this order</b>: ServiceKey, Destination, VirtualService, ServiceTable, DestinationTable, SlotCounters,
 * DestinationLoad, OverloadRule.
 */
@NullMarked
package io.weir.service;

import org.jspecify.annotations.NullMarked;
