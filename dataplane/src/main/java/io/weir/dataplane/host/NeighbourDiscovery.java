package io.weir.dataplane.host;

import io.weir.dataplane.route.LocalAddresses;
import io.weir.dataplane.route.NeighbourTable;
import io.weir.packet.ParsedPacket;
import io.weir.packet.ProtocolNumbers;
import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Answers IPv6 neighbour solicitations for the director's addresses, learns from advertisements, and writes our own.
 *
 * <p>An advertisement says Router (the director forwards) and Solicited; to a multicast solicitation it also says
 * Override and carries our MAC address, to a unicast one it does not. Solicitations without a source (duplicate address
 * detection) are ignored: the address may be the same director's, held by its own kernel.
 *
 * <p><b>Layout</b>: packets are written from the IPv6 header on; the link header is the caller's, with
 * {@link #destinationMac} as its destination. <b>Source</b>: RFC 4861 sections 7.1 and 7.2; ndisc_recv_ns(),
 * ndisc_recv_na() of the Linux kernel. <b>Owner</b>: one worker; no allocation.
 */
public final class NeighbourDiscovery {
    /** Bytes of the longest packet written here: header, message, one link-layer address option. */
    public static final int MAX_BYTES = 72;

    public static final int SOLICITATION = 135;
    public static final int ADVERTISEMENT = 136;

    private static final int MESSAGE_BYTES = 24;
    private static final int OPTION_BYTES = 8;
    private static final int SOURCE_LINK_ADDRESS = 1;
    private static final int TARGET_LINK_ADDRESS = 2;
    private static final int HOP_LIMIT = 255;
    private static final int ROUTER = 0x80;
    private static final int SOLICITED = 0x40;
    private static final int OVERRIDE = 0x20;
    private static final long NO_MAC = -1;
    private static final long MAC_MASK = 0xFFFF_FFFF_FFFFL;
    private static final int BAD_OPTIONS = -2;
    /** ff02::1:ff00:0/104. */
    private static final long SOLICITED_NODE_HI = 0xFF02L << 48;

    private static final long SOLICITED_NODE_LO = 0x1_FF00_0000L;
    private static final long MAC_SOLICITED_NODE = 0x3333_FF00_0000L;

    private long destinationMac;

    /** Is the packet a message for {@link #receive}? */
    public static boolean isNeighbourMessage(ParsedPacket in) {
        return in.protocol == ProtocolNumbers.ICMPV6
                && !in.isV4()
                && (in.icmpType == SOLICITATION || in.icmpType == ADVERTISEMENT);
    }

    /** The multicast MAC address at which the holder of an address whose low half is {@code lo} listens. */
    public static long solicitedNodeMac(long lo) {
        return MAC_SOLICITED_NODE | lo & 0xFF_FFFFL;
    }

    /**
     * Takes in a neighbour solicitation or advertisement.
     *
     * @param mac the MAC address of the interface it came in by
     * @param local the addresses the director answers for
     * @return bytes of the advertisement written at {@code at}, which goes to the packet's source; or 0
     */
    public int receive(
            ParsedPacket in,
            int interfaceIndex,
            long mac,
            LocalAddresses local,
            NeighbourTable neighbours,
            UnsafeBuffer out,
            int at,
            long nowNs) {
        final UnsafeBuffer b = in.buffer;
        if (b == null
                || in.ttl != HOP_LIMIT
                || in.icmpCode != 0
                || in.l4Length < MESSAGE_BYTES
                || in.fragment != ParsedPacket.FRAGMENT_NONE
                || !HostPackets.checksumHolds(in, b, in.l4Length)) {
            return 0;
        }
        final long targetHi = b.getLong(in.l4Offset + 8, ByteOrder.BIG_ENDIAN);
        final long targetLo = b.getLong(in.l4Offset + 16, ByteOrder.BIG_ENDIAN);
        if (targetHi >>> 56 == 0xFF) {
            return 0;
        }
        if (in.icmpType == ADVERTISEMENT) {
            advertised(in, b, interfaceIndex, targetHi, targetLo, neighbours, nowNs);
            return 0;
        }
        final long linkAddress = linkAddress(in, b, SOURCE_LINK_ADDRESS);
        if (linkAddress == BAD_OPTIONS
                || in.srcHi == 0 && in.srcLo == 0
                || !HostPackets.isUnicast(false, in.srcHi, in.srcLo)
                || local.contains(in.srcHi, in.srcLo)
                || !local.contains(targetHi, targetLo)) {
            return 0;
        }
        if (linkAddress != NO_MAC) {
            neighbours.asked(interfaceIndex, in.srcHi, in.srcLo, linkAddress, nowNs);
        }
        destinationMac = linkAddress != NO_MAC ? linkAddress : frameSource(in, b);
        return advertise(in, mac, targetHi, targetLo, out, at);
    }

    private static int advertise(ParsedPacket in, long mac, long targetHi, long targetLo, UnsafeBuffer out, int at) {
        final boolean multicast = in.dstHi >>> 56 == 0xFF;
        final int flags = ROUTER | SOLICITED | (multicast ? OVERRIDE : 0);
        final int length = MESSAGE_BYTES + (multicast ? OPTION_BYTES : 0);
        final int icmp = at + HostPackets.V6_BYTES;
        putMessage(out, icmp, ADVERTISEMENT, flags << 24, targetHi, targetLo);
        if (multicast) {
            putOption(out, icmp + MESSAGE_BYTES, TARGET_LINK_ADDRESS, mac);
        }
        finish(out, at, length, targetHi, targetLo, in.srcHi, in.srcLo);
        return HostPackets.V6_BYTES + length;
    }

    private static void advertised(
            ParsedPacket in,
            UnsafeBuffer b,
            int interfaceIndex,
            long targetHi,
            long targetLo,
            NeighbourTable neighbours,
            long nowNs) {
        final int flags = b.getByte(in.l4Offset + 4) & 0xFF;
        final boolean solicited = (flags & SOLICITED) != 0;
        final boolean override = (flags & OVERRIDE) != 0;
        final long linkAddress = linkAddress(in, b, TARGET_LINK_ADDRESS);
        if (linkAddress == BAD_OPTIONS || solicited && in.dstHi >>> 56 == 0xFF) {
            return;
        }
        if (solicited && linkAddress == NO_MAC) {
            neighbours.confirmed(interfaceIndex, targetHi, targetLo, nowNs);
        } else if (solicited) {
            neighbours.answered(interfaceIndex, targetHi, targetLo, linkAddress, override, nowNs);
        } else if (override && linkAddress != NO_MAC) {
            neighbours.heard(interfaceIndex, targetHi, targetLo, linkAddress, nowNs);
        }
    }

    /** The MAC address in the option of that type, NO_MAC, or BAD_OPTIONS. */
    private static long linkAddress(ParsedPacket in, UnsafeBuffer b, int type) {
        final int end = in.l4Offset + in.l4Length;
        long found = NO_MAC;
        for (int at = in.l4Offset + MESSAGE_BYTES; at + 2 <= end; ) {
            final int bytes = (b.getByte(at + 1) & 0xFF) << 3;
            if (bytes == 0 || at + bytes > end) {
                return BAD_OPTIONS;
            }
            if ((b.getByte(at) & 0xFF) == type) {
                found = b.getLong(at, ByteOrder.BIG_ENDIAN) & MAC_MASK;
            }
            at += bytes;
        }
        return found;
    }

    private static long frameSource(ParsedPacket in, UnsafeBuffer b) {
        return in.linkHeaderLength == 0 ? 0 : b.getLong(in.frameOffset + 4, ByteOrder.BIG_ENDIAN) & MAC_MASK;
    }

    /** Where the last answer goes. */
    public long destinationMac() {
        return destinationMac;
    }

    /**
     * Writes a solicitation for a neighbour's address.
     *
     * @param unicast to the neighbour itself, whose MAC address is to be confirmed; else to its solicited-node address,
     *     at {@link #solicitedNodeMac}
     * @return its length in bytes of layer 3
     */
    public static int writeSolicitation(
            UnsafeBuffer out, int at, long mac, long srcHi, long srcLo, long targetHi, long targetLo, boolean unicast) {
        final int icmp = at + HostPackets.V6_BYTES;
        final int length = MESSAGE_BYTES + OPTION_BYTES;
        putMessage(out, icmp, SOLICITATION, 0, targetHi, targetLo);
        putOption(out, icmp + MESSAGE_BYTES, SOURCE_LINK_ADDRESS, mac);
        final long dstHi = unicast ? targetHi : SOLICITED_NODE_HI;
        final long dstLo = unicast ? targetLo : SOLICITED_NODE_LO | targetLo & 0xFF_FFFFL;
        finish(out, at, length, srcHi, srcLo, dstHi, dstLo);
        return HostPackets.V6_BYTES + length;
    }

    /** Writes a solicitation without a source or a MAC address, as for duplicate address detection. */
    public static int writeProbe(UnsafeBuffer out, int at, long targetHi, long targetLo) {
        putMessage(out, at + HostPackets.V6_BYTES, SOLICITATION, 0, targetHi, targetLo);
        finish(out, at, MESSAGE_BYTES, 0, 0, SOLICITED_NODE_HI, SOLICITED_NODE_LO | targetLo & 0xFF_FFFFL);
        return HostPackets.V6_BYTES + MESSAGE_BYTES;
    }

    private static void putMessage(UnsafeBuffer out, int icmp, int type, int flags, long hi, long lo) {
        out.putInt(icmp, type << 24, ByteOrder.BIG_ENDIAN);
        out.putInt(icmp + 4, flags, ByteOrder.BIG_ENDIAN);
        HostPackets.putV6Address(out, icmp + 8, hi, lo);
    }

    private static void putOption(UnsafeBuffer out, int at, int type, long mac) {
        out.putByte(at, (byte) type);
        out.putByte(at + 1, (byte) 1);
        ArpResponder.putMac(out, at + 2, mac);
    }

    private static void finish(UnsafeBuffer out, int at, int length, long srcHi, long srcLo, long dstHi, long dstLo) {
        HostPackets.putIcmpv6Checksum(out, at + HostPackets.V6_BYTES, length, srcHi, srcLo, dstHi, dstLo);
        HostPackets.putV6(out, at, length, 0, ProtocolNumbers.ICMPV6, HOP_LIMIT, srcHi, srcLo, dstHi, dstLo);
    }
}
