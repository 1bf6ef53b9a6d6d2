package io.weir.conntrack;

import static io.weir.conntrack.ConnectionLayout.BUCKET_SHIFT;
import static io.weir.conntrack.ConnectionLayout.CLIENT_HI;
import static io.weir.conntrack.ConnectionLayout.CLIENT_LO;
import static io.weir.conntrack.ConnectionLayout.CONTROLLED_BUCKET;
import static io.weir.conntrack.ConnectionLayout.CONTROLLED_MASK;
import static io.weir.conntrack.ConnectionLayout.CONTROLLER;
import static io.weir.conntrack.ConnectionLayout.DESTINATION_HI;
import static io.weir.conntrack.ConnectionLayout.DESTINATION_LO;
import static io.weir.conntrack.ConnectionLayout.DESTINATION_PORT_SHIFT;
import static io.weir.conntrack.ConnectionLayout.EXPIRES_AT;
import static io.weir.conntrack.ConnectionLayout.EXTRA;
import static io.weir.conntrack.ConnectionLayout.FAMILY_SHIFT;
import static io.weir.conntrack.ConnectionLayout.FLAGS_SHIFT;
import static io.weir.conntrack.ConnectionLayout.FWMARK;
import static io.weir.conntrack.ConnectionLayout.LOCAL;
import static io.weir.conntrack.ConnectionLayout.LOCAL_PORT_SHIFT;
import static io.weir.conntrack.ConnectionLayout.METHOD_SHIFT;
import static io.weir.conntrack.ConnectionLayout.NIBBLE;
import static io.weir.conntrack.ConnectionLayout.PACKED;
import static io.weir.conntrack.ConnectionLayout.PACKETS;
import static io.weir.conntrack.ConnectionLayout.PORTS_FLAGS;
import static io.weir.conntrack.ConnectionLayout.PROTOCOL_SHIFT;
import static io.weir.conntrack.ConnectionLayout.SLOT_MASK;
import static io.weir.conntrack.ConnectionLayout.STATE_SHIFT;
import static io.weir.conntrack.ConnectionLayout.VIRTUAL_HI;
import static io.weir.conntrack.ConnectionLayout.VIRTUAL_LO;
import static io.weir.conntrack.ConnectionLayout.VIRTUAL_PORT_SHIFT;

import io.weir.packet.IpAddress;
import org.agrona.UnsafeApi;

/**
 * The fields of the records, by record id.
 *
 * <p>An id stays the same as long as the record is in use. What is read of a free record means nothing.
 *
 * <p><b>Units/order</b>: host order; addresses as two longs, IPv4 as {@code hi = 0, lo = 0xFFFF_aabbccdd}.
 *
 * <p><b>Layout</b>: {@link ConnectionLayout}. Fields up to {@link #expiresAt} are in the hot line, the rest in the cold.
 */
public abstract sealed class ConnectionRecords permits ConnectionSearch {
    /** No record. */
    public static final int NONE = -1;
    /** The destination slot of a connection without one (bypass; a synchronised one whose server is unknown). */
    public static final int NO_DESTINATION = SLOT_MASK;

    private static final int PORT = 0xFFFF;
    /** The ports of an invalidated template (ip_vs_check_template). */
    private static final int NO_PORT = 0xFFFF;

    private static final long FLAGS_CLEAR = ~(0xFFFFL << FLAGS_SHIFT);

    final Region hot;
    final Region cold;

    ConnectionRecords(Region hot, Region cold) {
        this.hot = hot;
        this.cold = cold;
    }

    private long portsFlags(int id) {
        return UnsafeApi.getLong(hot.address(id) + PORTS_FLAGS);
    }

    private int packed(int id) {
        return UnsafeApi.getInt(hot.address(id) + PACKED);
    }

    private void replacePacked(int id, int mask, int shift, int value) {
        final long at = hot.address(id) + PACKED;
        UnsafeApi.putInt(at, UnsafeApi.getInt(at) & ~(mask << shift) | (value & mask) << shift);
    }

    final int coldInt(int id, int offset) {
        return UnsafeApi.getInt(cold.address(id) + offset);
    }

    final void coldInt(int id, int offset, int value) {
        UnsafeApi.putInt(cold.address(id) + offset, value);
    }

    /** The IP protocol; 0 in a template by fwmark. */
    public final int protocol(int id) {
        return ConnectionLayout.protocolOf(packed(id) >>> PROTOCOL_SHIFT);
    }

    /** Is the client's address IPv6? */
    public final boolean isV6(int id) {
        return packed(id) >>> FAMILY_SHIFT != 0;
    }

    public final long clientHi(int id) {
        return UnsafeApi.getLong(hot.address(id) + CLIENT_HI);
    }

    public final long clientLo(int id) {
        return UnsafeApi.getLong(hot.address(id) + CLIENT_LO);
    }

    public final int clientPort(int id) {
        return (int) portsFlags(id) & PORT;
    }

    public final long virtualHi(int id) {
        return HotRecord.virtualHi(hot.address(id));
    }

