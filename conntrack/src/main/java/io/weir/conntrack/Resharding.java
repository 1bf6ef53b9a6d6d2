package io.weir.conntrack;

import static io.weir.conntrack.ConnectionRecords.NONE;

import org.agrona.collections.Int2IntHashMap;

/**
 * Brings records to the table of the worker that owns them: after another number of workers, another size of the tables,
 * or a wider persistence mask.
 *
 * <p>A template, what it controls and an FTP connection's data connections have one client network and so one owner: they
 * move together, and their links are tied again. A FULLNAT connection is lost if its local port belongs to another worker than its client:
 * its real server knows no other port.
 *
 * <p><b>Thread</b>: one, while no worker uses the tables. Walks the whole table; a record moved costs some 100 ns.
 */
public final class Resharding {
    /** Whose is a record? */
    @FunctionalInterface
    public interface Owner {
        /** The index of its table, or {@link Resharding#NOBODY}. */
        int of(ConnectionTable table, int id);
    }

    /** Told of each record that cannot move, before it is taken out. */
    @FunctionalInterface
    public interface Loss {
        void of(ConnectionTable table, int id);
    }

    /** The owner of a record that no worker could serve. */
    public static final int NOBODY = -2;

    /** The index of a table that is none of those records go to. */
    public static final int ELSEWHERE = -1;

    /** A template controls an FTP connection, which controls its data connections. */
    private static final int LEVELS = 3;

    private final ConnectionTable[] tables;
    private final Owner owner;
    private final Loss loss;
    private int moved;
    private int lost;

    public Resharding(ConnectionTable[] tables, Owner owner, Loss loss) {
        this.tables = tables.clone();
        this.owner = owner;
        this.loss = loss;
    }

    /** Moves what another table owns out of this one, whose index is {@code self} or {@link #ELSEWHERE}. */
    public void empty(ConnectionTable from, int self, int nowTick) {
        final Int2IntHashMap copies = new Int2IntHashMap(NONE);
        final int end = from.highWater();
        for (int id = 0; id < end; id++) {
            if (from.inUse(id) && owner.of(from, id) != self) {
                move(from, id, nowTick, copies);
            }
        }
        for (int id = 0; id < end; id++) {
            final int copy = copies.get(id);
            if (copy != NONE) {
                tie(from, id, copy, copies);
            }
        }
        if (self != ELSEWHERE) {
            for (int level = 0; level < LEVELS; level++) {
                takeOut(from, self);
            }
        }
    }

    private void move(ConnectionTable from, int id, int nowTick, Int2IntHashMap copies) {
        final int to = owner.of(from, id);
        final int copy = to == NOBODY ? NONE : tables[to].takeOver(from, id, nowTick);
        if (copy == NONE) {
            lost++;
            loss.of(from, id);
        } else {
            moved++;
            copies.put(id, copy);
        }
    }

    private void tie(ConnectionTable from, int id, int copy, Int2IntHashMap copies) {
        final int controller = from.controller(id);
        final int to = owner.of(from, id);
        if (controller != NONE && copies.get(controller) != NONE && owner.of(from, controller) == to) {
            tables[to].control(copy, copies.get(controller));
        }
    }

    /** A record that still controls others stays until these are out. */
    private void takeOut(ConnectionTable from, int self) {
        for (int id = 0; id < from.highWater(); id++) {
            if (from.inUse(id) && owner.of(from, id) != self) {
                from.remove(id);
            }
        }
    }

    /** Records that are in another table now. */
    public int moved() {
        return moved;
    }

    /** Records that could not move and are gone. */
    public int lost() {
        return lost;
    }
}
