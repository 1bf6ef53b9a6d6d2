package io.weir.control.fuzz;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A scenario as the generator makes it and the shrinker takes it apart.
 *
 * @param sysctls {@code name=value}
 * @param net commands about marks and MTUs
 * @param rules commands before the first frame
 * @param steps frames, and commands among them, in order
 */
record FuzzScenario(List<String> sysctls, List<String> net, List<String> rules, List<Step> steps) {
    private static final int PCAP_MAGIC = 0xA1B2C3D4;
    private static final int PCAP_HEADER = 24;
    private static final int SNAP_LENGTH = 262_144;

    /** A frame, or a command (then the frame is empty). */
    // The bytes are handed on, never compared.
    @SuppressWarnings("ArrayRecordComponent")
    record Step(String command, byte[] frame) {
        static Step command(String line) {
            return new Step(line, new byte[0]);
        }

        static Step frame(byte[] frame) {
            return new Step("", frame);
        }

        boolean isFrame() {
            return frame.length > 0;
        }
    }

    /** Writes the folder that {@code weir replay} and the kernel's guest read. */
    void write(Path folder) throws IOException {
        Files.createDirectories(folder);
        final List<byte[]> frames = new ArrayList<>();
        final List<String> events = new ArrayList<>();
        for (Step step : steps) {
            if (step.isFrame()) {
                frames.add(step.frame());
            } else {
                events.add(frames.size() + " " + step.command());
            }
        }
        lines(folder.resolve("sysctls"), sysctls);
        lines(folder.resolve("net"), net);
        lines(folder.resolve("rules"), rules);
        lines(folder.resolve("events"), events);
        lines(folder.resolve("options"), List.of("autosnap=1"));
        Files.write(folder.resolve("input.pcap"), capture(frames));
    }

    private static void lines(Path file, List<String> lines) throws IOException {
        Files.write(file, lines, StandardCharsets.UTF_8);
    }

    private static byte[] capture(List<byte[]> frames) {
        final int size = frames.stream().mapToInt(frame -> 16 + frame.length).sum();
        final ByteBuffer capture = ByteBuffer.allocate(PCAP_HEADER + size)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(PCAP_MAGIC)
                .putShort((short) 2)
                .putShort((short) 4)
                .putLong(0)
                .putInt(SNAP_LENGTH)
                .putInt(1);
        for (byte[] frame : frames) {
            capture.putLong(0).putInt(frame.length).putInt(frame.length).put(frame);
        }
        return capture.array();
    }
}
