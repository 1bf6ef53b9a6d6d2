package io.weir.dataplane.io;

import java.io.IOException;
import java.nio.file.Path;

/**
 * The pcap file format, read and written without a library.
 *
 * <p><b>Layout</b>: a header of 24 bytes (magic 0, version 4 and 6, snaplen 16, link type 20), then per frame a record of
 * 16 bytes (seconds 0, fraction 4, captured 8, length 12) and the captured bytes. The magic tells the byte order of all
 * that, and whether the fraction counts micro- or nanoseconds. A file may be compressed by gzip.
 *
 * <p><b>Not here</b>: pcapng.
 *
 * <p><b>Source</b>: draft-ietf-opsawg-pcap
 */
public final class CaptureFile {
    /** Frames begin with an Ethernet header. */
    public static final int LINK_ETHERNET = 1;
    /** Frames begin with an IPv4 or IPv6 header. */
    public static final int LINK_RAW = 101;

    /** What BSD and Linux programs write for raw IP in place of 101. */
    static final int DLT_RAW = 12;

    static final int MAGIC_MICROS = 0xa1b2c3d4;
    static final int MAGIC_NANOS = 0xa1b23c4d;
    static final int HEADER_BYTES = 24;
    static final int RECORD_BYTES = 16;
    /** Longest frame written, and read without complaint. */
    static final int SNAP_BYTES = 1 << 18;

    private CaptureFile() {}

    /** Opens a capture for reading; fails with one line that names the file. */
    public static CaptureReader open(Path file) throws IOException {
        return new CaptureReader(file);
    }

    /** Starts a capture with nanosecond times; compressed if the name ends in {@code .gz}. */
    public static CaptureWriter create(Path file, int linkType) throws IOException {
        return new CaptureWriter(file, linkType);
    }
}
