package io.weir.sched;

import io.weir.service.Destination;
import java.util.List;
import java.util.function.ToIntFunction;

/**
 * What a destination counts while it is being warmed up: {@link Destination#ramp} parts of {@link Destination#FULL_RAMP}
 * of its weight.
 *
 * <p>Who is warmed up, and how far it is, the director decides; schedulers see a weight.
 */
final class SlowStart {
    private SlowStart() {}

    /** Weights in whose proportions is shared out; as they are if nobody is warmed up. */
    static int[] shares(List<Destination> destinations, ToIntFunction<Destination> weightOf) {
        final int[] weights = destinations.stream().mapToInt(weightOf).toArray();
        int lightest = Integer.MAX_VALUE;
        for (int i = 0; i < weights.length; i++) {
            if (destinations.get(i).ramp() < Destination.FULL_RAMP && weights[i] > 0) {
                lightest = Math.min(lightest, weights[i]);
            }
        }
        if (lightest == Integer.MAX_VALUE) {
            return weights;
        }
        // As little as needed, so that one part of the lightest is at least 1.
        final int needed = (Destination.FULL_RAMP + lightest - 1) / lightest;
        final int factor = Math.min(needed, Integer.MAX_VALUE / WeightedTurns.max(weights));
        for (int i = 0; i < weights.length; i++) {
            weights[i] = part(weights[i] * factor, destinations.get(i).ramp());
        }
        return weights;
    }

    /** Weights that are numbers of something. */
    static int[] numbers(List<Destination> destinations) {
        return destinations.stream().mapToInt(d -> part(d.weight(), d.ramp())).toArray();
    }

    /** That many parts of a weight, rounded to the nearest, at least 1 if the weight is. */
    static int part(int weight, int ramp) {
        if (ramp == Destination.FULL_RAMP || weight == 0) {
            return weight;
        }
        final long parts = (long) weight * ramp;
        return (int) Math.max(1, (parts + Destination.FULL_RAMP / 2) / Destination.FULL_RAMP);
    }
}
