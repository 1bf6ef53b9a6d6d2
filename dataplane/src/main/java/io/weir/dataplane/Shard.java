package io.weir.dataplane;

import io.weir.conntrack.ClientHash;

/**
 * Which share of the clients a worker has.
 *
 * <p><b>Thread</b>: the worker's; the ownership changes only while every worker stands still.
 */
public final class Shard {
    private final int index;
    private Ownership ownership;

    public Shard(int index, Ownership ownership) {
        this.index = index;
        this.ownership = ownership;
    }

    /** That of an only worker: everything. */
    public static Shard all() {
        return new Shard(0, Ownership.of(new ClientHash(0), 1));
    }

    /** The worker's number, from 0. */
    public int index() {
        return index;
    }

    /** How many workers there are. */
    public int workers() {
        return ownership.workers();
    }

    public Ownership ownership() {
        return ownership;
    }

    /** While every worker stands still. */
    void ownership(Ownership next) {
        ownership = next;
    }

    /** Is this client this worker's? */
    public boolean owns(long clientHi, long clientLo) {
        return ownership.workers() == 1 || ownership.owner(clientHi, clientLo) == index;
    }
}
