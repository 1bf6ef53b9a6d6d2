package io.weir.dataplane.route;

import io.weir.packet.IpAddress;
import io.weir.packet.ParsedPacket;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Who else claims an address of the director, and which neighbours change their MAC address again and again: read from the
 * ARP and neighbour discovery frames that come in.
 *
 * <p>Entries are few; a flood of lies overwrites the oldest. <b>Units</b>: monotonic nanoseconds; MAC addresses are the
 * low 48 bits. <b>Owner</b>: one worker; no allocation but in {@link #claims}. <b>Source</b>: RFC 5227, RFC 4862.
 */
public final class AddressWatch {
    /** What was seen. */
    public enum Kind {
        /** Another host has a virtual address: a real server that answers ARP for it, or a second director. */
        VIRTUAL,
        /** Another host has one of the director's own addresses. */
        OWN,
        /** A neighbour's MAC address goes to and fro. */
        MOVING
    }

    /**
     * One thing that was seen.
     *
     * @param mac the other's MAC address, or the neighbour's newest
     * @param count how often it was seen
     * @param lastNs when last
     */
    public record Claim(Kind kind, IpAddress address, long mac, int interfaceIndex, long count, long lastNs) {}

    private static final int ENTRIES = 64;
    private static final int MOVES_THAT_COUNT = 3;
    private static final long WITHIN_NS = 60 * NeighbourTable.SECOND_NS;
    private static final int ARP_BYTES = 28;
    private static final int ETHERNET_IPV4 = 0x0001_0800;
    private static final int MESSAGE_BYTES = 24;
    private static final int ADVERTISEMENT = 136;
    private static final int HOP_LIMIT = 255;
    private static final long MAC_MASK = 0xFFFF_FFFF_FFFFL;

    private final Kind[] kind = new Kind[ENTRIES];
    private final long[] hi = new long[ENTRIES];
    private final long[] lo = new long[ENTRIES];
    private final long[] mac = new long[ENTRIES];
    private final int[] interfaceIndex = new int[ENTRIES];
    private final long[] count = new long[ENTRIES];
    private final long[] lastNs = new long[ENTRIES];
    private final long[] sinceNs = new long[ENTRIES];
    private final int[] moves = new int[ENTRIES];
    private int used;

    /** Looks at an ARP packet of {@code length} bytes at {@code at}. */
    public void arp(
            UnsafeBuffer b,
            int at,
            int length,
            int ingress,
            InterfaceInfo[] interfaces,
            LocalAddresses vips,
            LocalAddresses own,
            long nowNs) {
        if (length >= ARP_BYTES && b.getInt(at, ByteOrder.BIG_ENDIAN) == ETHERNET_IPV4) {
            final long sender = b.getLong(at + 6, ByteOrder.BIG_ENDIAN) & MAC_MASK;
            final long address = IpAddress.v4(b.getInt(at + 14, ByteOrder.BIG_ENDIAN));
            claimed(0, address, sender, ingress, interfaces, vips, own, nowNs);
        }
    }

    /** Looks at a neighbour solicitation or advertisement. */
    public void neighbourMessage(
            ParsedPacket p,
            int ingress,
            InterfaceInfo[] interfaces,
            LocalAddresses vips,
            LocalAddresses own,
            long nowNs) {
        final UnsafeBuffer b = p.buffer;
        if (b == null || p.ttl != HOP_LIMIT || p.l4Length < MESSAGE_BYTES || p.linkHeaderLength == 0) {
            return;
        }
        final long sender = b.getLong(p.frameOffset + 4, ByteOrder.BIG_ENDIAN) & MAC_MASK;
        if (p.icmpType == ADVERTISEMENT) {
            final long targetHi = b.getLong(p.l4Offset + 8, ByteOrder.BIG_ENDIAN);
            final long targetLo = b.getLong(p.l4Offset + 16, ByteOrder.BIG_ENDIAN);
            claimed(targetHi, targetLo, sender, ingress, interfaces, vips, own, nowNs);
        } else {
            claimed(p.srcHi, p.srcLo, sender, ingress, interfaces, vips, own, nowNs);
        }
    }

    private void claimed(
            long addressHi,
            long addressLo,
            long by,
            int ingress,
            InterfaceInfo[] interfaces,
            LocalAddresses vips,
            LocalAddresses own,
            long nowNs) {
        final boolean virtual = vips.contains(addressHi, addressLo);
        if (!virtual && !own.contains(addressHi, addressLo) || by == 0 || isOurs(by, interfaces)) {
            return;
        }
        final int e = entry(virtual ? Kind.VIRTUAL : Kind.OWN, addressHi, addressLo, by, ingress, nowNs);
        count[e]++;
        lastNs[e] = nowNs;
    }

    private static boolean isOurs(long address, InterfaceInfo[] interfaces) {
        for (final InterfaceInfo each : interfaces) {
            if (each.mac() == address) {
                return true;
            }
        }
        return false;
    }

    /** A neighbour's MAC address has changed. */
    void moved(int ingress, long addressHi, long addressLo, long to, long nowNs) {
        final int e = entry(Kind.MOVING, addressHi, addressLo, 0, ingress, nowNs);
        if (nowNs - sinceNs[e] > WITHIN_NS) {
            sinceNs[e] = nowNs;
            moves[e] = 0;
        }
        moves[e]++;
        mac[e] = to;
        if (moves[e] >= MOVES_THAT_COUNT) {
            count[e]++;
            lastNs[e] = nowNs;
        }
    }

    private int entry(Kind which, long addressHi, long addressLo, long by, int ingress, long nowNs) {
        int oldest = 0;
        for (int i = 0; i < used; i++) {
            if (lo[i] == addressLo
                    && hi[i] == addressHi
                    && kind[i] == which
                    && (which == Kind.MOVING || mac[i] == by)) {
                interfaceIndex[i] = ingress;
                return i;
            }
            oldest = lastNs[i] - lastNs[oldest] < 0 ? i : oldest;
        }
        final int e = used < ENTRIES ? used++ : oldest;
        kind[e] = which;
        hi[e] = addressHi;
        lo[e] = addressLo;
        mac[e] = by;
        interfaceIndex[e] = ingress;
        count[e] = 0;
        moves[e] = 0;
        sinceNs[e] = nowNs;
        lastNs[e] = nowNs;
        return e;
    }

    /** What was seen since the start, as far as it was kept; allocates. */
    public List<Claim> claims() {
        final List<Claim> claims = new ArrayList<>();
        for (int i = 0; i < used; i++) {
            if (count[i] > 0) {
                claims.add(new Claim(
                        kind[i], new IpAddress(hi[i], lo[i]), mac[i], interfaceIndex[i], count[i], lastNs[i]));
            }
        }
        return claims;
    }
}
