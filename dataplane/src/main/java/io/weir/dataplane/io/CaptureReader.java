package io.weir.dataplane.io;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Reads the frames of a capture one by one.
 *
 * <p>After {@link #next} the frame lies at {@link #offset} in {@link #buffer}, with {@link #HEADROOM} free bytes in front,
 * off-heap, and may be changed until the next call.
 */
public final class CaptureReader implements AutoCloseable {
    /** Free bytes in front of a frame. */
    public static final int HEADROOM = 128;

    private static final int GZIP_MAGIC = 0x1f8b;
    private static final long NS_PER_SECOND = 1_000_000_000L;

    private final byte[] record = new byte[CaptureFile.SNAP_BYTES];
    private final UnsafeBuffer words = new UnsafeBuffer(record);
    private final UnsafeBuffer frame =
            new UnsafeBuffer(ByteBuffer.allocateDirect(HEADROOM + 2 + CaptureFile.SNAP_BYTES));
    private final Path file;
    private final InputStream in;
    private final ByteOrder order;
    private final long nsPerFraction;
    private final int linkType;
    private long count;
    private long timestampNs;
    private int captured;
    private int original;

    CaptureReader(Path file) throws IOException {
        this.file = file;
        this.in = decompressed(new BufferedInputStream(Files.newInputStream(file), 1 << 16));
        try {
            if (in.readNBytes(record, 0, CaptureFile.HEADER_BYTES) < CaptureFile.HEADER_BYTES) {
                throw new IOException(file + ": too short for a pcap file");
            }
            this.order = order(words.getInt(0, ByteOrder.BIG_ENDIAN));
            this.nsPerFraction = words.getInt(0, order) == CaptureFile.MAGIC_NANOS ? 1 : 1_000;
            // The upper bits are flags about a frame check sequence.
            this.linkType = linkType(words.getInt(20, order) & 0xFFFF);
        } catch (IOException e) {
            in.close();
            throw e;
        }
    }

    private static InputStream decompressed(BufferedInputStream raw) throws IOException {
        raw.mark(2);
        final int magic = raw.read() << 8 | raw.read();
        raw.reset();
        return magic == GZIP_MAGIC ? new BufferedInputStream(new GZIPInputStream(raw, 1 << 16), 1 << 16) : raw;
    }

    private ByteOrder order(int magic) throws IOException {
        if (isMagic(magic)) {
            return ByteOrder.BIG_ENDIAN;
        }
        if (isMagic(Integer.reverseBytes(magic))) {
            return ByteOrder.LITTLE_ENDIAN;
        }
        final boolean next = magic == 0x0a0d0d0a;
        throw new IOException(file + (next ? ": is pcapng, convert it (editcap -F pcap)" : ": is not a pcap file"));
    }

    private static boolean isMagic(int magic) {
        return magic == CaptureFile.MAGIC_MICROS || magic == CaptureFile.MAGIC_NANOS;
    }

    private int linkType(int type) throws IOException {
        return switch (type) {
            case CaptureFile.LINK_ETHERNET -> CaptureFile.LINK_ETHERNET;
            case CaptureFile.LINK_RAW, CaptureFile.DLT_RAW -> CaptureFile.LINK_RAW;
            default -> throw new IOException(file + ": neither Ethernet nor raw IP: link type " + type);
        };
    }

    /**
     * Goes to the next frame.
     *
     * @return false at the end of the file
     */
    public boolean next() throws IOException {
        final int got = in.readNBytes(record, 0, CaptureFile.RECORD_BYTES);
        if (got == 0) {
            return false;
        }
        count++;
        if (got < CaptureFile.RECORD_BYTES) {
            throw new EOFException(file + ": ends within frame " + count);
        }
        final long seconds = words.getInt(0, order) & 0xFFFF_FFFFL;
        timestampNs = seconds * NS_PER_SECOND + (words.getInt(4, order) & 0xFFFF_FFFFL) * nsPerFraction;
        captured = words.getInt(8, order);
        original = words.getInt(12, order);
        if (captured < 0 || captured > CaptureFile.SNAP_BYTES) {
            throw new IOException(file + ": frame " + count + " claims a length of " + (captured & 0xFFFF_FFFFL));
        }
        if (in.readNBytes(record, 0, captured) < captured) {
            throw new EOFException(file + ": ends within frame " + count);
        }
        frame.putBytes(offset(), record, 0, captured);
        return true;
    }

    /** {@link CaptureFile#LINK_ETHERNET} or {@link CaptureFile#LINK_RAW}. */
    public int linkType() {
        return linkType;
    }

    /** When the frame was captured, in nanoseconds since 1970. */
    public long timestampNs() {
        return timestampNs;
    }

    /** Where the frame is. */
    public UnsafeBuffer buffer() {
        return frame;
    }

    /** Where the frame begins; such that its IP header is 4-byte aligned. */
    public int offset() {
        return linkType == CaptureFile.LINK_ETHERNET ? HEADROOM + 2 : HEADROOM;
    }

    /** Bytes of the frame that the file has. */
    public int length() {
        return captured;
    }

    /** Bytes the frame had on the wire; more than {@link #length} if it was cut. */
    public int originalLength() {
        return original;
    }

    /** Number of the frame, from 1. */
    public long number() {
        return count;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
