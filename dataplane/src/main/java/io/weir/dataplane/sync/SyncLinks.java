package io.weir.dataplane.sync;

import java.util.List;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.MessageHandler;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What all workers and the thread of the sync daemons share: to the daemons the workers are one.
 *
 * <p>A message that comes in goes to every worker, and each takes the entries of its own clients.
 *
 * <p><b>Thread</b>: the daemons', but for {@link #counters}, which any may read.
 */
public final class SyncLinks {
    private final List<SyncLink> links;
    private final SyncCounters counters;
    private int ends;
    private int told;

    public SyncLinks(List<SyncLink> links) {
        this.links = List.copyOf(links);
        this.counters =
                SyncCounters.withThoseOf(links.stream().map(SyncLink::counters).toList());
    }

    /** Read: of all workers and the daemons. Written: the daemons'. */
    public SyncCounters counters() {
        return counters;
    }

    /**
     * Takes what the workers told. That the whole table was told is said once, when the last worker has.
     *
     * @return how much was taken
     */
    public int read(MessageHandler handler) {
        int taken = 0;
        for (final SyncLink link : links) {
            taken += link.outbox().read((type, buffer, offset, length) -> {
                if (type != SyncLink.TABLE_END || isLastEnd(buffer, offset)) {
                    handler.onMessage(type, buffer, offset, length);
                }
            });
        }
        return taken;
    }

    private boolean isLastEnd(MutableDirectBuffer buffer, int offset) {
        told += buffer.getInt(offset);
        ends++;
        if (ends < links.size()) {
            return false;
        }
        buffer.putInt(offset, told);
        ends = 0;
        told = 0;
        return true;
    }

    /** Throws away what the workers told so far. */
    public void drain() {
        links.forEach(link -> link.outbox().read((type, buffer, offset, length) -> {}, Integer.MAX_VALUE));
    }

    /** Hands a message to the workers. */
    public void offer(UnsafeBuffer buffer, int offset, int length) {
        links.forEach(link -> link.offer(buffer, offset, length));
    }

    /** Asks the workers to tell their whole tables. */
    public void askTable() {
        ends = 0;
        told = 0;
        links.forEach(SyncLink::askTable);
    }
}
