/**
 * The commands a person types, and what they start: the director on devices, the demo, the check of a configuration.
 *
 * <p>Nothing here sees a packet. Read in this order: WeirMain, RunCommand, DirectorRun.
 */
@NullMarked
package io.weir.control;

import org.jspecify.annotations.NullMarked;
