package io.weir.dataplane;

import io.weir.conntrack.ConnectionFlags;
import io.weir.conntrack.ConnectionTable;
import io.weir.conntrack.RecordTest;
import io.weir.packet.ProtocolNumbers;
import java.nio.charset.StandardCharsets;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.collections.Int2ObjectHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The Call-IDs that templates of a service with {@code --pe sip} are keyed by, beside the client's network.
 *
 * <p>One Call-ID is pending: the one read last, from a packet or a sync message. Templates are looked for by it, and a new
 * one keeps a copy, the only memory that is asked for here. Copies are not in the table's file: such templates end with the
 * director, their connections go on.
 *
 * <p><b>Owner</b>: one worker. <b>Source</b>: ip_vs_pe_sip.c of the Linux kernel.
 */
public final class CallIds implements RecordTest {
    /** The engine's name. */
    public static final String ENGINE = "sip";
    /** Longest Call-ID, bytes. */
    public static final int MOST_BYTES = 255;

    private static final int UDP_HEADER = 8;
    private static final int STEP = Long.BYTES;

    private final ConnectionTable table;
    private final Int2ObjectHashMap<byte[]> kept = new Int2ObjectHashMap<>();
    private final SipHeader header = new SipHeader();
    private final byte[] pending = new byte[MOST_BYTES];
    private int length;

    public CallIds(ConnectionTable table) {
        this.table = table;
    }

    /** Reads the Call-ID of a packet; false: it has none. */
    boolean read(PacketContext c) {
        if (c.icmpError || c.packet.protocol != ProtocolNumbers.UDP) {
            return false;
        }
        final int from = c.packet.l4Offset + UDP_HEADER;
        final int end = c.packet.l4Offset + c.packet.l4Length;
        if (from >= end || !header.callId(c.buffer, from, end, MOST_BYTES)) {
            return false;
        }
        take(c.buffer, header.at, header.length);
        return true;
    }

    /** Takes a Call-ID of 1 to 255 bytes. */
    public void take(DirectBuffer buffer, int offset, int bytes) {
        buffer.getBytes(offset, pending, 0, bytes);
        length = bytes;
    }

    /** The table's hash of a template keyed by the pending Call-ID. */
    public long hash(int protocol, long clientHi, long clientLo) {
        long hash = table.hash(protocol, clientHi, clientLo, 0);
        for (int from = 0; from < length; from += STEP) {
            long word = 0;
            for (int i = from; i < Math.min(from + STEP, length); i++) {
                word = word << Byte.SIZE | pending[i] & 0xFF;
            }
            hash = table.hash(protocol, hash, word, length);
        }
        return hash;
    }

    /** Is this record keyed by the pending Call-ID? */
    @Override
    public boolean test(int id) {
        final byte[] other = kept.get(id);
        if (other == null || other.length != length || !table.hasFlags(id, ConnectionFlags.ENGINE)) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (other[i] != pending[i]) {
                return false;
            }
        }
        return true;
    }

    /** A new template is keyed by the pending Call-ID. */
    public void keep(int id) {
        final byte[] copy = new byte[length];
        System.arraycopy(pending, 0, copy, 0, length);
        kept.put(id, copy);
    }

    /** The record is gone. */
    void forget(int id) {
        if (table.hasFlags(id, ConnectionFlags.ENGINE)) {
            kept.remove(id);
        }
    }

    /** Bytes of a record's Call-ID; 0 if it has none. */
    public int length(int id) {
        final byte[] callId = table.hasFlags(id, ConnectionFlags.ENGINE) ? kept.get(id) : null;
        return callId == null ? 0 : callId.length;
    }

    /** Writes a record's Call-ID, {@link #length} bytes of it. */
    public void write(int id, MutableDirectBuffer to, int offset) {
        final byte[] callId = kept.get(id);
        if (callId != null) {
            to.putBytes(offset, callId);
        }
    }

    /** A record's Call-ID as text, or null; for listings. */
    public @Nullable String text(int id) {
        return length(id) == 0 ? null : new String(kept.get(id), StandardCharsets.ISO_8859_1);
    }
}
