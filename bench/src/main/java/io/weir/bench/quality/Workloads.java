package io.weir.bench.quality;

import io.weir.packet.IpAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/**
 * The registry of generated workloads: <b>one line in {@link #ALL} adds one</b>.
 *
 * <p>All of them bring each server {@value #RATE_PER_SERVER} connections a second of {@value #MEAN_SECONDS} s on average,
 * from {@value #CLIENTS_PER_SERVER} clients and to {@value #SITES_PER_SERVER} sites a server, so that what differs is the
 * shape alone. Sites are popular by Zipf's law; only dh, lblc and lblcr look at them.
 */
public final class Workloads {
    private static final double NS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final int RATE_PER_SERVER = 10;
    private static final double MEAN_SECONDS = 5;
    private static final int CLIENTS_PER_SERVER = 200;
    private static final int SITES_PER_SERVER = 50;
    /** Twice what a server has on average. */
    private static final int WEIGHT = 100;

    private static final int[] UNEQUAL_WEIGHTS = {25, 50, 100, 225};
    private static final double PARETO_SHAPE = 1.3;
    private static final int HEAVY_CLIENTS = 5;
    private static final double BURST_SECONDS = 2;
    private static final double SILENCE_SECONDS = 6;

    private static final List<Entry> ALL = List.of(
            new Entry("poisson", "Poisson arrivals", Workloads::poisson),
            new Entry("bursty", "bursts of four times the rate, then silence", Workloads::bursty),
            new Entry("heavy-tailed", "Pareto durations: most short, a few very long", Workloads::heavyTailed),
            new Entry("heavy-clients", "five clients open half of all connections", Workloads::heavyClients),
            new Entry("unequal", "servers of weight 25, 50, 100 and 225", Workloads::unequal),
            new Entry("outage", "Poisson arrivals; one server dies at 40 % and returns at 60 %", Workloads::outage));

    private Workloads() {}

    /** Makes a workload of a name, a number of servers, a length and a seed. */
    @FunctionalInterface
    private interface Generator {
        Workload generate(String name, int servers, long durationNs, SplittableRandom random);
    }

    private record Entry(String name, String title, Generator generator) {}

    public static List<String> names() {
        return ALL.stream().map(Entry::name).toList();
    }

    /** What a workload is, in a few words; its name if it was not generated. */
    public static String title(String name) {
        return ALL.stream()
                .filter(entry -> entry.name.equals(name))
                .map(Entry::title)
                .findFirst()
                .orElse(name);
    }

    /** Makes one; the same for the same arguments. IllegalArgumentException if there is none of that name. */
    public static Workload generate(String name, int servers, long durationNs, long seed) {
        final Entry found = ALL.stream()
                .filter(entry -> entry.name.equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no such workload: name=" + name));
        return found.generator.generate(name, servers, durationNs, new SplittableRandom(seed));
    }

    /** All servers alike. */
    static int[] equalWeights(int servers) {
        final int[] weights = new int[servers];
        Arrays.fill(weights, WEIGHT);
        return weights;
    }

    private static Workload poisson(String name, int servers, long durationNs, SplittableRandom random) {
        final List<Arrival> arrivals = new ArrayList<>();
        final double rate = RATE_PER_SERVER * servers;
        for (double at = exponential(random, 1 / rate);
                at * NS_PER_SECOND < durationNs;
                at += exponential(random, 1 / rate)) {
            arrivals.add(arrival(at, client(random, servers), servers, exponential(random, MEAN_SECONDS), random));
        }
        return new Workload(name, arrivals, equalWeights(servers), durationNs, Workload.Outage.NONE);
    }

    private static Workload bursty(String name, int servers, long durationNs, SplittableRandom random) {
        final List<Arrival> arrivals = new ArrayList<>();
        final double rate = RATE_PER_SERVER * servers * (BURST_SECONDS + SILENCE_SECONDS) / BURST_SECONDS;
        double at = 0;
        double burstEnd = exponential(random, BURST_SECONDS);
        while (at * NS_PER_SECOND < durationNs) {
            at += exponential(random, 1 / rate);
            if (at > burstEnd) {
                at = burstEnd + exponential(random, SILENCE_SECONDS);
                burstEnd = at + exponential(random, BURST_SECONDS);
            }
            if (at * NS_PER_SECOND < durationNs) {
                arrivals.add(arrival(at, client(random, servers), servers, exponential(random, MEAN_SECONDS), random));
            }
        }
        return new Workload(name, arrivals, equalWeights(servers), durationNs, Workload.Outage.NONE);
    }

    private static Workload heavyTailed(String name, int servers, long durationNs, SplittableRandom random) {
        final Workload base = poisson(name, servers, durationNs, random);
        final double shortest = MEAN_SECONDS * (PARETO_SHAPE - 1) / PARETO_SHAPE;
        return with(
                base,
                base.arrivals().stream()
                        .map(a -> new Arrival(
                                a.startNs(),
                                a.client(),
                                a.port(),
                                a.destination(),
                                ns(shortest / Math.pow(1 - random.nextDouble(), 1 / PARETO_SHAPE))))
                        .toList());
    }

    private static Workload heavyClients(String name, int servers, long durationNs, SplittableRandom random) {
        final Workload base = poisson(name, servers, durationNs, random);
        return with(
                base,
                base.arrivals().stream()
                        .map(a -> random.nextBoolean()
                                ? new Arrival(
                                        a.startNs(),
                                        address(random.nextInt(HEAVY_CLIENTS)),
                                        a.port(),
                                        a.destination(),
                                        a.durationNs())
                                : a)
                        .toList());
    }

    private static Workload unequal(String name, int servers, long durationNs, SplittableRandom random) {
        final Workload base = poisson(name, servers, durationNs, random);
        final int[] weights = new int[servers];
        Arrays.setAll(weights, i -> UNEQUAL_WEIGHTS[i % UNEQUAL_WEIGHTS.length]);
        return new Workload(name, base.arrivals(), weights, durationNs, Workload.Outage.NONE);
    }

    private static Workload outage(String name, int servers, long durationNs, SplittableRandom random) {
        return poisson(name, servers, durationNs, random).withOutage(name);
    }

    private static Workload with(Workload base, List<Arrival> arrivals) {
        return new Workload(base.name(), arrivals, base.weights(), base.durationNs(), base.outage());
    }

    private static Arrival arrival(
            double atSeconds, IpAddress client, int servers, double seconds, SplittableRandom random) {
        final int port = 1024 + random.nextInt(64_000);
        return new Arrival(ns(atSeconds), client, port, site(random, SITES_PER_SERVER * servers), ns(seconds));
    }

    private static IpAddress client(SplittableRandom random, int servers) {
        return address(random.nextInt(CLIENTS_PER_SERVER * servers));
    }

    /** Scattered over the whole of 11.0.0.0/8, as clients are; no two alike. */
    private static IpAddress address(int number) {
        return new IpAddress(0, IpAddress.v4(0x0B00_0000 | number * 0x9E3779 & 0x00FF_FFFF));
    }

    /** The n-th site is asked for 1/n as often as the first, nearly. */
    private static IpAddress site(SplittableRandom random, int sites) {
        final int number = (int) Math.pow(sites + 1.0, random.nextDouble()) - 1;
        return new IpAddress(0, IpAddress.v4(0xC612_0000 + number));
    }

    private static double exponential(SplittableRandom random, double mean) {
        return -mean * Math.log(1 - random.nextDouble());
    }

    private static long ns(double seconds) {
        return (long) (seconds * NS_PER_SECOND);
    }
}
