package io.weir.dataplane.sync;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.weir.conntrack.SctpState;
import io.weir.conntrack.TcpState;
import io.weir.dataplane.CallIds;
import io.weir.dataplane.Shard;
import io.weir.packet.IpAddress;
import io.weir.packet.ProtocolNumbers;
import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.MessageHandler;

/**
 * Reads the messages of other directors, entry by entry, and has them put into the table.
 *
 * <p><b>Fails</b>: an impossible entry ends its message, an entry of an unknown kind is left out; both are counted.
 *
 * <p><b>Source</b>: ip_vs_process_message(), ip_vs_proc_sync_conn() and ip_vs_process_message_v0() of the Linux kernel.
 * <b>Owner</b>: one worker.
 */
final class SyncBackup implements MessageHandler {
    private static final int UDP_STATES = 1;
    private static final int ONE_STATE = 1;
    private static final int MAX_PORT = 0xFFFF;
    /** What the kernel takes over of version 1: method, NOOUTPUT, INACTIVE, sequences, NO_CPORT, TEMPLATE. */
    private static final int TAKEN_FLAGS = 0x1F87;
    /** Version 0 has 16 bits and takes all but HASHED. */
    private static final int TAKEN_FLAGS0 = 0xFFBF;

    private static final int OPTION_BAD = -1;
    private static final int OPTION_UNKNOWN = 1;
    private static final int OPTION_GOOD = 0;

    private final SyncEntries entries;
    private final SyncCounters counters;
    private final Shard shard;
    private final SyncEntry entry = new SyncEntry();
    private int nowTick;
    private long optionsSeen;
    private int engineData;
    private int engineDataLength;
    private boolean engineKnown;

    SyncBackup(SyncEntries entries, SyncCounters counters, Shard shard) {
        this.entries = entries;
        this.shard = shard;
        this.counters = counters;
    }

    void now(int tick) {
        nowTick = tick;
    }

    @Override
    public void onMessage(int kind, MutableDirectBuffer buffer, int offset, int length) {
        if (isVersion1(buffer, offset, length)) {
            version1(buffer, offset, length);
        } else {
            version0(buffer, offset, length);
        }
    }

    private static boolean isVersion1(DirectBuffer b, int offset, int length) {
        return length >= SyncWire.HEADER_BYTES
                && b.getByte(offset) == 0
                && b.getByte(offset + SyncWire.VERSION_AT) == SyncWire.VERSION
                && b.getShort(offset + SyncWire.SPARE) == 0;
    }

    private void version1(DirectBuffer b, int offset, int length) {
        final int end = offset + length;
        final int count = b.getByte(offset + SyncWire.COUNT) & 0xFF;
        int at = offset + SyncWire.HEADER_BYTES;
        for (int i = 0; i < count; i++) {
            if (at + SyncWire.ENTRY4_BYTES > end) {
                badEntry();
                return;
            }
            final int versionSize = b.getShort(at + SyncWire.VERSION_SIZE, BIG_ENDIAN) & 0xFFFF;
            final int size = versionSize & SyncWire.ENTRY_SIZE_MASK;
            if (at + size > end || versionSize >> SyncWire.ENTRY_VERSION_SHIFT != 0 || !read(b, at, size)) {
                badEntry();
                return;
            }
            at += SyncWire.padded(size);
        }
    }

    /** Every worker reads every message: the first counts what is nobody's. */
    private void badEntry() {
        if (shard.index() == 0) {
            counters.increment(SyncCounters.BAD_ENTRY);
        }
    }

