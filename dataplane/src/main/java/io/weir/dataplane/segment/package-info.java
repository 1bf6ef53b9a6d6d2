/**
 * Cutting packets up and putting them together again: fragments, TCP segments, partial checksums.
 *
 * <p>Nothing here decides whether a packet is to be cut, that is egress's business. All classes belong to one worker and
 * write into memory the caller gives, but for {@link io.weir.dataplane.segment.Reassembler}, which has its own.
 *
 * <p>Read in this order: Fragmenter, TcpSegmenter, Reassembler.
 */
@NullMarked
package io.weir.dataplane.segment;

import org.jspecify.annotations.NullMarked;
