/** Recorded scenarios run through the director in virtual time: a capture in, a capture and listings out. */
@NullMarked
package io.weir.control.replay;

import org.jspecify.annotations.NullMarked;
