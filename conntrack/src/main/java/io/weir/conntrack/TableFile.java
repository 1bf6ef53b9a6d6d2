package io.weir.conntrack;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import org.agrona.BufferUtil;
import org.agrona.IoUtil;
import org.agrona.UnsafeApi;
import org.jspecify.annotations.Nullable;

/**
 * The file behind a table: a header page, the local addresses, the hot lines, the cold lines.
 *
 * <pre>
 *  header, one page
 *   +0  magic 8        +8  version 4    +12 capacity 4   +16 FULLNAT capacity 4
 *  +20  high water 4: ids from here on were never used
 *  +24  seed 8        +32  boot id 16   +48 hot bytes 4  +52 cold bytes 4   +56 clean 4
 * </pre>
 *
 * <p>The file is used again only if everything up to the sizes fits and the system was not booted since: deadlines are
 * on the clock that starts at boot. Otherwise it is emptied. A killed process leaves {@code clean} at 0, and every store
 * it made in the page cache, which is all that recovery needs; against power loss there is no protection, and no use.
 *
 * <p><b>Owner</b>: one table; the file is locked while it is open.
 */
final class TableFile implements AutoCloseable {
    private static final int PAGE = 4096;
    private static final long MAGIC = 0x57_45_49_52_43_4F_4E_4EL;
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

    private static final int VERSION = 8;
    private static final int CAPACITY = 12;
    private static final int FULL_NAT_CAPACITY = 16;
    private static final int HIGH_WATER = 20;
    private static final int SEED = 24;
    private static final int BOOT_ID_HI = 32;
    private static final int BOOT_ID_LO = 40;
    private static final int HOT_BYTES = 48;
    private static final int COLD_BYTES = 52;
    private static final int CLEAN = 56;

    private final FileChannel channel;
    private final MappedByteBuffer headerPage;
    private final long header;
    private final long segmentBytes;
    private final boolean reused;
    private final boolean clean;
    private long position = PAGE;

    private TableFile(Path file, FileChannel channel, int capacity, int fullNatCapacity, UUID bootId, long segmentBytes)
            throws IOException {
        this.channel = channel;
        this.segmentBytes = segmentBytes;
        boolean fits = channel.size() == length(capacity, fullNatCapacity);
        if (!fits) {
            channel.truncate(0);
            checkRoom(file, length(capacity, fullNatCapacity));
        }
        headerPage = channel.map(MapMode.READ_WRITE, 0, PAGE);
        header = BufferUtil.address(headerPage);
        fits = fits
                && UnsafeApi.getLong(header) == MAGIC
                && getInt(VERSION) == ConnectionLayout.VERSION
                && getInt(CAPACITY) == capacity
                && getInt(FULL_NAT_CAPACITY) == fullNatCapacity
                && getInt(HIGH_WATER) >= 0
                && getInt(HIGH_WATER) <= capacity
                && getInt(HOT_BYTES) == ConnectionLayout.HOT_BYTES
                && getInt(COLD_BYTES) == ConnectionLayout.COLD_BYTES
                && UnsafeApi.getLong(header + BOOT_ID_HI) == bootId.getMostSignificantBits()
                && UnsafeApi.getLong(header + BOOT_ID_LO) == bootId.getLeastSignificantBits();
        reused = fits;
        clean = fits && getInt(CLEAN) == 1;
        if (!fits) {
            format(capacity, fullNatCapacity, bootId);
        }
        putInt(CLEAN, 0);
    }

