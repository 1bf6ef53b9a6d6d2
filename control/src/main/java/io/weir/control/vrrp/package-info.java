/**
 * VRRP: which of several directors has the virtual addresses.
 *
 * <p>Read in this order: Election (the state machine of one instance, without a clock or a socket of its own),
 * VrrpPacket (the wire format), VrrpInstance (an election with its sockets and addresses), VrrpEngine (all instances,
 * sync groups, what they track), Announcer (gratuitous ARP and unsolicited neighbour advertisements).
 *
 * <p><b>Thread</b>: all of it runs on one thread, {@code weir-vrrp}. <b>Source</b>: RFC 3768, RFC 5798; keepalived 2.2
 * where the RFCs leave a choice.
 */
@NullMarked
package io.weir.control.vrrp;

import org.jspecify.annotations.NullMarked;
