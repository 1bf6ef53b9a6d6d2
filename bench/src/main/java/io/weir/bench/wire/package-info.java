/**
 * Forwarding on the wire, beside other forwarders, in one run: {@code weir bench wire}.
 *
 * <p><b>Read in this order</b>: WireCommand, WireLab, Contestants, WireRun.
 */
@NullMarked
package io.weir.bench.wire;

import org.jspecify.annotations.NullMarked;
