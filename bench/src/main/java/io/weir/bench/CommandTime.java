package io.weir.bench;

import io.weir.control.ControlClient;
import io.weir.control.lab.Background;
import io.weir.control.lab.Lab;
import io.weir.control.lab.LabConfig;
import io.weir.control.lab.LabMethod;
import io.weir.control.lab.LabOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * How long a command line takes from start to end: Weir's {@code ipvsadm -Ln} against a director of its own, beside the
 * kernel's tool. Needs root, for the director's namespace.
 *
 * <p>Where the kernel has no IPVS the kernel's tool only prints its version, which is the least it can do: the ratio is
 * then against us. The two take turns, so that a busy moment hits both.
 */
final class CommandTime {
    private static final int DEFAULT_TURNS = 40;
    private static final int WARM_UP = 3;
    private static final double NS_PER_MS = 1e6;
    private static final Path KERNEL_TOOL = Path.of("/usr/sbin/ipvsadm");
    private static final int MEDIAN = 50;
    private static final int NINETIETH = 90;
    private static final int ALL = 100;

    private CommandTime() {}

    /** {@code [TURNS]}. */
    static int run(String[] arguments) {
        final int turns = arguments.length > 0 ? Integer.parseInt(arguments[0]) : DEFAULT_TURNS;
        final Path ours = Path.of("control/src/main/dist/bin/ipvsadm").toAbsolutePath();
        try (Lab lab = Lab.create(LabOptions.of(LabMethod.NAT));
                Background director = lab.startDirector(LabConfig.of(lab))) {
            measure(ours, ControlClient.socket(lab.name()), turns);
            return director.isAlive() ? 0 : 1;
        } catch (IOException e) {
            System.err.println("cli: " + e.getMessage());
            return 1;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 1;
        }
    }

    private static void measure(Path ours, Path socket, int turns) throws IOException, InterruptedException {
        final List<String> weir = List.of(ours.toString(), "-Ln");
        final boolean both = Files.isExecutable(KERNEL_TOOL);
        final boolean ipvs = Files.exists(Path.of("/proc/net/ip_vs"));
        final List<String> kernel = List.of(KERNEL_TOOL.toString(), ipvs ? "-Ln" : "--help");
        final List<Long> weirNs = new ArrayList<>();
        final List<Long> kernelNs = new ArrayList<>();
        for (int i = 0; i < turns + WARM_UP; i++) {
            final long first = time(weir, socket);
            final long second = both ? time(kernel, socket) : 0;
            if (i >= WARM_UP) {
                weirNs.add(first);
                kernelNs.add(second);
            }
        }
        System.out.print(Conditions.describe(List.of(), "cli " + turns));
        print("weir   " + String.join(" ", weir), weirNs);
        if (both) {
            print("kernel " + String.join(" ", kernel), kernelNs);
            System.out.printf(
                    Locale.ROOT,
                    "ratio of medians: %.1f%n",
                    ms(weirNs, MEDIAN) / Math.max(0.001, ms(kernelNs, MEDIAN)));
        }
    }

    private static long time(List<String> command, Path socket) throws IOException, InterruptedException {
        final ProcessBuilder builder = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().put("WEIR_SOCKET", socket.toString());
        final long start = System.nanoTime();
        final Process process = builder.start();
        final int status = process.waitFor();
        final long took = System.nanoTime() - start;
        if (status != 0 && !command.contains("--help")) {
            throw new IOException(String.join(" ", command) + " ended with status " + status);
        }
        return took;
    }

    private static void print(String what, List<Long> times) {
        System.out.printf(
                Locale.ROOT,
                "%-70s p50 %6.1f ms  p90 %6.1f ms  max %6.1f ms%n",
                what,
                ms(times, MEDIAN),
                ms(times, NINETIETH),
                ms(times, ALL));
    }

    private static double ms(List<Long> times, int percent) {
        final long[] sorted = times.stream().mapToLong(Long::longValue).sorted().toArray();
        return sorted[Math.min(sorted.length - 1, sorted.length * percent / 100)] / NS_PER_MS;
    }
}
