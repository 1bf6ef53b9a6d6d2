package io.weir.dataplane.sync;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.weir.conntrack.ConnectionFlags;
import io.weir.conntrack.ConnectionTable;
import io.weir.dataplane.CallIds;
import io.weir.dataplane.Connections;
import io.weir.dataplane.SequenceShift;
import io.weir.packet.IpAddress;
import java.nio.ByteOrder;
import org.agrona.concurrent.AtomicBuffer;

/**
 * Writes records as entries of either version: {@link SyncWire}.
 *
 * <p><b>Owner</b>: one worker; nothing here allocates. <b>Source</b>: ip_vs_sync_conn() and ip_vs_sync_conn_v0() of the
 * Linux kernel.
 */
final class SyncEntryWriter {
    private final ConnectionTable table;
    private final CallIds callIds;

    SyncEntryWriter(ConnectionTable table, CallIds callIds) {
        this.table = table;
        this.callIds = callIds;
    }

    /** Has this version a place for all that a record is? Version 0 has none for IPv6, nor for FULLNAT. */
    boolean canTell(int id, boolean version0) {
        return !version0 || !table.isV6(id) && table.methodCode(id) != Connections.FULLNAT;
    }

    /** Length of a record's entry. */
    int bytes(int id, boolean version0) {
        final boolean shifted = SequenceShift.isShifted(table, id);
        if (version0) {
            return SyncWire.ENTRY0_BYTES + (shifted ? SyncWire.SEQUENCE_BYTES : 0);
        }
        return (table.isV6(id) ? SyncWire.ENTRY6_BYTES : SyncWire.ENTRY4_BYTES)
                + (shifted ? SyncWire.OPTION_HEADER + SyncWire.SEQUENCE_BYTES : 0)
                + SyncWire.engineBytes(callIds.length(id))
                + localBytes(id);
    }

    private int localBytes(int id) {
        return table.methodCode(id) == Connections.FULLNAT ? SyncWire.OPTION_HEADER + localData(id) : 0;
    }

    private int localData(int id) {
        return isServerV4(id) ? SyncWire.LOCAL4_BYTES : SyncWire.LOCAL6_BYTES;
    }

    private boolean isServerV4(int id) {
        return IpAddress.isV4(table.destinationHi(id), table.destinationLo(id));
    }

    void write(AtomicBuffer b, int at, int id, boolean version0, int timeoutSeconds) {
        if (version0) {
            write0(b, at, id);
        } else {
            write1(b, at, id, timeoutSeconds);
        }
    }

    private void write0(AtomicBuffer b, int at, int id) {
        b.putByte(at, (byte) 0);
        b.putByte(at + SyncWire.PROTOCOL, (byte) table.protocol(id));
        b.putShort(at + SyncWire.CLIENT_PORT0, (short) table.clientPort(id), BIG_ENDIAN);
        b.putShort(at + SyncWire.VIRTUAL_PORT0, (short) table.virtualPort(id), BIG_ENDIAN);
        b.putShort(at + SyncWire.SERVER_PORT0, (short) table.destinationPort(id), BIG_ENDIAN);
        b.putInt(at + SyncWire.CLIENT0, (int) table.clientLo(id), BIG_ENDIAN);
        b.putInt(at + SyncWire.VIRTUAL0, (int) table.virtualLo(id), BIG_ENDIAN);
        b.putInt(at + SyncWire.SERVER0, (int) table.destinationLo(id), BIG_ENDIAN);
        b.putShort(at + SyncWire.FLAGS0, (short) wireFlags(id), BIG_ENDIAN);
        b.putShort(at + SyncWire.STATE0, (short) wireState(id), BIG_ENDIAN);
        if (SequenceShift.isShifted(table, id)) {
            sequence(b, at + SyncWire.ENTRY0_BYTES, id, ByteOrder.nativeOrder());
        }
    }

    private void write1(AtomicBuffer b, int at, int id, int timeoutSeconds) {
        final boolean v6 = table.isV6(id);
        b.putByte(at, (byte) (v6 ? SyncWire.TYPE_IPV6 : 0));
        b.putByte(at + SyncWire.PROTOCOL, (byte) table.protocol(id));
        b.putShort(at + SyncWire.VERSION_SIZE, (short) bytes(id, false), BIG_ENDIAN);
        b.putInt(at + SyncWire.FLAGS, wireFlags(id), BIG_ENDIAN);
        b.putShort(at + SyncWire.STATE, (short) wireState(id), BIG_ENDIAN);
        b.putShort(at + SyncWire.CLIENT_PORT, (short) table.clientPort(id), BIG_ENDIAN);
        b.putShort(at + SyncWire.VIRTUAL_PORT, (short) table.virtualPort(id), BIG_ENDIAN);
        b.putShort(at + SyncWire.SERVER_PORT, (short) table.destinationPort(id), BIG_ENDIAN);
        b.putInt(at + SyncWire.FWMARK, table.fwmark(id), BIG_ENDIAN);
        b.putInt(at + SyncWire.TIMEOUT, timeoutSeconds, BIG_ENDIAN);
        final int addresses = at + SyncWire.ADDRESSES;
        if (v6) {
            address(b, addresses, table.clientHi(id), table.clientLo(id));
            if (table.protocol(id) == 0) {
                // The mark stands where an IPv4 address would.
                address(b, addresses + 16, table.virtualLo(id) << Integer.SIZE, 0);
            } else {
                address(b, addresses + 16, table.virtualHi(id), table.virtualLo(id));
            }
            address(b, addresses + 32, table.destinationHi(id), table.destinationLo(id));
        } else {
            b.putInt(addresses, (int) table.clientLo(id), BIG_ENDIAN);
            b.putInt(addresses + 4, (int) table.virtualLo(id), BIG_ENDIAN);
            b.putInt(addresses + 8, (int) table.destinationLo(id), BIG_ENDIAN);
        }
        options(b, at + (v6 ? SyncWire.ENTRY6_BYTES : SyncWire.ENTRY4_BYTES), id);
    }

