package io.weir.dataplane.io;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** Writes frames into a capture, little-endian, with nanosecond times. Complete only after {@link #close}. */
public final class CaptureWriter implements AutoCloseable {
    private static final long NS_PER_SECOND = 1_000_000_000L;

    private final byte[] bytes = new byte[CaptureFile.RECORD_BYTES + CaptureFile.SNAP_BYTES];
    private final UnsafeBuffer record = new UnsafeBuffer(bytes);
    private final OutputStream out;

    CaptureWriter(Path file, int linkType) throws IOException {
        final OutputStream raw = Files.newOutputStream(file);
        this.out = new BufferedOutputStream(file.toString().endsWith(".gz") ? new GZIPOutputStream(raw) : raw, 1 << 16);
        put(0, CaptureFile.MAGIC_NANOS);
        put(4, 2 | 4 << 16);
        put(8, 0);
        put(12, 0);
        put(16, CaptureFile.SNAP_BYTES);
        put(20, linkType);
        out.write(bytes, 0, CaptureFile.HEADER_BYTES);
    }

    private void put(int at, int value) {
        record.putInt(at, value, ByteOrder.LITTLE_ENDIAN);
    }

    /** Appends a frame. */
    public void write(long timestampNs, DirectBuffer frame, int offset, int length) throws IOException {
        if (length > CaptureFile.SNAP_BYTES) {
            throw new IllegalArgumentException("frame too long for a capture: length=" + length);
        }
        put(0, (int) Math.floorDiv(timestampNs, NS_PER_SECOND));
        put(4, (int) Math.floorMod(timestampNs, NS_PER_SECOND));
        put(8, length);
        put(12, length);
        frame.getBytes(offset, bytes, CaptureFile.RECORD_BYTES, length);
        out.write(bytes, 0, CaptureFile.RECORD_BYTES + length);
    }

    /** Appends a frame of a batch as it would be on the wire, its VLAN tag put back. */
    public void write(long timestampNs, PacketBatch batch, int i) throws IOException {
        final int tci = batch.vlanTci[i];
        if (tci < 0) {
            write(timestampNs, batch.buffer[i], batch.offset[i], batch.length[i]);
            return;
        }
        final int length = batch.length[i] + EthernetTag.BYTES;
        final UnsafeBuffer tagged = new UnsafeBuffer(new byte[length]);
        EthernetTag.copyWithTag(tagged, 0, batch.buffer[i], batch.offset[i], batch.length[i], tci);
        write(timestampNs, tagged, 0, length);
    }

    @Override
    public void close() throws IOException {
        out.close();
    }
}