    public final long virtualLo(int id) {
        return HotRecord.virtualLo(hot.address(id));
    }

    public final int virtualPort(int id) {
        return HotRecord.virtualPort(hot.address(id));
    }

    public final long destinationHi(int id) {
        return HotRecord.destinationHi(hot.address(id));
    }

    public final long destinationLo(int id) {
        return HotRecord.destinationLo(hot.address(id));
    }

    public final int destinationPort(int id) {
        return HotRecord.destinationPort(hot.address(id));
    }

    /** The slot of the destination, or {@link #NO_DESTINATION}. */
    public final int destinationSlot(int id) {
        return HotRecord.destinationSlot(hot.address(id));
    }

    public final void destinationSlot(int id, int slot) {
        replacePacked(id, SLOT_MASK, 0, slot);
    }

    public final int methodCode(int id) {
        return HotRecord.methodCode(hot.address(id));
    }

    public final void methodCode(int id, int methodCode) {
        replacePacked(id, NIBBLE, METHOD_SHIFT, methodCode);
    }

    public final int state(int id) {
        return HotRecord.state(hot.address(id));
    }

    public final void state(int id, int state) {
        replacePacked(id, NIBBLE, STATE_SHIFT, state);
    }

    /** Of {@link ConnectionFlags}. */
    public final int flags(int id) {
        return HotRecord.flags(hot.address(id));
    }

    public final boolean hasFlags(int id, int flags) {
        return (flags(id) & flags) == flags;
    }

    /** Sets {@code set} and clears {@code clear}; HASHED and TEMPLATE stay as they are. */
    public final void changeFlags(int id, int set, int clear) {
        final int fixed = ConnectionFlags.HASHED | ConnectionFlags.TEMPLATE;
        final int flags = flags(id);
        storeFlags(id, flags & fixed | ((flags | set) & ~clear & ~fixed));
    }

    final void storeFlags(int id, int flags) {
        final long at = hot.address(id) + PORTS_FLAGS;
        final long value = UnsafeApi.getLong(at) & FLAGS_CLEAR | (flags & 0xFFFFL) << FLAGS_SHIFT;
        UnsafeApi.putLongRelease(null, at, value);
    }

    final void storeClientPort(int id, int port) {
        final long at = hot.address(id) + PORTS_FLAGS;
        final long other = UnsafeApi.getLong(at) & ~((long) ConnectionFlags.NO_CPORT << FLAGS_SHIFT | PORT);
        UnsafeApi.putLongRelease(null, at, other | port & PORT);
    }

    public final boolean isTemplate(int id) {
        return (flags(id) & ConnectionFlags.TEMPLATE) != 0;
    }

    /** Does this id stand for a live record? */
    public final boolean inUse(int id) {
        return (flags(id) & ConnectionFlags.HASHED) != 0;
    }

    /** The deadline; compare by difference. */
    public final int expiresAt(int id) {
        return UnsafeApi.getInt(hot.address(id) + EXPIRES_AT);
    }

    final void expiresAt(int id, int tick) {
        UnsafeApi.putInt(hot.address(id) + EXPIRES_AT, tick);
    }

    /** Client packets so far, modulo 2^32. */
    public final int packets(int id) {
        return coldInt(id, PACKETS);
    }

    public final void packets(int id, int packets) {
        coldInt(id, PACKETS, packets);
    }

    /** Counts one packet and returns the new number. */
    public final int countPacket(int id) {
        final long at = cold.address(id) + PACKETS;
        final int packets = UnsafeApi.getInt(at) + 1;
        UnsafeApi.putInt(at, packets);
        return packets;
    }

    public final int fwmark(int id) {
        return coldInt(id, FWMARK);
    }

    /** Record id of the template in charge, or {@link #NONE}. */
    public final int controller(int id) {
        return coldInt(id, CONTROLLER);
    }

    /** How many connections a template controls; stays at its maximum (4,194,303) once it got there. */
    public final int controlled(int id) {
        return coldInt(id, CONTROLLED_BUCKET) & CONTROLLED_MASK;
    }

    final void changeControlled(int id, int delta) {
        final int word = coldInt(id, CONTROLLED_BUCKET);
        final int controlled = word & CONTROLLED_MASK;
        if (controlled != CONTROLLED_MASK && controlled + delta >= 0) {
            coldInt(id, CONTROLLED_BUCKET, word & ~CONTROLLED_MASK | controlled + delta);
        }
    }

    final int bucket(int id) {
        return coldInt(id, CONTROLLED_BUCKET) >>> BUCKET_SHIFT;
    }

    final void bucket(int id, int bucket) {
        coldInt(id, CONTROLLED_BUCKET, coldInt(id, CONTROLLED_BUCKET) & CONTROLLED_MASK | bucket << BUCKET_SHIFT);
    }

    /** FULLNAT's local port; 0 while none is bound. */
    public final int localPort(int id) {
        return coldInt(id, LOCAL) >>> LOCAL_PORT_SHIFT;
    }

