package io.weir.dataplane.io.linux;

import java.nio.ByteBuffer;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A hash map of the kernel with values of four bytes, written many entries at a time: one system call for each would take
 * most of the time that a large table takes.
 *
 * <p>What is put or removed is the kernel's after {@link #flush}, in the order in which it was said.
 *
 * <p><b>Thread</b>: one at a time. <b>Fails</b>: with a {@link NativeException}; what was not flushed is lost then.
 */
public final class BpfMap {
    private static final int ENTRIES = 1 << 10;

    private final Bpf bpf;
    private final int fd;
    private final int keyBytes;
    private final UnsafeBuffer keys;
    private final UnsafeBuffer values = new UnsafeBuffer(ByteBuffer.allocateDirect(ENTRIES * Integer.BYTES));
    private int count;
    private boolean removing;

    /** Makes the map; its descriptor is to be closed by the caller. */
    public BpfMap(Bpf bpf, String name, int keyBytes, int mostEntries) {
        this.bpf = bpf;
        this.keyBytes = keyBytes;
        this.keys = new UnsafeBuffer(ByteBuffer.allocateDirect(ENTRIES * keyBytes));
        this.fd = bpf.map(Bpf.MAP_HASH, name, keyBytes, Integer.BYTES, mostEntries);
    }

    /** The file descriptor. */
    public int fd() {
        return fd;
    }

    /** Puts a value under a key, instead of one that is there. */
    public void put(DirectBuffer key, int value) {
        add(key, value, false);
    }

    /** Takes out a key that is there. */
    public void remove(DirectBuffer key) {
        add(key, 0, true);
    }

    private void add(DirectBuffer key, int value, boolean remove) {
        if (count == ENTRIES || remove != removing) {
            flush();
        }
        removing = remove;
        keys.putBytes(count * keyBytes, key, 0, keyBytes);
        values.putInt(count * Integer.BYTES, value);
        count++;
    }

    /** Tells the kernel what it was not told yet. */
    public void flush() {
        if (count > 0) {
            final int entries = count;
            count = 0;
            bpf.batch(fd, removing, keys.addressOffset(), values.addressOffset(), entries);
        }
    }
}
