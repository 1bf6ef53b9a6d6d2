package io.weir.dataplane.io.linux;

import org.agrona.concurrent.UnsafeBuffer;

/**
 * One of the four rings that an AF_XDP socket shares with the kernel. Of fill and transmit rings we are the producer, of
 * receive and completion rings the consumer.
 *
 * <p><b>Layout</b>: producer and consumer index (32 bits, running on for ever), flags, then the entries; where each
 * stands the kernel tells. An entry is an address (8 bytes; fill, completion) or a descriptor: address 0, length 8,
 * options 12. Addresses are offsets in the socket's frame memory.
 *
 * <p><b>Order</b>: the other side's index is read with acquire, our own is written with release. <b>Thread</b>: one.
 *
 * <p><b>Source</b>: Documentation/networking/af_xdp.rst
 */
public final class XdpRing {
    static final int DESCRIPTOR_BYTES = 16;
    static final int ADDRESS_BYTES = 8;
    private static final int NEED_WAKEUP = 1;
    private static final int LENGTH = 8;
    private static final int OPTIONS = 12;

    private final UnsafeBuffer memory;
    private final int producerAt;
    private final int consumerAt;
    private final int flagsAt;
    private final int entriesAt;
    private final int entryBytes;
    private final int mask;
    private int producer;
    private int consumer;

    XdpRing(UnsafeBuffer memory, int[] offsets, int entries, int entryBytes) {
        this.memory = memory;
        this.producerAt = offsets[0];
        this.consumerAt = offsets[1];
        this.entriesAt = offsets[2];
        this.flagsAt = offsets[3];
        this.entryBytes = entryBytes;
        this.mask = entries - 1;
    }

    private int at(int index) {
        return entriesAt + (index & mask) * entryBytes;
    }

    /** Consumer: entries that wait for us. */
    public int waiting() {
        producer = memory.getIntAcquire(producerAt);
        return producer - consumer;
    }

    /** Consumer: the address in the n-th waiting entry. */
    public long address(int n) {
        return memory.getLong(at(consumer + n));
    }

    /** Consumer: the length in the n-th waiting entry, in bytes. */
    public int length(int n) {
        return memory.getInt(at(consumer + n) + LENGTH);
    }

    /** Consumer: gives the first entries back. */
    public void consume(int count) {
        consumer += count;
        memory.putIntRelease(consumerAt, consumer);
    }

    /** Producer: is there room for one more? */
    public boolean hasRoom() {
        if (producer - consumer <= mask) {
            return true;
        }
        consumer = memory.getIntAcquire(consumerAt);
        return producer - consumer <= mask;
    }

    /** Producer: writes an address; {@link #publish} shows it. */
    public void put(long address) {
        memory.putLong(at(producer++), address);
    }

    /** Producer: writes a descriptor; {@link #publish} shows it. */
    public void put(long address, int length) {
        final int at = at(producer++);
        memory.putLong(at, address);
        memory.putInt(at + LENGTH, length);
        memory.putInt(at + OPTIONS, 0);
    }

    /** Producer: hands over everything written. */
    public void publish() {
        memory.putIntRelease(producerAt, producer);
    }

    /** Producer: entries that the kernel has not taken yet. */
    public int pending() {
        consumer = memory.getIntAcquire(consumerAt);
        return producer - consumer;
    }

    /** Does the kernel sleep until it is called? */
    public boolean needsWakeup() {
        return (memory.getIntVolatile(flagsAt) & NEED_WAKEUP) != 0;
    }
}
