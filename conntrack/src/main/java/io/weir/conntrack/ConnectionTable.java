package io.weir.conntrack;

import static io.weir.conntrack.ConnectionLayout.COLD_BYTES;
import static io.weir.conntrack.ConnectionLayout.EXPIRES_AT;
import static io.weir.conntrack.ConnectionLayout.HOT_BYTES;
import static io.weir.conntrack.ConnectionLayout.WHEEL_NEXT;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.UUID;
import org.agrona.UnsafeApi;
import org.jspecify.annotations.Nullable;

/**
 * All connections and persistence templates of one worker, outside the heap.
 *
 * <p><b>Layout</b>: a dense pool of records ({@link ConnectionLayout}, 96 bytes each), an index from the client's hash to
 * record ids ({@link HashIndex}, 14 bytes per record), a second one for FULLNAT replies, and an {@link ExpiryWheel}
 * through the records. One entry per connection serves both directions: a packet's client is its source or, on the way
 * back, its destination. Templates stand in the same index under {@link ConnectionFlags#TEMPLATE}.
 *
 * <p><b>Thread</b>: one, the worker; nothing here may be called from another.
 *
 * <p><b>Fails</b>: a full table refuses (NONE, and {@link #refused} counts); it never drops a connection to make room.
 *
 * <p><b>Not here</b>: what a packet does to a state, how long a state lasts, counts per destination.
 *
 * <p><b>Source</b>: one list keyed by the client in net/netfilter/ipvs/ip_vs_conn.c.
 */
public final class ConnectionTable extends ConnectionSearch implements AutoCloseable {
    /** Most records of one table. */
    public static final int MAX_CAPACITY = 1 << 28;
    /** How long a template whose time is up lives on while it controls connections (ip_vs_conn.c: 60 s). */
    public static final int TEMPLATE_GRACE_TICKS = 60 * Ticks.PER_SECOND;

    final LocalAddresses locals;
    final HelperNotes notes;
    final ExpiryWheel wheel;
    private final @Nullable TableFile file;
    private final int capacity;
    private final ExpiryWheel.Due onDue = this::onDue;
    private boolean started;
    private int freeHead = NONE;
    private int highWater;
    private int size;
    private int recovered;
    private long refused;
    private @Nullable ExpiryHandler handler;
    private int expiryTick;

    private ConnectionTable(
            int capacity,
            long seed,
            int fullNatCapacity,
            Region locals,
            Region hot,
            Region cold,
            MemoryAdvice advice,
            @Nullable TableFile file) {
        super(hot, cold, new HashIndex(capacity, advice), new ClientHash(seed));
        this.capacity = capacity;
        this.file = file;
        this.locals = new LocalAddresses(this, clientHash, fullNatCapacity, locals, advice);
        this.notes = new HelperNotes(locals, fullNatCapacity > 0);
        this.wheel = new ExpiryWheel(this);
    }

    /** A table in anonymous memory. {@code fullNatCapacity}: how many connections may be FULLNAT's, 0 for none. */
    public static ConnectionTable create(int capacity, long seed, int fullNatCapacity, MemoryAdvice advice) {
        TableFile.checkCapacity(capacity, fullNatCapacity);
        final Region locals = Region.allocate(TableFile.localCount(fullNatCapacity), LocalAddresses.BYTES, advice);
        final Region hot = Region.allocate(capacity, HOT_BYTES, advice);
        final Region cold = Region.allocate(capacity, COLD_BYTES, advice);
        return new ConnectionTable(capacity, seed, fullNatCapacity, locals, hot, cold, advice, null);
    }

    /** The same on pages as the system gives them. */
    public static ConnectionTable create(int capacity, long seed, int fullNatCapacity) {
        return create(capacity, seed, fullNatCapacity, MemoryAdvice.NONE);
    }

    /** A table in anonymous memory, without FULLNAT. */
    public static ConnectionTable create(int capacity, long seed) {
        return create(capacity, seed, 0);
    }

