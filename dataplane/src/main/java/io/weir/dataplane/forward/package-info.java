/**
 * The forwarding methods: how a packet reaches the real server of its connection, and a reply its client.
 *
 * <p>One file each, found by the number that the connection's record holds. A method rewrites bytes and asks Egress for
 * the way out; it chooses no server and keeps nothing of a connection but what is in the table. To add one, write its file
 * and its line in {@link io.weir.dataplane.forward.ForwardingMethods}.
 *
 * <p><b>Read in this order</b>: ForwardingMethod, DirectRouting, Masquerading, Tunnelling with OuterHeader, FullNat with
 * LocalAddressPool.
 */
@NullMarked
package io.weir.dataplane.forward;

import org.jspecify.annotations.NullMarked;