    /** Opens or makes the file; fails if another process has it. */
    static TableFile open(Path file, int capacity, int fullNatCapacity, UUID bootId, long segmentBytes)
            throws IOException {
        final FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            if (!locked(channel)) {
                throw new IOException("connection table is in use by another process: file=" + file);
            }
            return new TableFile(file, channel, capacity, fullNatCapacity, bootId, segmentBytes);
        } catch (final IOException | RuntimeException | Error e) {
            channel.close();
            throw e;
        }
    }

    /** A file system that is full later on is a fault in the middle of a packet: it is asked before. */
    private static void checkRoom(Path file, long bytes) throws IOException {
        final long usable = Files.getFileStore(file).getUsableSpace();
        if (usable < bytes) {
            throw new IOException("no room for the connection table: file=" + file + " needed=" + (bytes >> 20)
                    + " MiB, free=" + (usable >> 20) + " MiB");
        }
    }

    /** Fails with IllegalArgumentException for a table that cannot be. */
    static void checkCapacity(int capacity, int fullNatCapacity) {
        if (capacity < 1 || capacity > ConnectionTable.MAX_CAPACITY) {
            throw new IllegalArgumentException("capacity out of range: capacity=" + capacity);
        }
        if (fullNatCapacity < 0 || fullNatCapacity > capacity) {
            throw new IllegalArgumentException("FULLNAT capacity out of range: fullNatCapacity=" + fullNatCapacity);
        }
    }

    private static boolean locked(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (final OverlappingFileLockException e) {
            return false;
        }
    }

    /** The id of this boot of the system. */
    static UUID bootId() throws IOException {
        return UUID.fromString(Files.readString(BOOT_ID).trim());
    }

    private void format(int capacity, int fullNatCapacity, UUID bootId) throws IOException {
        // The magic goes in last: a half-made header is no header.
        UnsafeApi.setMemory(header, PAGE, (byte) 0);
        putInt(VERSION, ConnectionLayout.VERSION);
        putInt(CAPACITY, capacity);
        putInt(FULL_NAT_CAPACITY, fullNatCapacity);
        UnsafeApi.putLong(header + BOOT_ID_HI, bootId.getMostSignificantBits());
        UnsafeApi.putLong(header + BOOT_ID_LO, bootId.getLeastSignificantBits());
        putInt(HOT_BYTES, ConnectionLayout.HOT_BYTES);
        putInt(COLD_BYTES, ConnectionLayout.COLD_BYTES);
        channel.truncate(PAGE);
        UnsafeApi.putLongRelease(null, header, MAGIC);
    }

    private static long length(int capacity, int fullNatCapacity) {
        return PAGE
                + pages(localCount(fullNatCapacity) * LocalAddresses.BYTES)
                + pages((long) capacity * ConnectionLayout.HOT_BYTES)
                + pages((long) capacity * ConnectionLayout.COLD_BYTES);
    }

    static long localCount(int fullNatCapacity) {
        return fullNatCapacity == 0 ? 0 : LocalAddresses.COUNT;
    }

    private static long pages(long bytes) {
        return (bytes + PAGE - 1) & -PAGE;
    }

    /** Maps the next part of the file; the caller asks in the order of the layout. */
    Region map(long count, int elementBytes, MemoryAdvice advice) throws IOException {
        final long bytes = pages(count * elementBytes);
        final ByteBuffer[] parts = new ByteBuffer[Region.segmentCount(bytes, segmentBytes)];
        for (int i = 0; i < parts.length; i++) {
            final long from = i * segmentBytes;
            final MappedByteBuffer part =
                    channel.map(MapMode.READ_WRITE, position + from, Math.min(segmentBytes, bytes - from));
            advice.advise(BufferUtil.address(part), part.capacity());
            if (!reused) {
                // Takes the space now: a full disk must not show up as a fault on the packet path.
                UnsafeApi.setMemory(BufferUtil.address(part), part.capacity(), (byte) 0);
            }
            parts[i] = part;
        }
        position += bytes;
        return Region.over(count, elementBytes, parts, segmentBytes);
    }

    /** Does the file hold records of an earlier process? */
    boolean reused() {
        return reused;
    }

    /** Was it closed in order? */
    boolean clean() {
        return clean;
    }

    int highWater() {
        return getInt(HIGH_WATER);
    }

    void highWater(int id) {
        UnsafeApi.putIntRelease(null, header + HIGH_WATER, id);
    }

    void seed(long seed) {
        UnsafeApi.putLong(header + SEED, seed);
    }

    /** The seed noted in a table file, or {@code otherwise} if there is no such file or it is none. */
    static long seedOf(Path file, long otherwise) throws IOException {
        final ByteBuffer page = header(file);
        return page == null ? otherwise : page.getLong(SEED);
    }

    /** The capacity noted in a table file of this layout; 0 if there is no such file or it is none. */
    static int capacityOf(Path file) throws IOException {
        final ByteBuffer page = header(file);
        return page == null || page.getInt(VERSION) != ConnectionLayout.VERSION ? 0 : page.getInt(CAPACITY);
    }

    private static @Nullable ByteBuffer header(Path file) throws IOException {
        if (!Files.isReadable(file) || Files.size(file) < PAGE) {
            return null;
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            final ByteBuffer page = ByteBuffer.allocate(PAGE).order(java.nio.ByteOrder.nativeOrder());
            int read;
            do {
                read = channel.read(page);
            } while (read > 0);
            return page.position() == PAGE && page.getLong(0) == MAGIC ? page : null;
        }
    }

    private int getInt(int offset) {
        return UnsafeApi.getInt(header + offset);
    }

    private void putInt(int offset, int value) {
        UnsafeApi.putInt(header + offset, value);
    }

    @Override
    public void close() throws IOException {
        putInt(CLEAN, 1);
        IoUtil.unmap(headerPage);
        channel.close();
    }
}
