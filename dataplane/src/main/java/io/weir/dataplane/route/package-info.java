/**
 * Where a packet goes next: interfaces, routes, neighbours. Tables are immutable, the neighbour cache has one writer.
 *
 * <p>Read in this order: InterfaceInfo, RouteTable, NeighbourTable, FramePark.
 */
@NullMarked
package io.weir.dataplane.route;

import org.jspecify.annotations.NullMarked;
