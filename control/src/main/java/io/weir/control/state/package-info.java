/** The director's master copy of its configuration, and what is read of its counters. */
@NullMarked
package io.weir.control.state;

import org.jspecify.annotations.NullMarked;
