/**
 * From what the director does to what a configuration wants: the difference, what it means for live connections, and the
 * table as a file.
 *
 * <p>Read in this order: Difference (which lines lead from one table to another), Impact (whom they touch), StateFile.
 *
 * <p><b>Thread</b>: the director's, under its lock, unless said otherwise.
 */
@NullMarked
package io.weir.control.plan;

import org.jspecify.annotations.NullMarked;
