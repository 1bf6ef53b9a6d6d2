package io.weir.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReceiveCpusTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path root;

    private void write(String file, String text) throws IOException {
        final Path path = root.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text + "\n");
    }

    private List<String> shared(Integer... workers) {
        return new ReceiveCpus(root.resolve("proc"), root.resolve("sys")).shared(List.of(workers), List.of("eth0"));
    }

    @Test
    void shouldFindInterruptsOnAWorkersCpu() throws IOException {
        write("sys/class/net/eth0/device/msi_irqs/41", "msix");
        write("sys/class/net/eth0/device/msi_irqs/42", "msix");
        write("proc/irq/41/effective_affinity_list", "0");
        write("proc/irq/42/effective_affinity_list", "2-3,9");

        assertEquals(List.of(), shared(1, 4));
        assertEquals(1, shared(1, 3).size());
        assertTrue(shared(3).get(0).contains("cpu 3 is a worker's, and takes interrupts of eth0"));
        assertEquals(2, shared(0, 9).size());
    }

    @Test
    void shouldFindRpsOnAWorkersCpu() throws IOException {
        write("sys/class/net/eth0/queues/rx-0/rps_cpus", "00000001,0000000c");
        write("sys/class/net/eth0/queues/tx-0/xps_cpus", "2");

        assertEquals(List.of(), shared(0, 1));
        assertTrue(shared(2).get(0).contains("RPS receives for eth0"));
        assertEquals(1, shared(32).size());
    }

    @Test
    void shouldSayNothingOfWhatIsNotThere() throws IOException {
        assertEquals(List.of(), shared(0, 1, 2));
        write("sys/class/net/eth0/queues/rx-0/rps_cpus", "?");
        assertEquals(List.of(), shared(0, 1, 2));
    }
}
