package io.weir.control;

import io.weir.dataplane.io.linux.InterfaceControl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Remembers which interfaces merged received frames (GRO, LRO) or took VLAN tags out of them before the director switched
 * that off, so that a director that was killed has it put back by the next one. The file is in {@code /run}: a reboot forgets it, as it does the
 * setting.
 */
final class ReceiveMerging implements AutoCloseable {
    private final Path file;

    private ReceiveMerging(Path file) {
        this.file = file;
    }

    /** Puts back what a killed director of this name left, then notes how the interfaces are now. */
    static ReceiveMerging remember(String name, List<String> interfaces) throws IOException {
        final ReceiveMerging merging =
                new ReceiveMerging(ControlClient.socket(name).resolveSibling(name + ".merging"));
        merging.restoreLeftover();
        final List<String> lines = new ArrayList<>();
        for (String each : interfaces) {
            try (InterfaceControl control = new InterfaceControl(each)) {
                if (control.gro()) {
                    lines.add("gro " + each);
                }
                if (control.lro()) {
                    lines.add("lro " + each);
                }
                if (control.stripsTags()) {
                    lines.add("rxvlan " + each);
                }
            }
        }
        Files.createDirectories(merging.file.toAbsolutePath().getParent());
        Files.write(merging.file, lines);
        return merging;
    }

    private void restoreLeftover() throws IOException {
        if (!Files.exists(file)) {
            return;
        }
        for (String line : Files.readAllLines(file)) {
            final String name = line.substring(line.indexOf(' ') + 1);
            // It may be gone since.
            if (Files.exists(Path.of("/sys/class/net", name))) {
                try (InterfaceControl control = new InterfaceControl(name)) {
                    final boolean done =
                            switch (line.substring(0, line.indexOf(' '))) {
                                case "gro" -> control.gro(true);
                                case "lro" -> control.lro(true);
                                default -> control.stripsTags(true);
                            };
                    if (!done) {
                        throw new IOException("interface " + name + ": cannot be set as it was: " + line);
                    }
                }
            }
        }
        Files.delete(file);
    }

    /** The devices are closed and have put it back themselves. */
    @Override
    public void close() throws IOException {
        Files.deleteIfExists(file);
    }
}
