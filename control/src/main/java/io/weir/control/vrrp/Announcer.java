package io.weir.control.vrrp;

import io.weir.dataplane.io.linux.LinkSocket;
import io.weir.packet.IpAddress;
import java.nio.ByteBuffer;

/**
 * Tells a link that an address lives here now: gratuitous ARP for IPv4, an unsolicited neighbour advertisement for IPv6.
 *
 * <p><b>Source</b>: RFC 5944 section 4.6 (ARP requests for oneself), RFC 4861 section 7.2.6.
 */
final class Announcer implements AutoCloseable {
    private static final int ARP = 0x0806;
    private static final int IPV6 = 0x86DD;
    private static final int ICMPV6 = 58;
    private static final int ADVERTISEMENT = 136;
    private static final int ROUTER_AND_OVERRIDE = 0xA0000000;
    private static final int TARGET_LINK_ADDRESS = 2;
    private static final int ADVERTISEMENT_BYTES = 32;
    private static final long ALL_NODES_HI = 0xFF02_0000_0000_0000L;

    private final LinkSocket socket;
    private final long mac;

    /** On an interface with this MAC address. */
    Announcer(String interfaceName, int interfaceIndex, long mac) {
        this.socket = new LinkSocket(interfaceName, interfaceIndex);
        this.mac = mac;
    }

    void announce(IpAddress address) {
        socket.send(address.isV4() ? arp(address) : advertisement(address));
    }

    private static void mac(ByteBuffer into, long mac) {
        into.putShort((short) (mac >>> Integer.SIZE)).putInt((int) mac);
    }

    private byte[] arp(IpAddress address) {
        final ByteBuffer frame = ByteBuffer.allocate(42);
        mac(frame, 0xFFFF_FFFF_FFFFL);
        mac(frame, mac);
        frame.putShort((short) ARP);
        frame.putShort((short) 1)
                .putShort((short) 0x0800)
                .put((byte) 6)
                .put((byte) 4)
                .putShort((short) 1);
        mac(frame, mac);
        frame.putInt((int) address.lo());
        mac(frame, 0xFFFF_FFFF_FFFFL);
        frame.putInt((int) address.lo());
        return frame.array();
    }

    private byte[] advertisement(IpAddress address) {
        final ByteBuffer frame = ByteBuffer.allocate(14 + 40 + ADVERTISEMENT_BYTES);
        mac(frame, 0x3333_0000_0001L);
        mac(frame, mac);
        frame.putShort((short) IPV6);
        frame.putInt(6 << 28)
                .putShort((short) ADVERTISEMENT_BYTES)
                .put((byte) ICMPV6)
                .put((byte) 255);
        frame.putLong(address.hi()).putLong(address.lo());
        frame.putLong(ALL_NODES_HI).putLong(1);
        frame.put((byte) ADVERTISEMENT).put((byte) 0).putShort((short) 0).putInt(ROUTER_AND_OVERRIDE);
        frame.putLong(address.hi()).putLong(address.lo());
        frame.put((byte) TARGET_LINK_ADDRESS).put((byte) 1);
        mac(frame, mac);
        long sum = ADVERTISEMENT_BYTES + ICMPV6;
        // Both addresses and the message, in 16-bit words.
        for (int at = 14 + 8; at < frame.capacity(); at += 2) {
            sum += frame.getShort(at) & 0xFFFF;
        }
        while (sum >>> Short.SIZE != 0) {
            sum = (sum & 0xFFFF) + (sum >>> Short.SIZE);
        }
        frame.putShort(14 + 40 + 2, (short) ~sum);
        return frame.array();
    }

    @Override
    public void close() {
        socket.close();
    }
}