    private static void address(AtomicBuffer b, int at, long hi, long lo) {
        b.putLong(at, hi, BIG_ENDIAN);
        b.putLong(at + Long.BYTES, lo, BIG_ENDIAN);
    }

    private void options(AtomicBuffer b, int first, int id) {
        int at = first;
        if (SequenceShift.isShifted(table, id)) {
            option(b, at, SyncWire.OPTION_SEQUENCE, SyncWire.SEQUENCE_BYTES);
            sequence(b, at + SyncWire.OPTION_HEADER, id, BIG_ENDIAN);
            at += SyncWire.OPTION_HEADER + SyncWire.SEQUENCE_BYTES;
        }
        at += engine(b, at, id);
        if (table.methodCode(id) == Connections.FULLNAT) {
            local(b, at, id);
        }
    }

    private static void option(AtomicBuffer b, int at, int type, int length) {
        b.putByte(at, (byte) type);
        b.putByte(at + 1, (byte) length);
    }

    private void sequence(AtomicBuffer b, int at, int id, ByteOrder order) {
        sequence(b, at, id, SequenceShift.CLIENT, order);
        sequence(b, at + SyncWire.SERVER_SEQUENCE, id, SequenceShift.SERVER, order);
    }

    private void sequence(AtomicBuffer b, int at, int id, int of, ByteOrder order) {
        final boolean shifted = SequenceShift.isShifted(table, id, of);
        b.putInt(at, shifted ? SequenceShift.place(table, id, of) : 0, order);
        b.putInt(at + 4, shifted ? SequenceShift.after(table, id, of) : 0, order);
        b.putInt(at + 8, shifted ? SequenceShift.before(table, id, of) : 0, order);
    }

    private int engine(AtomicBuffer b, int at, int id) {
        final int length = callIds.length(id);
        if (length > 0) {
            option(b, at, SyncWire.OPTION_ENGINE_DATA, length);
            callIds.write(id, b, at + SyncWire.OPTION_HEADER);
            final int name = at + SyncWire.OPTION_HEADER + length;
            option(b, name, SyncWire.OPTION_ENGINE_NAME, CallIds.ENGINE.length());
            for (int i = 0; i < CallIds.ENGINE.length(); i++) {
                b.putByte(name + SyncWire.OPTION_HEADER + i, (byte) CallIds.ENGINE.charAt(i));
            }
        }
        return SyncWire.engineBytes(length);
    }

    /** The local address and port; both 0 of a template, which has none. */
    private void local(AtomicBuffer b, int at, int id) {
        final int port = table.localPort(id);
        final int data = at + SyncWire.OPTION_HEADER;
        option(b, at, SyncWire.OPTION_LOCAL, localData(id));
        b.putShort(data, (short) port, BIG_ENDIAN);
        final long hi = port == 0 ? 0 : table.localHi(id);
        final long lo = port == 0 ? 0 : table.localLo(id);
        if (isServerV4(id)) {
            b.putInt(data + Short.BYTES, (int) lo, BIG_ENDIAN);
        } else {
            address(b, data + Short.BYTES, hi, lo);
        }
    }

    private int wireFlags(int id) {
        final int cleared = ConnectionFlags.HASHED | ConnectionFlags.SEQ_MASK;
        final int flags = ConnectionFlags.toWire(table.flags(id), table.methodCode(id)) & ~cleared;
        return flags
                | (SequenceShift.isShifted(table, id, SequenceShift.SERVER) ? ConnectionFlags.OUT_SEQ : 0)
                | (SequenceShift.isShifted(table, id, SequenceShift.CLIENT) ? ConnectionFlags.IN_SEQ : 0);
    }

    private int wireState(int id) {
        if (table.isTemplate(id)) {
            return table.hasFlags(id, ConnectionFlags.ASSURED) ? 1 : 0;
        }
        return table.state(id);
    }
}