    /**
     * A table in a memory-mapped file. If the file holds a table of the same size, written since the system was booted,
     * its records are taken over, see {@link #recovered}; if it holds anything else it is emptied.
     */
    public static ConnectionTable open(Path file, int capacity, long seed, int fullNatCapacity, MemoryAdvice advice)
            throws IOException {
        final int now = Ticks.ofNanos(System.nanoTime());
        return open(file, capacity, seed, fullNatCapacity, advice, TableFile.bootId(), now, Region.SEGMENT_BYTES);
    }

    /** The same on pages as the system gives them. */
    public static ConnectionTable open(Path file, int capacity, long seed, int fullNatCapacity) throws IOException {
        return open(file, capacity, seed, fullNatCapacity, MemoryAdvice.NONE);
    }

    static ConnectionTable open(
            Path path,
            int capacity,
            long seed,
            int fullNatCapacity,
            MemoryAdvice advice,
            UUID bootId,
            int nowTick,
            long segmentBytes)
            throws IOException {
        TableFile.checkCapacity(capacity, fullNatCapacity);
        final TableFile file = TableFile.open(path, capacity, fullNatCapacity, bootId, segmentBytes);
        final Region locals = file.map(TableFile.localCount(fullNatCapacity), LocalAddresses.BYTES, advice);
        final Region hot = file.map(capacity, HOT_BYTES, advice);
        final Region cold = file.map(capacity, COLD_BYTES, advice);
        final ConnectionTable table =
                new ConnectionTable(capacity, seed, fullNatCapacity, locals, hot, cold, advice, file);
        file.seed(seed);
        if (file.reused()) {
            table.start(nowTick);
            table.highWater = file.highWater();
            table.recovered = new Recovery(table).run(nowTick);
        }
        return table;
    }

    public int capacity() {
        return capacity;
    }

    /** Live records, templates included. */
    public int size() {
        return size;
    }

    /** Connections that found no room. */
    public long refused() {
        return refused;
    }

    /** Records taken over from an earlier process. */
    public int recovered() {
        return recovered;
    }

    /** Was the file, if any, closed in order by its last user? */
    public boolean wasClosedCleanly() {
        return file != null && file.clean();
    }

    /** Ids from here on were never used. */
    public int highWater() {
        return highWater;
    }

    /** Memory outside the heap, without the fixed part (header, local addresses). */
    public long bytes() {
        return hot.bytes() + cold.bytes() + index.bytes() + locals.bytes();
    }

    /** The FULLNAT connection of a real server's packet to a local address, or NONE. */
    public int findLocal(int protocol, long sHi, long sLo, int sPort, long lHi, long lLo, int lPort) {
        return locals.find(protocol, sHi, sLo, sPort, lHi, lLo, lPort);
    }

    /**
     * Makes a record; whether there is one already is the caller's question.
     *
     * @param hash of the client, see {@link #hash}
     * @return its id, or NONE if the table is full or the protocol has no connections
     */
    public int insert(long hash, NewConnection c, int nowTick) {
        final int code = ConnectionLayout.protocolCode(c.protocol);
        final int id = code < 0 ? NONE : allocate();
        if (id == NONE) {
            refused++;
            return NONE;
        }
        start(nowTick);
        write(id, code, c, nowTick + clamp(c.timeoutTicks));
        if ((c.flags & ConnectionFlags.ENGINE) != 0) {
            helperWord(id, HashIndex.tag(hash));
        }
        index.put(HashIndex.tag(hash), id);
        changes++;
        if ((c.flags & ConnectionFlags.TEMPLATE) == 0) {
            putBeforeAlike(hash, id, c);
        }
        wheel.file(id);
        if (c.controller != NONE) {
            changeControlled(c.controller, 1);
        }
        if ((c.flags & ConnectionFlags.NO_CPORT) != 0) {
            noClientPorts++;
        }
        size++;
        return id;
    }

