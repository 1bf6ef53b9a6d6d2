package io.weir.bench.wire;

import io.weir.bench.Conditions;
import io.weir.control.lab.Background;
import io.weir.control.lab.LabException;
import io.weir.control.lab.Shell;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code weir bench steady}: a director that never collects garbage, for as many packets as one wants, and what it loses. */
@Command(
        name = "weir bench steady",
        mixinStandardHelpOptions = true,
        description =
                "Forwards real frames for minutes by a director whose virtual machine cannot collect garbage (Epsilon), and says"
                        + " what it allocated at rest and by packet, what it lost, and what it loses when it is stopped for"
                        + " some milliseconds in every second. Needs root and two CPUs.")
public final class SteadyCommand implements Callable<Integer> {
    private static final double WARM_UP_SECONDS = 10;
    private static final double WARM_UP_PPS = 300_000;
    private static final int REST_SECONDS = 20;
    private static final double PIECE_SECONDS = 20;
    private static final int STOPS = 10;
    private static final long SETTLE_NS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final int BYTES = 60;
    private static final int FLOWS = 256;
    private static final Pattern EPSILON = Pattern.compile("\\[0x([0-9a-f]+), 0x([0-9a-f]+), 0x");

    @Option(names = "--packets", defaultValue = "100000000", description = "How many (default: 100000000).")
    private long packets;

    @Option(
            names = "--pps",
            defaultValue = "1000000",
            description = "Frames a second, if the sender can (default: 1000000).")
    private double pps;

    @Option(names = "--heap", defaultValue = "64m", description = "The director's heap (default: 64m).")
    private String heap = "64m";

    @Option(names = "--method", defaultValue = "nat", description = "nat or dr (default: nat).")
    private String method = "nat";

    @Option(names = "--stop", defaultValue = "20", description = "Milliseconds of each stop (default: 20; 0 for none).")
    private int stopMs;

    /** Sent and arrived. */
    private record Load(double sent, double arrived, double seconds) {
        private Load plus(Load other) {
            return new Load(sent + other.sent, arrived + other.arrived, seconds + other.seconds);
        }

        private String text() {
            return String.format(
                    Locale.ROOT,
                    "%,.0f sent in %.0f s (%.3f Mpps), %,.0f lost (%.5f %%)",
                    sent,
                    seconds,
                    sent / seconds / 1e6,
                    sent - arrived,
                    100 * (sent - arrived) / sent);
        }
    }

    private SteadyCommand() {}

    /** Runs it; returns the exit status. */
    public static int run(String[] arguments) {
        return new CommandLine(new SteadyCommand())
                .setExecutionExceptionHandler((problem, line, parsed) -> {
                    line.getErr().println("weir: " + problem.getMessage());
                    return 1;
                })
                .execute(arguments);
    }

    @Override
    public Integer call() throws IOException {
        final String flags = "-XX:-UseZGC -XX:+UnlockExperimentalVMOptions -XX:+UseEpsilonGC -Xms" + heap + " -Xmx"
                + heap + " -XX:SoftMaxHeapSize=" + heap;
        Conditions.of(List.of(flags), "steady")
                .forEach((name, value) -> System.out.printf(Locale.ROOT, "# %-8s %s%n", name, value));
        try (WireLab lab = WireLab.create()) {
            final Thread hook = new Thread(lab::close, "steady-clean-up");
            Runtime.getRuntime().addShutdownHook(hook);
            try (Background director = Contestants.weir(lab, method, "afpacket", true, flags)) {
                measure(lab, director);
                return director.isAlive() ? 0 : 1;
            } finally {
                Runtime.getRuntime().removeShutdownHook(hook);
            }
        } catch (LabException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private void measure(WireLab lab, Background director) {
        send(lab, WARM_UP_PPS, WARM_UP_SECONDS);
        // The first question makes the director load what answers it.
        used(director.pid());
        final long started = used(director.pid());
        say("the start, and warming up", String.format(Locale.ROOT, "%,d bytes allocated", started));
        LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(REST_SECONDS));
        final double perSecond = (used(director.pid()) - started) / (double) REST_SECONDS;
        say("at rest", String.format(Locale.ROOT, "%,.0f bytes a second", perSecond));
        final long before = used(director.pid());
        final long from = System.nanoTime();
        Load all = new Load(0, 0, 0);
        while (all.sent < packets) {
            all = all.plus(send(lab, pps, Math.min(PIECE_SECONDS, Math.max(1, (packets - all.sent) / pps))));
        }
        final double seconds = (System.nanoTime() - from) / 1e9;
        final double more = used(director.pid()) - before - seconds * perSecond;
        say("under load", all.text());
        say(
                "",
                String.format(
                        Locale.ROOT,
                        "%.4f bytes a packet beyond what it allocates at rest (%,.0f in all)",
                        more / all.arrived,
                        more));
        if (stopMs > 0) {
            say(
                    "stopped " + stopMs + " ms a second",
                    stopped(lab, director.pid()).text());
        }
    }

    private Load stopped(WireLab lab, long pid) {
        final double ms = stopMs / 1e3;
        // One shell for all: to start a program takes longer than a stop is to be.
        final String loop = String.format(
                Locale.ROOT,
                "for i in $(seq %d); do sleep 1; kill -STOP %d; sleep %.3f; kill -CONT %d; done",
                STOPS,
                pid,
                ms,
                pid);
        final Thread stopper = new Thread(() -> Shell.run("sh", "-c", loop));
        stopper.start();
        final Load load = send(lab, pps, STOPS + 1);
        try {
            stopper.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Shell.run("kill", "-CONT", Long.toString(pid));
        return load;
    }

    private static Load send(WireLab lab, double pps, double seconds) {
        final long before = lab.arrived();
        final double[] sent = lab.send(BYTES, FLOWS, pps, seconds);
        LockSupport.parkNanos(SETTLE_NS);
        return new Load(sent[0], lab.arrived() - before, sent[1]);
    }

    /** Bytes that were ever allocated. */
    private static long used(long pid) {
        final String jcmd =
                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        final Matcher matcher = EPSILON.matcher(Shell.must(jcmd, Long.toString(pid), "GC.heap_info"));
        if (!matcher.find()) {
            throw new LabException("jcmd does not say how much of the heap is used");
        }
        return Long.parseLong(matcher.group(2), 16) - Long.parseLong(matcher.group(1), 16);
    }

    private static void say(String what, String text) {
        System.out.printf(Locale.ROOT, "%-28s %s%n", what, text);
    }
}
