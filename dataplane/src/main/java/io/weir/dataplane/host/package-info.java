/**
 * The host's side of a VIP: what the kernel's own stack would answer to a packet that no service takes.
 *
 * <p>The builders write one complete layer-3 packet where the caller says and return its length, 0 for "nothing to
 * send"; they keep no state and never look at tables. What leaves compares byte for byte with Linux 6.1, but for numbers
 * nobody can predict there either (IPv4 identification, IPv6 flow label, which is 0 here). IP options of the packet
 * answered are not echoed.
 *
 * <p>Read in this order: HostStack, IcmpErrors, TcpResets, NeighbourDiscovery.
 */
@NullMarked
package io.weir.dataplane.host;

import org.jspecify.annotations.NullMarked;
