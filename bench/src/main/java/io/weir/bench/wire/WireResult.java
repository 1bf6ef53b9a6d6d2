package io.weir.bench.wire;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What came out.
 *
 * @param conditions of the run
 * @param forwarders in the order of the registry
 * @param oneWire latency of one wire of the two and nobody who forwards, as in {@link Forwarder}
 * @param ratios of {@link Ratio#ALL}, where both took part
 * @param absent those that did not start, and why
 */
record WireResult(
        Map<String, String> conditions,
        List<Forwarder> forwarders,
        List<Double> oneWire,
        List<Measured> ratios,
        Map<String, String> absent) {
    /**
     * One contestant.
     *
     * @param mpps million frames a second at the sink, one for each round
     * @param loss part of the frames sent that did not arrive, one for each round
     * @param latency one way, in microseconds: p50, p99, p99.9, max
     */
    record Forwarder(String name, String what, List<Double> mpps, List<Double> loss, List<Double> latency) {
        double median() {
            return WireResult.median(mpps);
        }

        double medianLoss() {
            return WireResult.median(loss);
        }
    }

    /** A ratio with what it was in every round. */
    record Measured(String of, String to, List<Double> ratios, double median, String goal) {}

    /**
     * Who is compared with whom.
     *
     * @param goal the least that is wanted
     */
    record Ratio(String of, String to, String goal) {
        static final List<Ratio> ALL = List.of(
                new Ratio("weir-nat", "nft-rps", "1.6"),
                new Ratio("weir-nat-xdp", "nft-rps", "1.6"),
                new Ratio("weir-nat", "nft", "1.2"),
                new Ratio("weir-dr", "testpmd", "1.05"),
                new Ratio("weir-dr", "c-v3", "0.90"),
                new Ratio("weir-xdp", "testpmd-xdp", "0.85"),
                new Ratio("weir-dr", "route-rps", ""),
                new Ratio("weir-dr", "route", ""));

        /** Round by round: what disturbed one disturbed the other. */
        Measured measure(Forwarder a, Forwarder b) {
            final List<Double> ratios = IntStream.range(0, Math.min(a.mpps.size(), b.mpps.size()))
                    .mapToObj(i -> a.mpps.get(i) / b.mpps.get(i))
                    .toList();
            return new Measured(of, to, ratios, WireResult.median(ratios), goal);
        }
    }

    static double median(List<Double> values) {
        final List<Double> sorted = values.stream().sorted().toList();
        final int middle = sorted.size() / 2;
        return sorted.isEmpty()
                ? Double.NaN
                : sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }
}
