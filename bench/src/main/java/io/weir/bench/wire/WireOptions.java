package io.weir.bench.wire;

import java.util.List;
import picocli.CommandLine.Option;

/** What is run, and how long. Everything is bounded: two minutes a load at most. */
final class WireOptions {
    private static final double WARM_UP_PPS = 300_000;
    private static final int MOST_PROBES = 65_536;
    private static final int MOST_FLOWS = 60_000;
    private static final double LONGEST_SECONDS = 120;

    @Option(names = "--rounds", defaultValue = "5", description = "Interleaved rounds (default: 5).")
    private int rounds;

    @Option(names = "--seconds", defaultValue = "2", description = "Of each load (default: 2, at most 120).")
    private double seconds;

    @Option(names = "--warm-up", defaultValue = "5", description = "Seconds of warming up (default: 5).")
    private double warmUp;

    @Option(names = "--bytes", defaultValue = "60", description = "Of a frame, 60 to 1514 (default: 60).")
    private int bytes;

    @Option(names = "--flows", defaultValue = "256", description = "Flows, at most 60000 (default: 256).")
    private int flows;

    @Option(names = "--pps", defaultValue = "0", description = "Frames a second; 0: as many as go (default).")
    private double pps;

    @Option(
            names = "--probes",
            defaultValue = "20000",
            description =
                    "Frames whose latency is taken in each round, one at a time, 20,000 a second (default: 20000).")
    private int probes;

    @Option(names = "--only", split = ",", paramLabel = "NAME", description = "These contestants; all if not given.")
    private List<String> only = List.of();

    /** IllegalArgumentException with a line for the user. */
    void check() {
        range("--rounds", rounds, 1, 100);
        range("--seconds", seconds, 0.1, LONGEST_SECONDS);
        range("--warm-up", warmUp, 0, LONGEST_SECONDS);
        range("--bytes", bytes, 60, 1514);
        range("--flows", flows, 1, MOST_FLOWS);
        range("--pps", pps, 0, 1e8);
        range("--probes", probes, 0, MOST_PROBES);
        final List<String> known =
                Contestants.ALL.stream().map(Contestant::name).toList();
        for (String name : only) {
            if (!known.contains(name)) {
                throw new IllegalArgumentException("--only: no such contestant: " + name + " " + known);
            }
        }
    }

    private static void range(String option, double value, double least, double most) {
        if (!(value >= least && value <= most)) {
            throw new IllegalArgumentException(option + ": must be from " + least + " to " + most + ", not " + value);
        }
    }

    List<Contestant> contestants() {
        return Contestants.ALL.stream()
                .filter(each -> only.isEmpty() || only.contains(each.name()))
                .toList();
    }

    int rounds() {
        return rounds;
    }

    double seconds() {
        return seconds;
    }

    double warmUpSeconds() {
        return warmUp;
    }

    double warmUpPps() {
        return WARM_UP_PPS;
    }

    int bytes() {
        return bytes;
    }

    int flows() {
        return flows;
    }

    double pps() {
        return pps;
    }

    int probes() {
        return probes;
    }

    String describe() {
        return String.format(
                java.util.Locale.ROOT,
                "%d rounds of %.1f s, %d-byte UDP frames, %d flows, %s, %d probes a round",
                rounds,
                seconds,
                bytes,
                flows,
                pps == 0 ? "as fast as the sender goes" : String.format(java.util.Locale.ROOT, "%,.0f a second", pps),
                probes);
    }
}
