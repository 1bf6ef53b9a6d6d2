package io.weir.control.bfd;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A BFD control packet, without authentication.
 *
 * <pre>
 *  0  version 1 (3 bits), diagnostic (5)      1  state (2), poll, final, control-independent, authentication, demand, multipoint
 *  2  detection multiplier                    3  length, 24
 *  4  our discriminator                       8  yours, 0 if unknown
 * 12  desired interval of sending, us        16  required interval of receiving, us      20  of echoes, us
 * </pre>
 *
 * <p>Big-endian. <b>Source</b>: RFC 5880 section 4.1.
 *
 * @param mine discriminator of the sender
 * @param yours discriminator of the receiver as the sender knows it
 * @param minTxUs microseconds, unsigned, as {@code minRxUs}
 */
record BfdPacket(
        int diagnostic,
        BfdSession.State state,
        boolean poll,
        boolean isFinal,
        int multiplier,
        int mine,
        int yours,
        long minTxUs,
        long minRxUs) {
    static final int BYTES = 24;

    private static final int VERSION = 1;
    private static final int POLL = 0x20;
    private static final int FINAL = 0x10;
    private static final int AUTHENTICATION = 0x04;
    private static final int MULTIPOINT = 0x01;
    private static final long UNSIGNED = 0xFFFF_FFFFL;

    ByteBuffer encode() {
        final ByteBuffer packet = ByteBuffer.allocate(BYTES);
        packet.put((byte) (VERSION << 5 | diagnostic));
        packet.put((byte) (state.code() << 6 | (poll ? POLL : 0) | (isFinal ? FINAL : 0)));
        packet.put((byte) multiplier).put((byte) BYTES);
        packet.putInt(mine).putInt(yours);
        packet.putInt((int) minTxUs).putInt((int) minRxUs).putInt(0);
        return packet.flip();
    }

    /** Reads a packet; null if RFC 5880 (section 6.8.6) says to discard it, whatever session it is for. */
    static @Nullable BfdPacket decode(ByteBuffer packet) {
        if (packet.remaining() < BYTES) {
            return null;
        }
        final int at = packet.position();
        final int flags = packet.get(at + 1);
        final int length = packet.get(at + 3) & 0xFF;
        final int multiplier = packet.get(at + 2) & 0xFF;
        final int mine = packet.getInt(at + 4);
        final int yours = packet.getInt(at + 8);
        final BfdSession.State state = BfdSession.State.of(flags >> 6 & 3);
        final boolean begins = state == BfdSession.State.DOWN || state == BfdSession.State.ADMIN_DOWN;
        if ((packet.get(at) >> 5 & 7) != VERSION
                || length < BYTES
                || length > packet.remaining()
                || multiplier == 0
                || mine == 0
                || (flags & (AUTHENTICATION | MULTIPOINT)) != 0
                || yours == 0 && !begins) {
            return null;
        }
        return new BfdPacket(
                packet.get(at) & 0x1F,
                state,
                (flags & POLL) != 0,
                (flags & FINAL) != 0,
                multiplier,
                mine,
                yours,
                packet.getInt(at + 12) & UNSIGNED,
                packet.getInt(at + 16) & UNSIGNED);
    }
}
