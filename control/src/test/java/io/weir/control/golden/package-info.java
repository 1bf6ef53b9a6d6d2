/**
 * Holds the director to what Linux does: recorded scenarios are replayed and the outcome is scored unit by unit.
 *
 * <p>The recordings are in {@code resources/corpus}, with a README of their own. Read {@link
 * io.weir.control.golden.ScenarioScore} for what a unit is, {@link io.weir.control.golden.FrameMask} for what cannot be
 * compared, {@link io.weir.control.golden.CorpusGoldenTest} for what must not get worse.
 */
@NullMarked
package io.weir.control.golden;

import org.jspecify.annotations.NullMarked;