    /** One entry of version 1; false if the message cannot be trusted any further. */
    private boolean read(DirectBuffer b, int at, int size) {
        final int type = b.getByte(at) & 0xFF;
        final boolean v6 = (type & SyncWire.TYPE_IPV6) != 0;
        final int fixed = v6 ? SyncWire.ENTRY6_BYTES : SyncWire.ENTRY4_BYTES;
        if (!v6 && type != 0 || size < fixed) {
            return false;
        }
        entry.clear();
        final int options = options(b, at + fixed, at + size);
        if (options == OPTION_BAD) {
            return false;
        }
        if (options == OPTION_GOOD && engineDataLength > 0) {
            entries.callId(b, engineData, engineDataLength);
            entry.byCallId = true;
        }
        entry.protocol = b.getByte(at + SyncWire.PROTOCOL) & 0xFF;
        entry.flags = b.getInt(at + SyncWire.FLAGS, BIG_ENDIAN) & TAKEN_FLAGS;
        entry.state = b.getShort(at + SyncWire.STATE, BIG_ENDIAN) & 0xFFFF;
        entry.clientPort = b.getShort(at + SyncWire.CLIENT_PORT, BIG_ENDIAN) & MAX_PORT;
        entry.virtualPort = b.getShort(at + SyncWire.VIRTUAL_PORT, BIG_ENDIAN) & MAX_PORT;
        entry.serverPort = b.getShort(at + SyncWire.SERVER_PORT, BIG_ENDIAN) & MAX_PORT;
        entry.fwmark = b.getInt(at + SyncWire.FWMARK, BIG_ENDIAN);
        entry.timeoutSeconds = b.getInt(at + SyncWire.TIMEOUT, BIG_ENDIAN) & 0xFFFF_FFFFL;
        if (v6) {
            addresses6(b, at + SyncWire.ADDRESSES);
        } else {
            addresses4(b, at + SyncWire.ADDRESSES);
        }
        if (!shard.owns(entry.clientHi, entry.clientLo)) {
            return true;
        }
        if (entry.hasLocal && entry.localPort % shard.workers() != shard.index() && entry.localPort != 0) {
            // A reply to that port comes to another worker: the directors share their ports otherwise.
            counters.increment(SyncCounters.NO_LOCAL);
            return true;
        }
        if (options == OPTION_UNKNOWN || !isKnown()) {
            counters.increment(SyncCounters.UNKNOWN);
        } else {
            entries.enter(entry, nowTick);
        }
        return true;
    }

    private void addresses4(DirectBuffer b, int at) {
        entry.clientLo = IpAddress.v4(b.getInt(at, BIG_ENDIAN));
        entry.virtualLo = IpAddress.v4(b.getInt(at + 4, BIG_ENDIAN));
        entry.serverLo = IpAddress.v4(b.getInt(at + 8, BIG_ENDIAN));
    }

    private void addresses6(DirectBuffer b, int at) {
        entry.ipv6 = true;
        entry.clientHi = b.getLong(at, BIG_ENDIAN);
        entry.clientLo = b.getLong(at + 8, BIG_ENDIAN);
        entry.virtualHi = b.getLong(at + 16, BIG_ENDIAN);
        entry.virtualLo = b.getLong(at + 24, BIG_ENDIAN);
        if (entry.protocol == 0) {
            // The mark of a template stands where an IPv4 address would.
            entry.virtualLo = entry.virtualHi >>> Integer.SIZE;
            entry.virtualHi = 0;
        }
        entry.serverHi = b.getLong(at + 32, BIG_ENDIAN);
        entry.serverLo = b.getLong(at + 40, BIG_ENDIAN);
    }

    /** Checks an entry's options. */
    private int options(DirectBuffer b, int from, int end) {
        optionsSeen = 0;
        engineDataLength = 0;
        engineKnown = false;
        int at = from;
        while (at < end) {
            if (at + 2 > end) {
                return OPTION_BAD;
            }
            final int type = b.getByte(at) & 0xFF;
            final int length = b.getByte(at + 1) & 0xFF;
            at += 2;
            if (length == 0 || at + length > end) {
                return OPTION_BAD;
            }
            final int verdict = option(type, length);
            if (verdict != OPTION_GOOD) {
                return verdict;
            }
            take(b, type & ~SyncWire.OPTION_NOT_NUMBER, at, length);
            at += length;
        }
        return engineDataLength == 0 || engineKnown ? OPTION_GOOD : OPTION_UNKNOWN;
    }

    private void take(DirectBuffer b, int number, int at, int length) {
        switch (number) {
            case SyncWire.OPTION_SEQUENCE -> sequence(b, at, BIG_ENDIAN);
            case SyncWire.OPTION_ENGINE_DATA -> {
                engineData = at;
                engineDataLength = length;
            }
            case SyncWire.OPTION_ENGINE_NAME -> engineKnown = isEngine(b, at, length);
            case SyncWire.OPTION_LOCAL -> local(b, at, length);
            default -> {
                // May be skipped.
            }
        }
    }

    private void sequence(DirectBuffer b, int at, ByteOrder order) {
        entry.hasSequence = true;
        entry.sequencePlace = b.getInt(at + SyncWire.SERVER_SEQUENCE, order);
        entry.sequenceAfter = b.getInt(at + SyncWire.SERVER_SEQUENCE + 4, order);
        entry.sequenceBefore = b.getInt(at + SyncWire.SERVER_SEQUENCE + 8, order);
        entry.clientPlace = b.getInt(at, order);
        entry.clientAfter = b.getInt(at + 4, order);
        entry.clientBefore = b.getInt(at + 8, order);
    }

