package io.weir.dataplane.sync;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.weir.conntrack.Ticks;
import java.util.ArrayDeque;
import java.util.Deque;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Puts the entries of a master into messages and says when each leaves.
 *
 * <p>A message leaves when the next entry does not fit: 20 ms after the first that waits, or at once when eight wait. What
 * is not full leaves when it is two seconds old, which is looked at about once a second; sooner, if {@link #flushAfter} says
 * so, which the kernel has not. Each port has messages of its own.
 *
 * <p><b>Time</b>: an argument, in ticks; {@link #run} works off all that was due until then, in order.
 *
 * <p><b>Thread</b>: one. <b>Source</b>: sync_thread_master(), sb_queue_tail() and master_wakeup_work_handler() of the
 * Linux kernel.
 */
public final class SyncMessages {
    /** Takes a message that leaves. */
    @FunctionalInterface
    public interface Sink {
        /** Sends; false if that is not possible now and must be tried again. The bytes are valid during the call only. */
        boolean send(int port, UnsafeBuffer buffer, int length);
    }

    private static final int SEND_DELAY = Ticks.PER_SECOND / 50;
    private static final int CHECK_PERIOD = Ticks.PER_SECOND;
    private static final int FLUSH_AGE = 2 * Ticks.PER_SECOND;
    private static final int WAKE_AT = 8;
    /** Delays from here on are rounded up to multiples of eight ticks by the kernel's timer wheel, shorter ones to one. */
    private static final int COARSE_FROM = 64;

    private static final int COARSE = 8;

    private final int syncId;
    private final int maxLength;
    private final Port[] ports;
    private final SyncCounters counters;
    private int queueLimit = Integer.MAX_VALUE;
    private int flushAge = FLUSH_AGE;

    /**
     * Starts without entries.
     *
     * @param maxLength of a message, in bytes; one entry always fits
     * @param ports a power of two
     */
    public SyncMessages(int syncId, int maxLength, int ports, SyncCounters counters, int nowTick) {
        this.syncId = syncId;
        this.maxLength = maxLength;
        this.counters = counters;
        this.ports = new Port[ports];
        for (int i = 0; i < ports; i++) {
            this.ports[i] = new Port(i, nowTick);
        }
    }

    /** At most this many messages wait on each port: sync_qlen_max. */
    public void queueLimit(int messages) {
        queueLimit = messages;
    }

    /** What is not full leaves when it is so old, in ticks, at the next {@link #run}; 0 leaves it to the kernel's rule. */
    public void flushAfter(int ticks) {
        flushAge = ticks > 0 ? Math.min(ticks, FLUSH_AGE) : FLUSH_AGE;
    }

    /** Takes a record of a worker's outbox. */
    public void add(int type, DirectBuffer source, int offset, int length, int nowTick) {
        if ((type & SyncLink.KIND_MASK) == SyncLink.TABLE_END) {
            for (final Port each : ports) {
                each.flush(nowTick);
            }
            ports[0].end(source.getInt(offset), nowTick);
            return;
        }
        final Port port = ports[type >>> SyncLink.KIND_BITS & ports.length - 1];
        port.add((type & SyncLink.KIND_MASK) == SyncLink.ENTRY0, source, offset, length, nowTick);
    }

    /** Sends what is due. */
    public void run(int nowTick, Sink sink) {
        for (final Port port : ports) {
            port.run(nowTick, sink);
        }
    }

    /** When an alarm rings that is set now; never early, so a second is 1.01 to 1.08 of them. */
    private static int alarm(int nowTick, int delay) {
        final int due = nowTick + delay;
        return delay < COARSE_FROM ? due + 1 : (due & -COARSE) + COARSE;
    }

    /** A message that is being filled or waits. */
    private static final class Message {
        final UnsafeBuffer buffer;
        final boolean version0;
        final int firstUse;
        int length;
        int entries;
        int version = SyncWire.VERSION;

        Message(int capacity, boolean version0, int nowTick) {
            this.buffer = new UnsafeBuffer(new byte[capacity]);
            this.version0 = version0;
            this.firstUse = nowTick;
            this.length = version0 ? SyncWire.HEADER0_BYTES : SyncWire.HEADER_BYTES;
        }

        /** Zeros in front of the next entry. */
        int padding() {
            return version0 ? 0 : -length & 3;
        }

        boolean takes(boolean ofVersion0, int bytes) {
            return version0 == ofVersion0
                    && entries < SyncWire.MAX_ENTRIES
                    && length + padding() + bytes <= buffer.capacity();
        }
    }

    /** One stream of messages, with the kernel thread's alarm clock. */
    private final class Port {
        private final int number;
        private final Deque<Message> waiting = new ArrayDeque<>();
        private @Nullable Message filling;
        private int wakeTick;
        private int workTick;
        private boolean workDue;
        private int queuedSinceEmpty;

        Port(int number, int nowTick) {
            this.number = number;
            this.wakeTick = nowTick;
        }

        void add(boolean version0, DirectBuffer source, int offset, int bytes, int nowTick) {
            Message message = filling;
            if (message == null || !message.takes(version0, bytes)) {
                if (message != null) {
                    queue(message, nowTick);
                }
                final int header = version0 ? SyncWire.HEADER0_BYTES : SyncWire.HEADER_BYTES;
                message = new Message(Math.max(header + bytes, maxLength), version0, nowTick);
                filling = message;
            }
            message.length += message.padding();
            message.buffer.putBytes(message.length, source, offset, bytes);
            message.length += bytes;
            message.entries++;
        }

        /** What is being filled is full enough. */
        void flush(int nowTick) {
            if (filling != null) {
                queue(filling, nowTick);
            }
        }

        /** Says that a whole table was told. */
        void end(int told, int nowTick) {
            final Message message = new Message(SyncWire.OWN_BYTES, false, nowTick);
            message.length = SyncWire.OWN_BYTES;
            message.version = SyncWire.OWN_VERSION;
            message.buffer.putByte(SyncWire.OWN_KIND, (byte) SyncWire.OWN_END);
            message.buffer.putInt(SyncWire.OWN_TOLD, told, BIG_ENDIAN);
            queue(message, nowTick);
        }

        private void queue(Message message, int nowTick) {
            filling = null;
            if (waiting.size() >= queueLimit) {
                counters.increment(SyncCounters.SEND_LOST);
                return;
            }
            if (waiting.isEmpty() && !workDue) {
                workDue = true;
                workTick = alarm(nowTick, SEND_DELAY);
            }
            waiting.add(message);
            queuedSinceEmpty++;
            if (queuedSinceEmpty == WAKE_AT) {
                wakeTick = nowTick;
            }
        }

        void run(int nowTick, Sink sink) {
            final Message early = flushAge < FLUSH_AGE ? filling : null;
            if (early != null && nowTick - early.firstUse >= flushAge && !wake(nowTick, sink)) {
                wakeTick = nowTick + 1;
                return;
            }
            while (true) {
                final boolean work = workDue && workTick - wakeTick < 0;
                final int next = work ? workTick : wakeTick;
                if (next - nowTick > 0) {
                    return;
                }
                if (work) {
                    workDue = false;
                    if (waiting.isEmpty() || queuedSinceEmpty >= WAKE_AT) {
                        continue;
                    }
                    queuedSinceEmpty = WAKE_AT;
                }
                wakeTick = alarm(next, CHECK_PERIOD);
                if (!wake(next, sink)) {
                    wakeTick = nowTick + 1;
                    return;
                }
            }
        }

        /** What the kernel's thread does when it wakes; false if the socket takes no more. */
        private boolean wake(int tick, Sink sink) {
            while (!waiting.isEmpty()) {
                if (!send(waiting.getFirst(), sink)) {
                    return false;
                }
                waiting.removeFirst();
            }
            queuedSinceEmpty = 0;
            final Message message = filling;
            if (message != null && tick - message.firstUse >= flushAge) {
                filling = null;
                if (!send(message, sink)) {
                    waiting.add(message);
                    return false;
                }
            }
            return true;
        }

        private boolean send(Message message, Sink sink) {
            final UnsafeBuffer b = message.buffer;
            b.putByte(0, (byte) (message.version0 ? message.entries : 0));
            b.putByte(SyncWire.SYNCID, (byte) syncId);
            b.putShort(SyncWire.SIZE, (short) message.length, BIG_ENDIAN);
            if (!message.version0) {
                b.putByte(SyncWire.COUNT, (byte) message.entries);
                b.putByte(SyncWire.VERSION_AT, (byte) message.version);
                b.putShort(SyncWire.SPARE, (short) 0);
            }
            return sink.send(number, b, message.length);
        }
    }
}
