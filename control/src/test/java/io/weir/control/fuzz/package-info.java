/**
 * Differential fuzzing: random scenarios, each run through the kernel's IPVS and through the replay, and compared.
 *
 * <p>{@link io.weir.control.fuzz.ScenarioGenerator} makes a scenario from a seed, {@link io.weir.control.fuzz.Guest} asks
 * the kernel, {@link io.weir.control.fuzz.Shrinker} makes a difference short. docs/conformance.md tells how it is used.
 */
@NullMarked
package io.weir.control.fuzz;

import org.jspecify.annotations.NullMarked;