    private void local(DirectBuffer b, int at, int length) {
        final int address = at + Short.BYTES;
        final boolean v4 = length == SyncWire.LOCAL4_BYTES;
        entry.hasLocal = true;
        entry.localPort = b.getShort(at, BIG_ENDIAN) & MAX_PORT;
        entry.localHi = v4 ? 0 : b.getLong(address, BIG_ENDIAN);
        entry.localLo = v4 ? IpAddress.v4(b.getInt(address, BIG_ENDIAN)) : b.getLong(address + 8, BIG_ENDIAN);
    }

    private static boolean isEngine(DirectBuffer b, int at, int length) {
        boolean same = length == CallIds.ENGINE.length();
        for (int i = 0; same && i < length; i++) {
            same = b.getByte(at + i) == CallIds.ENGINE.charAt(i);
        }
        return same;
    }

    private int option(int type, int length) {
        final int number = type & ~SyncWire.OPTION_NOT_NUMBER;
        final boolean fits =
                switch (number) {
                    case SyncWire.OPTION_SEQUENCE -> length == SyncWire.SEQUENCE_BYTES;
                    case SyncWire.OPTION_ENGINE_DATA -> length <= SyncWire.MOST_ENGINE_DATA;
                    case SyncWire.OPTION_ENGINE_NAME -> length <= SyncWire.MOST_ENGINE_NAME;
                    case SyncWire.OPTION_LOCAL -> length == SyncWire.LOCAL4_BYTES || length == SyncWire.LOCAL6_BYTES;
                    default -> true;
                };
        final boolean known = number >= SyncWire.OPTION_SEQUENCE && number <= SyncWire.OPTION_ENGINE_NAME
                || number == SyncWire.OPTION_LOCAL;
        if (!known) {
            return (type & SyncWire.OPTION_MAY_SKIP) != 0 ? OPTION_GOOD : OPTION_UNKNOWN;
        }
        if (!fits || (optionsSeen & 1L << number) != 0) {
            return OPTION_BAD;
        }
        optionsSeen |= 1L << number;
        return OPTION_GOOD;
    }

    private void version0(DirectBuffer b, int offset, int length) {
        final int end = offset + length;
        final int count = b.getByte(offset) & 0xFF;
        int at = offset + SyncWire.HEADER0_BYTES;
        for (int i = 0; i < count; i++) {
            if (at + SyncWire.ENTRY0_BYTES > end) {
                badEntry();
                return;
            }
            final int flags = b.getShort(at + SyncWire.FLAGS0, BIG_ENDIAN) & TAKEN_FLAGS0;
            final int size = SyncWire.ENTRY0_BYTES + (SyncEntry.tellsSequence(flags) ? SyncWire.SEQUENCE_BYTES : 0);
            if (at + size > end) {
                badEntry();
                return;
            }
            read0(b, at, flags);
            at += size;
        }
    }

    private void read0(DirectBuffer b, int at, int flags) {
        entry.clear();
        entry.flags = flags;
        entry.protocol = b.getByte(at + SyncWire.PROTOCOL) & 0xFF;
        entry.clientPort = b.getShort(at + SyncWire.CLIENT_PORT0, BIG_ENDIAN) & MAX_PORT;
        entry.virtualPort = b.getShort(at + SyncWire.VIRTUAL_PORT0, BIG_ENDIAN) & MAX_PORT;
        entry.serverPort = b.getShort(at + SyncWire.SERVER_PORT0, BIG_ENDIAN) & MAX_PORT;
        entry.state = b.getShort(at + SyncWire.STATE0, BIG_ENDIAN) & 0xFFFF;
        addresses4(b, at + SyncWire.CLIENT0);
        if (SyncEntry.tellsSequence(flags)) {
            // In the sender's order, which nobody knows; most machines are alike.
            sequence(b, at + SyncWire.ENTRY0_BYTES, ByteOrder.nativeOrder());
        }
        if (!shard.owns(entry.clientHi, entry.clientLo)) {
            return;
        }
        if (isKnown()) {
            entries.enter(entry, nowTick);
        } else {
            counters.increment(SyncCounters.UNKNOWN);
        }
    }

    /** Does the protocol have connections, and this state? Templates are not asked. */
    private boolean isKnown() {
        return entry.isTemplate() || entry.state < states(entry.protocol);
    }

    private static int states(int protocol) {
        return switch (protocol) {
            case ProtocolNumbers.TCP -> TcpState.COUNT;
            case ProtocolNumbers.UDP -> UDP_STATES;
            case ProtocolNumbers.SCTP -> SctpState.COUNT;
            case ProtocolNumbers.AH, ProtocolNumbers.ESP -> ONE_STATE;
            default -> 0;
        };
    }
}
