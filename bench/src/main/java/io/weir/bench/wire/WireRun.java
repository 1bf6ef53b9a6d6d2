package io.weir.bench.wire;

import io.weir.bench.quality.Progress;
import io.weir.bench.wire.WireResult.Forwarder;
import io.weir.bench.wire.WireResult.Measured;
import io.weir.bench.wire.WireResult.Ratio;
import io.weir.control.lab.LabException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/**
 * The rounds: each contestant starts, is warmed up, checked byte by byte, loaded, probed and stopped, and then the next one;
 * and all that again.
 */
final class WireRun {
    private static final int CHECKED = 64;
    private static final double CHECK_PPS = 2_000;
    /** So often a forwarder that loses frames is offered less. */
    private static final int LESS = 3;

    private static final double MUCH_LOSS = 0.01;
    private static final double PROBE_PPS = 20_000;
    private static final double NS_PER_US = 1_000;
    private static final long SLOWEST_NS = TimeUnit.SECONDS.toNanos(1);
    private static final long SETTLE_NS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final List<Double> PERCENTILES = List.of(50.0, 99.0, 99.9, 100.0);

    private final WireLab lab;
    private final WireOptions options;
    private final Progress progress;
    private final Map<String, String> absent = new LinkedHashMap<>();
    private final Map<Contestant, Figures> figures = new LinkedHashMap<>();
    private final Histogram oneWire = new Histogram(SLOWEST_NS, 3);

    private static final class Figures {
        private final List<Double> mpps = new ArrayList<>();
        private final List<Double> loss = new ArrayList<>();
        private final Histogram latency = new Histogram(SLOWEST_NS, 3);
    }

    WireRun(WireLab lab, WireOptions options, Progress progress) {
        this.lab = lab;
        this.options = options;
        this.progress = progress;
    }

    /** All rounds. If Weir forwards other bytes than it should, that is the end of it; a peer is left out. */
    WireResult run(Map<String, String> conditions) throws IOException {
        final List<Contestant> all = options.contestants();
        final int steps = all.size() * options.rounds();
        for (int round = 0; round < options.rounds(); round++) {
            probeOneWire();
            for (int i = 0; i < all.size(); i++) {
                final Contestant next = all.get(i);
                progress.step(round * all.size() + i + 1, steps, next.name());
                if (!absent.containsKey(next.name())) {
                    turn(next);
                }
            }
        }
        progress.end();
        return result(conditions);
    }

    private void turn(Contestant contestant) throws IOException {
        lab.reset();
        try (AutoCloseable running = contestant.starter().start(lab)) {
            Objects.requireNonNull(running);
            lab.send(options.bytes(), options.flows(), options.warmUpPps(), options.warmUpSeconds());
            check(contestant);
            load(contestant);
            probe(contestant);
        } catch (LabException e) {
            absent.put(contestant.name(), String.valueOf(e.getMessage()));
        } catch (IOException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException(contestant.name() + ": " + e.getMessage(), e);
        }
        lab.reset();
    }

    private void check(Contestant contestant) throws IOException {
        final Path frames = lab.folder().resolve("frames");
        final Path record = lab.folder().resolve("record");
        WireFrames.write(frames, CHECKED, options.flows(), options.bytes());
        lab.probe(frames, CHECK_PPS, CHECKED, record);
        final List<String> problems =
                WireFrames.problems(record, options.flows(), options.bytes(), contestant.change());
        if (!problems.isEmpty()) {
            final String wrong = contestant.name() + " forwards wrongly: " + problems.get(0);
            if (contestant.isOurs()) {
                throw new IOException(wrong);
            }
            throw new LabException(wrong);
        }
    }

    /**
     * What a forwarder can do, not how it breaks down: while more than a little is lost, it is offered less, half-way to what
     * arrived; the load of which most arrived counts.
     */
    private void load(Contestant contestant) {
        double offered = options.pps();
        Load best = load(offered);
        Load last = best;
        for (int n = 0; n < LESS && last.loss() > MUCH_LOSS && options.pps() == 0; n++) {
            offered = (last.sent + last.arrived) / 2;
            last = load(offered);
            if (last.arrived > best.arrived) {
                best = last;
            }
        }
        final Figures of = figures.computeIfAbsent(contestant, c -> new Figures());
        of.mpps.add(best.arrived / 1e6);
        of.loss.add(best.loss());
    }

    /** Frames a second. */
    private record Load(double sent, double arrived) {
        double loss() {
            return Math.max(0, 1 - arrived / sent);
        }
    }

    private Load load(double pps) {
        final long before = lab.arrived();
        final double[] sent = lab.send(options.bytes(), options.flows(), pps, options.seconds());
        LockSupport.parkNanos(SETTLE_NS);
        return new Load(sent[0] / sent[1], (lab.arrived() - before) / sent[1]);
    }

    private void probe(Contestant contestant) throws IOException {
        final Histogram latency = figures.computeIfAbsent(contestant, c -> new Figures()).latency;
        if (options.probes() > 0) {
            record(
                    lab.probe(
                            allFrames(),
                            PROBE_PPS,
                            options.probes(),
                            lab.folder().resolve("record")),
                    latency);
        }
    }

    private void probeOneWire() throws IOException {
        if (options.probes() > 0) {
            lab.reset();
            record(
                    lab.probeOneWire(
                            allFrames(),
                            PROBE_PPS,
                            options.probes(),
                            lab.folder().resolve("record")),
                    oneWire);
        }
    }

    /** All of them: connection tracking refuses a frame whose number its checksum does not know. */
    private Path allFrames() throws IOException {
        final Path frames = lab.folder().resolve("frames");
        WireFrames.write(frames, options.probes(), options.flows(), options.bytes());
        return frames;
    }

    private static void record(List<Long> latencies, Histogram into) {
        for (long ns : latencies) {
            if (ns >= 0) {
                into.recordValue(Math.min(ns, SLOWEST_NS));
            }
        }
    }

    private static List<Double> percentiles(Histogram of) {
        return PERCENTILES.stream()
                .map(p -> of.getValueAtPercentile(p) / NS_PER_US)
                .toList();
    }

    private WireResult result(Map<String, String> conditions) {
        final Map<String, Forwarder> forwarders = new LinkedHashMap<>();
        figures.forEach((contestant, of) -> forwarders.put(
                contestant.name(),
                new Forwarder(
                        contestant.name(),
                        contestant.what(),
                        List.copyOf(of.mpps),
                        List.copyOf(of.loss),
                        percentiles(of.latency))));
        final List<Measured> ratios = new ArrayList<>();
        for (Ratio ratio : Ratio.ALL) {
            final Forwarder a = forwarders.get(ratio.of());
            final Forwarder b = forwarders.get(ratio.to());
            if (a != null && b != null) {
                ratios.add(ratio.measure(a, b));
            }
        }
        return new WireResult(conditions, List.copyOf(forwarders.values()), percentiles(oneWire), ratios, absent);
    }
}
