/**
 * Bidirectional forwarding detection: does a neighbour still hear us, many times a second? Asynchronous mode over one hop.
 *
 * <p>Read in this order: BfdPacket (the bytes), BfdSession (the state machine, without sockets or clocks), BfdEngine (sockets
 * and time). Health checks ({@code BFD_CHECK}) and VRRP ({@code track_bfd}) ask the engine for a session's state.
 */
@NullMarked
package io.weir.control.bfd;

import org.jspecify.annotations.NullMarked;