    /** Index of FULLNAT's local address; means something only while {@link #localPort} is not 0. */
    public final int localIndex(int id) {
        return coldInt(id, LOCAL) & PORT;
    }

    /**
     * What the helper of an FTP control connection wants to remember; nobody else has it. Under FULLNAT its port stands there
     * ({@link ConnectionTable#noted}).
     */
    public final int helperWord(int id) {
        return coldInt(id, LOCAL);
    }

    public final void helperWord(int id, int value) {
        coldInt(id, LOCAL, value);
    }

    /** A number for the caller's use: sequence delta, or when the last sync message went out. */
    public final int extra(int id) {
        return coldInt(id, EXTRA);
    }

    public final void extra(int id, int value) {
        coldInt(id, EXTRA, value);
    }

    /** Writes all fields of a free record; the last store makes it one in use. */
    final void write(int id, int code, NewConnection c, int expiresAt) {
        final long coldAt = cold.address(id);
        UnsafeApi.putInt(coldAt + PACKETS, 0);
        UnsafeApi.putInt(coldAt + CONTROLLER, c.controller);
        UnsafeApi.putInt(coldAt + LOCAL, 0);
        UnsafeApi.putInt(coldAt + FWMARK, c.fwmark);
        UnsafeApi.putInt(coldAt + CONTROLLED_BUCKET, 0);
        UnsafeApi.putInt(coldAt + EXTRA, 0);
        final long at = hot.address(id);
        UnsafeApi.putLong(at + CLIENT_HI, c.clientHi);
        UnsafeApi.putLong(at + CLIENT_LO, c.clientLo);
        UnsafeApi.putLong(at + VIRTUAL_HI, c.virtualHi);
        UnsafeApi.putLong(at + VIRTUAL_LO, c.virtualLo);
        UnsafeApi.putLong(at + DESTINATION_HI, c.destinationHi);
        UnsafeApi.putLong(at + DESTINATION_LO, c.destinationLo);
        final boolean v6 = !IpAddress.isV4(c.clientHi, c.clientLo);
        UnsafeApi.putInt(at + PACKED, ConnectionLayout.pack(c.destinationSlot, c.state, c.methodCode, code, v6));
        UnsafeApi.putInt(at + EXPIRES_AT, expiresAt);
        final int flags = c.flags | ConnectionFlags.HASHED;
        final long ports = ConnectionLayout.portsFlags(c.clientPort, c.virtualPort, c.destinationPort, flags);
        UnsafeApi.putLongRelease(null, at + PORTS_FLAGS, ports);
    }

    /** Copies a record of another table into a free one; the last store makes it one in use. */
    final void copyFrom(ConnectionRecords from, int id, int copy) {
        UnsafeApi.copyMemory(from.cold.address(id), cold.address(copy), ConnectionLayout.COLD_BYTES);
        coldInt(copy, CONTROLLER, NONE);
        coldInt(copy, CONTROLLED_BUCKET, 0);
        final long source = from.hot.address(id);
        final long at = hot.address(copy);
        UnsafeApi.copyMemory(source, at, PORTS_FLAGS);
        UnsafeApi.putLong(at + PACKED, UnsafeApi.getLong(source + PACKED));
        UnsafeApi.putLongRelease(null, at + PORTS_FLAGS, UnsafeApi.getLong(source + PORTS_FLAGS));
    }

    /** Puts a connection under a template, or under none ({@link #NONE}). */
    public final void control(int id, int controller) {
        final int before = controller(id);
        if (before != NONE) {
            changeControlled(before, -1);
        }
        coldInt(id, CONTROLLER, controller);
        if (controller != NONE) {
            changeControlled(controller, 1);
        }
    }

    /** Gives a connection another destination. Not for one with a bound local address. */
    public final void bindDestination(int id, int slot, long hi, long lo, int port) {
        final long at = hot.address(id);
        UnsafeApi.putLong(at + DESTINATION_HI, hi);
        UnsafeApi.putLong(at + DESTINATION_LO, lo);
        final long other = UnsafeApi.getLong(at + PORTS_FLAGS) & ~(0xFFFFL << DESTINATION_PORT_SHIFT);
        UnsafeApi.putLong(at + PORTS_FLAGS, other | (port & 0xFFFFL) << DESTINATION_PORT_SHIFT);
        destinationSlot(id, slot);
    }

    /** Makes sure that no new connection finds this template: its virtual and real ports become 65535. */
    public final void invalidateTemplate(int id) {
        final long at = hot.address(id) + PORTS_FLAGS;
        final long none = (long) NO_PORT << VIRTUAL_PORT_SHIFT | (long) NO_PORT << DESTINATION_PORT_SHIFT;
        UnsafeApi.putLong(at, UnsafeApi.getLong(at) | none);
    }

    /** Did {@link #invalidateTemplate} happen to it? */
    public final boolean isInvalidTemplate(int id) {
        return isTemplate(id) && virtualPort(id) == NO_PORT;
    }
}
