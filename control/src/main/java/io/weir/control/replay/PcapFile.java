package io.weir.control.replay;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.agrona.DirectBuffer;

/**
 * Classic capture files of Ethernet frames, either byte order, microseconds or nanoseconds, also gzipped.
 *
 * <p><b>Units</b>: times are microseconds; what is written is little-endian microseconds. <b>Source</b>:
 * draft-ietf-opsawg-pcap.
 */
final class PcapFile {
    private static final int MAGIC_US = 0xA1B2C3D4;
    private static final int MAGIC_NS = 0xA1B23C4D;
    private static final int FILE_HEADER = 24;
    private static final int RECORD_HEADER = 16;
    private static final int SNAP_LENGTH = 262_144;
    private static final int ETHERNET = 1;
    private static final long MICROS = 1_000_000L;
    private static final int FIRST_GZIP_BYTE = 0x1F;

    /** A frame and when it was captured. */
    // The bytes are handed on, never compared.
    @SuppressWarnings("ArrayRecordComponent")
    record Frame(long timeUs, byte[] bytes) {}

    private PcapFile() {}

    static List<Frame> read(Path file) throws IOException, ReplayException {
        byte[] bytes = Files.readAllBytes(file);
        if (bytes.length > 0 && bytes[0] == FIRST_GZIP_BYTE) {
            try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
                bytes = in.readAllBytes();
            }
        }
        if (bytes.length < FILE_HEADER) {
            throw new ReplayException(file + ": not a capture file");
        }
        final ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        if (buffer.getInt(0) != MAGIC_US && buffer.getInt(0) != MAGIC_NS) {
            buffer.order(ByteOrder.BIG_ENDIAN);
        }
        final int magic = buffer.getInt(0);
        if (magic != MAGIC_US && magic != MAGIC_NS) {
            throw new ReplayException(file + ": not a capture file");
        }
        return frames(buffer, magic == MAGIC_NS ? 1000 : 1);
    }

    private static List<Frame> frames(ByteBuffer buffer, int fractionsPerMicro) {
        final List<Frame> frames = new ArrayList<>();
        int at = FILE_HEADER;
        while (at + RECORD_HEADER <= buffer.limit()) {
            final long seconds = Integer.toUnsignedLong(buffer.getInt(at));
            final long fraction = Integer.toUnsignedLong(buffer.getInt(at + 4));
            final int length = buffer.getInt(at + 8);
            at += RECORD_HEADER;
            if (length < 0 || length > buffer.limit() - at) {
                break; // cut off in the middle of a frame
            }
            final byte[] frame = new byte[length];
            buffer.get(at, frame);
            frames.add(new Frame(seconds * MICROS + fraction / fractionsPerMicro, frame));
            at += length;
        }
        return frames;
    }

    /** Gathers frames in memory; a scenario's output is small. */
    static final class Writer {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();
        private final ByteBuffer header = ByteBuffer.allocate(FILE_HEADER).order(ByteOrder.LITTLE_ENDIAN);
        private byte[] copy = new byte[2048];

        Writer() {
            header.putInt(0, MAGIC_US).putShort(4, (short) 2).putShort(6, (short) 4);
            header.putInt(16, SNAP_LENGTH).putInt(20, ETHERNET);
            out.write(header.array(), 0, FILE_HEADER);
        }

        void add(long timeUs, DirectBuffer buffer, int offset, int length) {
            header.putInt(0, (int) (timeUs / MICROS)).putInt(4, (int) (timeUs % MICROS));
            header.putInt(8, length).putInt(12, length);
            out.write(header.array(), 0, RECORD_HEADER);
            if (copy.length < length) {
                copy = new byte[length];
            }
            buffer.getBytes(offset, copy, 0, length);
            out.write(copy, 0, length);
        }

        byte[] bytes() {
            return out.toByteArray();
        }
    }
}
