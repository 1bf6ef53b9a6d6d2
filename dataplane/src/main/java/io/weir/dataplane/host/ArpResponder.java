package io.weir.dataplane.host;

import io.weir.dataplane.route.LocalAddresses;
import io.weir.dataplane.route.NeighbourTable;
import io.weir.packet.IpAddress;
import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Answers ARP requests for the director's addresses, learns from what it hears, and writes our own requests.
 *
 * <p>A request is answered with the MAC address of the interface it came in by, and on no other. Its sender becomes a
 * neighbour; a probe (sender 0.0.0.0) is answered and teaches nothing.
 *
 * <p><b>Layout</b>: packets are written from the ARP header on (28 bytes); the Ethernet header is the caller's, with
 * {@link #destinationMac} as its destination. <b>Source</b>: RFC 826, RFC 5227; arp_process() of the Linux kernel.
 * <b>Owner</b>: one worker; no allocation.
 */
public final class ArpResponder {
    /** Bytes of an ARP packet for IPv4 over Ethernet. */
    public static final int ARP_BYTES = 28;

    private static final int ETHERNET_IPV4 = 0x0001_0800;
    private static final int LENGTHS = 0x0604;
    private static final int REQUEST = 1;
    private static final int REPLY = 2;
    private static final long MAC_MASK = 0xFFFF_FFFF_FFFFL;

    private long destinationMac;

    /**
     * Takes in an ARP packet.
     *
     * @param offset where the ARP header begins
     * @param length bytes from there to the end of the frame
     * @param unicast the frame was addressed to the interface, not to all
     * @param mac the interface's MAC address
     * @param local the addresses the director answers for
     * @return bytes of the reply written at {@code at}, or 0
     */
    public int receive(
            UnsafeBuffer in,
            int offset,
            int length,
            boolean unicast,
            int interfaceIndex,
            long mac,
            LocalAddresses local,
            NeighbourTable neighbours,
            UnsafeBuffer out,
            int at,
            long nowNs) {
        if (length < ARP_BYTES
                || in.getInt(offset, ByteOrder.BIG_ENDIAN) != ETHERNET_IPV4
                || HostPackets.u16(in, offset + 4) != LENGTHS) {
            return 0;
        }
        final int operation = HostPackets.u16(in, offset + 6);
        final long senderMac = in.getLong(offset + 6, ByteOrder.BIG_ENDIAN) & MAC_MASK;
        final long sender = IpAddress.v4(in.getInt(offset + 14, ByteOrder.BIG_ENDIAN));
        final long target = IpAddress.v4(in.getInt(offset + 24, ByteOrder.BIG_ENDIAN));
        final boolean probe = (int) sender == 0;
        if (!probe && (!HostPackets.isUnicast(true, 0, sender) || local.contains(0, sender))) {
            return 0;
        }
        if (operation == REQUEST && HostPackets.isUnicast(true, 0, target) && local.contains(0, target)) {
            if (!probe) {
                neighbours.asked(interfaceIndex, 0, sender, senderMac, nowNs);
            }
            destinationMac = senderMac;
            write(out, at, REPLY, mac, target, senderMac, sender);
            return ARP_BYTES;
        }
        if (!probe && operation == REPLY && unicast && sender != target) {
            neighbours.answered(interfaceIndex, 0, sender, senderMac, true, nowNs);
        } else if (!probe && (operation == REQUEST || operation == REPLY)) {
            neighbours.heard(interfaceIndex, 0, sender, senderMac, nowNs);
        }
        return 0;
    }

    /** Where the reply goes. */
    public long destinationMac() {
        return destinationMac;
    }

    /**
     * Writes a request for {@code target}; the frame goes to all, or to the neighbour's last known MAC address.
     *
     * @return its length
     */
    public static int writeRequest(UnsafeBuffer out, int at, long mac, long source, long target) {
        write(out, at, REQUEST, mac, source, 0, target);
        return ARP_BYTES;
    }

    /** Writes a probe, a request without a sender: who else has {@code target}? */
    public static int writeProbe(UnsafeBuffer out, int at, long mac, long target) {
        write(out, at, REQUEST, mac, 0, 0, target);
        return ARP_BYTES;
    }

    /** Writes a gratuitous request, which tells all neighbours that {@code address} is at {@code mac}. */
    public static int writeAnnouncement(UnsafeBuffer out, int at, long mac, long address) {
        write(out, at, REQUEST, mac, address, 0, address);
        return ARP_BYTES;
    }

    private static void write(UnsafeBuffer out, int at, int operation, long fromMac, long from, long toMac, long to) {
        out.putInt(at, ETHERNET_IPV4, ByteOrder.BIG_ENDIAN);
        HostPackets.putU16(out, at + 4, LENGTHS);
        HostPackets.putU16(out, at + 6, operation);
        putMac(out, at + 8, fromMac);
        out.putInt(at + 14, (int) from, ByteOrder.BIG_ENDIAN);
        putMac(out, at + 18, toMac);
        out.putInt(at + 24, (int) to, ByteOrder.BIG_ENDIAN);
    }

    static void putMac(UnsafeBuffer out, int at, long mac) {
        HostPackets.putU16(out, at, (int) (mac >>> 32));
        out.putInt(at + 2, (int) mac, ByteOrder.BIG_ENDIAN);
    }
}
