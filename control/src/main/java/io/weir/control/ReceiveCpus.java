package io.weir.control;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the kernel receives for an interface: a worker on the same CPU starves under load, since the kernel's part comes
 * first.
 *
 * <p>Two things put work on a CPU: the interrupts of the card's queues ({@code /proc/irq/N/smp_affinity_list}) and RPS
 * ({@code rps_cpus} of each queue). An interface without either, as veth, receives on its sender's CPU, which nobody here can
 * know.
 *
 * <p><b>Thread</b>: any.
 */
final class ReceiveCpus {
    private static final Logger LOG = LoggerFactory.getLogger(ReceiveCpus.class);
    private static final int HEX = 16;
    private static final int BITS_OF_DIGIT = 4;

    private final Path proc;
    private final Path sys;

    /** Looks below these two folders, {@code /proc} and {@code /sys}. */
    ReceiveCpus(Path proc, Path sys) {
        this.proc = proc;
        this.sys = sys;
    }

    /** Says in the log which workers share their CPU so. */
    static void warn(List<Integer> workers, List<String> interfaces) {
        new ReceiveCpus(Path.of("/proc"), Path.of("/sys"))
                .shared(workers, interfaces)
                .forEach(line -> LOG.warn("event=shared-cpu problem=\"{}\"", line));
    }

    /** A line for each worker's CPU that an interface receives on. */
    List<String> shared(List<Integer> workers, List<String> interfaces) {
        final List<String> lines = new ArrayList<>();
        for (String name : interfaces) {
            final BitSet byInterrupt = interruptCpus(name);
            final BitSet byRps = rpsCpus(name);
            for (int cpu : workers) {
                if (byRps.get(cpu)) {
                    lines.add("cpu " + cpu + " is a worker's, and RPS receives for " + name + " on it (rps_cpus)");
                } else if (byInterrupt.get(cpu)) {
                    lines.add("cpu " + cpu + " is a worker's, and takes interrupts of " + name + " (smp_affinity)");
                }
            }
        }
        return lines;
    }

    private BitSet interruptCpus(String name) {
        final BitSet cpus = new BitSet();
        final Path device = sys.resolve("class/net/" + name + "/device");
        // A virtio device's interrupts are its PCI parent's.
        for (Path irqs : List.of(device.resolve("msi_irqs"), device.resolve("../msi_irqs"))) {
            for (Path irq : entries(irqs)) {
                cpus.or(list(text(proc.resolve("irq/" + irq.getFileName() + "/effective_affinity_list"))));
            }
        }
        return cpus;
    }

    private BitSet rpsCpus(String name) {
        final BitSet cpus = new BitSet();
        for (Path queue : entries(sys.resolve("class/net/" + name + "/queues"))) {
            cpus.or(mask(text(queue.resolve("rps_cpus"))));
        }
        return cpus;
    }

    private static List<Path> entries(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(folder)) {
            return all.toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    private static String text(Path file) {
        try {
            return Files.isReadable(file) ? Files.readString(file).strip() : "";
        } catch (IOException e) {
            // The kernel has no such number: nothing is known.
            return "";
        }
    }

    /** As {@code 0-3,8}. */
    private static BitSet list(String text) {
        final BitSet cpus = new BitSet();
        if (text.matches("\\d{1,4}(-\\d{1,4})?(,\\d{1,4}(-\\d{1,4})?)*")) {
            for (String range : text.split(",", -1)) {
                final int dash = range.indexOf('-');
                final int first = Integer.parseInt(dash < 0 ? range : range.substring(0, dash));
                final int last = Integer.parseInt(range.substring(dash + 1));
                cpus.set(first, Math.max(first, last) + 1);
            }
        }
        return cpus;
    }

    /** As {@code 00000000,0000000c}, the lowest CPU last. */
    private static BitSet mask(String text) {
        final BitSet cpus = new BitSet();
        final String digits = text.replace(",", "");
        for (int i = 0; i < digits.length(); i++) {
            final int digit = Character.digit(digits.charAt(digits.length() - 1 - i), HEX);
            for (int bit = 0; digit > 0 && bit < BITS_OF_DIGIT; bit++) {
                cpus.set(i * BITS_OF_DIGIT + bit, (digit >> bit & 1) != 0);
            }
        }
        return cpus;
    }
}
