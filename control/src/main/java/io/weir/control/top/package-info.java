/**
 * {@code weir top}: what is on the screen, without the terminal.
 *
 * <p>Read in this order: TopColumn (what there is), TopChoice (what the operator has chosen by keys), TopScreen (the lines).
 */
@NullMarked
package io.weir.control.top;

import org.jspecify.annotations.NullMarked;
