package io.weir.conntrack;

import java.nio.ByteBuffer;
import org.agrona.BufferUtil;
import org.agrona.IoUtil;
import org.agrona.UnsafeApi;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A large array of equal elements outside the heap, cut into segments of at most 1 GiB.
 *
 * <p>An element never straddles segments, so {@link #address} finds it with one shift, one mask and one load; its fields
 * are then read at constant distances. Agrona's buffers end at 2 GiB, which is 16 million records.
 *
 * <p><b>Fails</b>: the element number is checked while agrona's bounds checks are on (tests), and trusted otherwise.
 *
 * <p><b>Owner</b>: whoever made it closes it; nobody may hold an address afterwards.
 */
final class Region implements AutoCloseable {
    /** Largest segment. */
    static final long SEGMENT_BYTES = 1L << 30;

    private static final int LINE = 64;
    private static final int HUGE_PAGE = 2 << 20;

    private final int elementShift;
    private final int segmentShift;
    private final int segmentMask;
    private final long count;
    private final long[] segments;
    private final long first;
    /** The segments lie one behind the other, as those of anonymous memory do: no need to ask which. */
    private final boolean contiguous;

    private final ByteBuffer @Nullable [] mapped;
    private long allocation;

    private Region(long count, int elementBytes, long[] segments, ByteBuffer @Nullable [] mapped, long segmentBytes) {
        this.count = count;
        this.elementShift = Integer.numberOfTrailingZeros(elementBytes);
        this.segmentShift = Long.numberOfTrailingZeros(segmentBytes) - elementShift;
        this.segmentMask = (1 << segmentShift) - 1;
        this.segments = segments;
        this.first = segments.length == 0 ? 0 : segments[0];
        this.contiguous = isContiguous(segments, segmentBytes);
        this.mapped = mapped;
    }

    /**
     * Zeroed memory for {@code count} elements, aligned to cache lines, what is large to huge pages; touched, so the packet
     * path has no page faults.
     */
    static Region allocate(long count, int elementBytes, MemoryAdvice advice) {
        final long bytes = Math.max(count * elementBytes, LINE);
        final int alignment = bytes < HUGE_PAGE ? LINE : HUGE_PAGE;
        final long memory = UnsafeApi.allocateMemory(bytes + alignment);
        final long start = (memory + alignment - 1) & -alignment;
        if (alignment == HUGE_PAGE) {
            advice.advise(start, bytes);
        }
        UnsafeApi.setMemory(start, bytes, (byte) 0);
        final long[] segments = new long[segmentCount(bytes, SEGMENT_BYTES)];
        for (int i = 0; i < segments.length; i++) {
            segments[i] = start + i * SEGMENT_BYTES;
        }
        final Region region = new Region(count, elementBytes, segments, null, SEGMENT_BYTES);
        region.allocation = memory;
        return region;
    }

    /** Elements in mapped parts of a file, each {@code segmentBytes} long but the last. */
    static Region over(long count, int elementBytes, ByteBuffer[] parts, long segmentBytes) {
        final long[] segments = new long[parts.length];
        for (int i = 0; i < parts.length; i++) {
            segments[i] = BufferUtil.address(parts[i]);
        }
        return new Region(count, elementBytes, segments, parts, segmentBytes);
    }

    static int segmentCount(long bytes, long segmentBytes) {
        return (int) ((bytes + segmentBytes - 1) / segmentBytes);
    }

    long bytes() {
        return count << elementShift;
    }

    private static boolean isContiguous(long[] segments, long segmentBytes) {
        for (int i = 1; i < segments.length; i++) {
            if (segments[i] != segments[i - 1] + segmentBytes) {
                return false;
            }
        }
        return true;
    }

    /** Where element {@code id} starts. */
    long address(int id) {
        if (UnsafeBuffer.SHOULD_BOUNDS_CHECK && (id < 0 || id >= count)) {
            throw new IndexOutOfBoundsException("id=" + id + " count=" + count);
        }
        return contiguous
                ? first + ((long) id << elementShift)
                : segments[id >>> segmentShift] + ((long) (id & segmentMask) << elementShift);
    }

    @Override
    public void close() {
        if (allocation != 0) {
            UnsafeApi.freeMemory(allocation);
            allocation = 0;
        }
        if (mapped != null) {
            for (final ByteBuffer part : mapped) {
                IoUtil.unmap(part);
            }
        }
        java.util.Arrays.fill(segments, 0);
    }
}
