/** Packet bytes. */
@NullMarked
package io.weir.packet;

import org.jspecify.annotations.NullMarked;