    /**
     * Takes a copy of another table's record, as it is but for links between records: nobody controls it, and it controls
     * nobody.
     *
     * @return its id here; NONE if there is no room, or it, or its local address and port, are known here already
     */
    public int takeOver(ConnectionTable from, int id, int nowTick) {
        final boolean fits = !from.isBoundLocally(id)
                || locals.capacity() > 0 && setLocalAddress(from.localIndex(id), from.localHi(id), from.localLo(id));
        final int copy = fits ? allocate() : NONE;
        if (copy == NONE) {
            refused++;
            return NONE;
        }
        start(nowTick);
        copyFrom(from, id, copy);
        if (from.hasNote(id)) {
            extra(copy, HelperNotes.NONE);
        }
        if (!new Recovery(this).takeIn(copy, nowTick)) {
            storeFlags(copy, 0);
            free(copy);
            return NONE;
        }
        if (from.hasNote(id) && openNote(copy)) {
            notes.copy(extra(copy), from.notes, from.extra(id));
        }
        changes++;
        recovered++;
        return copy;
    }

    private int allocate() {
        final int id = freeHead;
        if (id != NONE) {
            freeHead = coldInt(id, WHEEL_NEXT);
            return id;
        }
        if (highWater == capacity) {
            return NONE;
        }
        highWater++;
        if (file != null) {
            file.highWater(highWater);
        }
        return highWater - 1;
    }

    private static int clamp(int timeoutTicks) {
        return Math.max(0, Math.min(timeoutTicks, Ticks.MAX_TIMEOUT));
    }

    /** A connection that waited for its client's port has it now, and is found by it. */
    public void clientPort(int id, int port) {
        index.remove(HashIndex.tag(hash(protocol(id), clientHi(id), clientLo(id), clientPort(id))), id);
        storeClientPort(id, port);
        index.put(HashIndex.tag(hash(protocol(id), clientHi(id), clientLo(id), port)), id);
        noClientPorts--;
        changes++;
    }

    /** Frees a record; false for a template that still controls connections (they hold its id) and for a free record. */
    public boolean remove(int id) {
        if (!inUse(id) || controlled(id) > 0) {
            return false;
        }
        storeFlags(id, flags(id) & ~ConnectionFlags.HASHED);
        index.remove(tagOf(id), id);
        changes++;
        if (hasFlags(id, ConnectionFlags.NO_CPORT)) {
            noClientPorts--;
        }
        if (hasNote(id)) {
            notes.free(extra(id));
        }
        unbindLocal(id);
        wheel.unfile(id);
        control(id, NONE);
        free(id);
        size--;
        return true;
    }

    void free(int id) {
        coldInt(id, WHEEL_NEXT, freeHead);
        freeHead = id;
    }

    void adopted(int id) {
        size++;
        if (hasFlags(id, ConnectionFlags.NO_CPORT)) {
            noClientPorts++;
        }
    }

    /** Says which LIP an index (0 .. 61438) stands for; false if connections use it for another address. */
    public boolean setLocalAddress(int localIndex, long hi, long lo) {
        return locals.set(localIndex, hi, lo);
    }

    /** Connections that use a LIP. */
    public int localAddressUsers(int localIndex) {
        return locals.users(localIndex);
    }

    /** The LIP of a FULLNAT connection. */
    public long localHi(int id) {
        return locals.hi(localIndex(id));
    }

    public long localLo(int id) {
        return locals.lo(localIndex(id));
    }

    /** Gives a connection its local address and port (not 0); false if that tuple is taken or there is no room. */
    public boolean bindLocal(int id, int localIndex, int localPort) {
        return locals.bind(id, localIndex, localPort);
    }

    /** Has it a FULLNAT local address and port? */
    public boolean isBoundLocally(int id) {
        return !hasHelperWord(id) && localPort(id) != 0;
    }

