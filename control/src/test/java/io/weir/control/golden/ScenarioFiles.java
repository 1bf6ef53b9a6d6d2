package io.weir.control.golden;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * The files of one scenario folder, recorded or replayed; each may be missing, and may be gzipped.
 *
 * @param folder need not exist
 */
record ScenarioFiles(Path folder) {
    private static final int PCAP_MAGIC = 0xA1B2C3D4;
    private static final int PCAP_HEADER = 24;
    private static final int RECORD_HEADER = 16;

    private byte @Nullable [] bytes(String name) throws IOException {
        if (Files.exists(folder.resolve(name))) {
            return Files.readAllBytes(folder.resolve(name));
        }
        final Path zipped = folder.resolve(name + ".gz");
        if (!Files.exists(zipped)) {
            return null;
        }
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(Files.readAllBytes(zipped)))) {
            return in.readAllBytes();
        }
    }

    /** The lines of a text; none if there is no such file. */
    List<String> lines(String name) throws IOException {
        final byte[] bytes = bytes(name);
        return bytes == null
                ? List.of()
                : new String(bytes, StandardCharsets.UTF_8).lines().toList();
    }

    /** The lines of a table by column name. No value has a comma or a quote in it. */
    List<Map<String, String>> rows(String name) throws IOException {
        final List<Map<String, String>> rows = new ArrayList<>();
        String @Nullable [] columns = null;
        for (String line : lines(name)) {
            final String[] values = line.split(",", -1);
            if (columns == null) {
                columns = values;
            } else if (!line.isEmpty()) {
                final Map<String, String> row = new HashMap<>();
                for (int i = 0; i < Math.min(columns.length, values.length); i++) {
                    row.put(columns[i], values[i]);
                }
                rows.add(row);
            }
        }
        return rows;
    }

    /** The frames of a capture. */
    List<byte[]> frames(String name) throws IOException {
        final byte[] bytes = bytes(name);
        final List<byte[]> frames = new ArrayList<>();
        if (bytes == null || bytes.length < PCAP_HEADER) {
            return frames;
        }
        final ByteBuffer capture = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        if (capture.getInt(0) != PCAP_MAGIC) {
            throw new IOException(folder.resolve(name) + ": not a little-endian capture in microseconds");
        }
        capture.position(PCAP_HEADER);
        while (capture.remaining() >= RECORD_HEADER) {
            final int length = capture.getInt(capture.position() + 8);
            capture.position(capture.position() + RECORD_HEADER);
            final byte[] frame = new byte[Math.min(length, capture.remaining())];
            capture.get(frame);
            frames.add(frame);
        }
        return frames;
    }
}