    /** Gives back the local address and port, if any. */
    public void unbindLocal(int id) {
        if (!hasHelperWord(id)) {
            locals.unbind(id);
        }
    }

    /** Does something else stand where FULLNAT has its local address and port? */
    final boolean hasHelperWord(int id) {
        return hasFlags(id, ConnectionFlags.ENGINE) || hasFlags(id, ConnectionFlags.FTP) && !isFullNat(id);
    }

    private boolean isFullNat(int id) {
        return methodCode(id) == ConnectionLayout.FULL_NAT;
    }

    /**
     * Has this FULLNAT connection a note ({@link #openNote})? Its number stands where under TOA the server's sequence number
     * does, which is not wanted any more then.
     */
    public boolean hasNote(int id) {
        return hasFlags(id, ConnectionFlags.FTP)
                && isFullNat(id)
                && !hasFlags(id, ConnectionFlags.ANNOUNCE_CLIENT)
                && extra(id) != HelperNotes.NONE;
    }

    /** Gives a FULLNAT FTP connection room for four numbers, all 0; false if there is none left. TOA ends with it. */
    public boolean openNote(int id) {
        if (hasNote(id)) {
            return true;
        }
        final int note = notes.take();
        if (note == HelperNotes.NONE) {
            return false;
        }
        extra(id, HelperNotes.NONE);
        changeFlags(id, 0, ConnectionFlags.ANNOUNCE_CLIENT | ConnectionFlags.REPLIED);
        extra(id, note);
        return true;
    }

    /** A number (0 to 3) of a connection's note; 0 if it has none. */
    public int noted(int id, int number) {
        return hasNote(id) ? notes.get(extra(id), number) : 0;
    }

    /** Notes a number; only where there is a note. */
    public void note(int id, int number, int value) {
        notes.put(extra(id), number, value);
    }

    /** Sets the deadline. For the usual packet, which moves it on, this is one store into the hot line. */
    public void schedule(int id, int nowTick, int timeoutTicks) {
        schedule(id, hot.address(id), nowTick, timeoutTicks);
    }

    /** The same for a caller that knows the {@link #recordAddress}. */
    public void schedule(int id, long record, int nowTick, int timeoutTicks) {
        expireAt(id, record, nowTick + clamp(timeoutTicks));
    }

    /** The same for a deadline at most {@link Ticks#MAX_TIMEOUT} ahead. */
    public void expireAt(int id, long record, int deadline) {
        final long at = record + EXPIRES_AT;
        final int before = UnsafeApi.getInt(at);
        UnsafeApi.putInt(at, deadline);
        if (deadline - before < 0) {
            wheel.refile(id);
        }
    }

    /**
     * Works off what is due at {@code nowTick}.
     *
     * @param limit most records and wheel steps in this call; the rest waits for the next one
     * @return how much of the limit was used: less than {@code limit} if nothing is left
     */
    public int expire(int nowTick, int limit, ExpiryHandler expiryHandler) {
        start(nowTick);
        handler = expiryHandler;
        expiryTick = nowTick;
        return wheel.advance(nowTick, limit, onDue);
    }

    private void onDue(int id) {
        int more = 0;
        if (handler != null) {
            more = handler.onExpired(this, id, expiryTick);
        }
        if (more <= 0 && controlled(id) > 0) {
            more = TEMPLATE_GRACE_TICKS;
        }
        if (more > 0) {
            expiresAt(id, expiryTick + clamp(more));
            wheel.file(id);
        } else {
            remove(id);
        }
    }

    private void start(int nowTick) {
        if (!started) {
            started = true;
            wheel.start(nowTick);
        }
    }

    /** Gives the memory back; a file keeps its records. */
    @Override
    public void close() {
        index.close();
        hot.close();
        cold.close();
        locals.close();
        if (file != null) {
            try {
                file.close();
            } catch (final IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
