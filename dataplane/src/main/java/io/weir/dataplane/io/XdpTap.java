package io.weir.dataplane.io;

import io.weir.dataplane.io.linux.LinuxConstants;
import io.weir.dataplane.io.linux.PacketSocket;

/**
 * Hears, beside an XDP program, the few frames that the host's stack and the director both need: ARP, ICMP and ICMPv6
 * (neighbour discovery, errors about connections of ours), and later fragments, which have no port.
 *
 * <p>XDP gives a frame to one or the other. Those it leaves to the host pass an AF_PACKET tap, which copies; a classic BPF
 * filter keeps the rest of the host's traffic out of it.
 */
final class XdpTap {
    private static final int SLOTS = 1 << 10;
    private static final int LOAD_HALF = 0x28;
    private static final int LOAD_BYTE = 0x30;
    private static final int JUMP_IF_EQUAL = 0x15;
    private static final int JUMP_IF_BITS = 0x45;
    private static final int RETURN = 0x06;
    private static final int WHOLE = 1 << 18;

    private static final int ETHERTYPE_AT = 12;
    private static final int ARP = 0x0806;
    private static final int FOUR = 0x0800;
    private static final int SIX = 0x86DD;
    private static final int FRAGMENT_4_AT = 14 + 6;
    private static final int FRAGMENT_OFFSET_4 = 0x1FFF;
    private static final int PROTOCOL_4_AT = 14 + 9;
    private static final int NEXT_HEADER_6_AT = 14 + 6;
    private static final int ICMP = 1;
    private static final int FRAGMENT = 44;
    private static final int ICMP6 = 58;

    private XdpTap() {}

    /** Sets up the tap's socket and ring; it hears from its bind on. */
    static ReceiveRing open(PacketSocket socket, int longestFrame, DropCounter drops) {
        socket.option(
                LinuxConstants.SOL_PACKET, LinuxConstants.PACKET_VERSION, LinuxConstants.TPACKET_V2, "PACKET_VERSION");
        socket.option(
                LinuxConstants.SOL_PACKET,
                LinuxConstants.PACKET_RESERVE,
                AfPacketDevice.RESERVE_BYTES_PLAIN,
                "PACKET_RESERVE");
        socket.option(LinuxConstants.SOL_PACKET, LinuxConstants.PACKET_IGNORE_OUTGOING, 1, "PACKET_IGNORE_OUTGOING");
        socket.filter(filter());
        final int slotBytes = AfPacketOptions.sendSlotBytes(
                AfPacketDevice.SLOT_OVERHEAD_BYTES + AfPacketDevice.RESERVE_BYTES_PLAIN + longestFrame);
        return new SlotReceiveRing(
                socket.slotRing(LinuxConstants.PACKET_RX_RING, SLOTS, slotBytes),
                slotBytes,
                socket.fd(),
                0,
                longestFrame,
                drops);
    }

    /** Jumps count from the next instruction; the kernel has taken an outer tag out before. */
    static long[] filter() {
        return new long[] {
            instruction(LOAD_HALF, 0, 0, ETHERTYPE_AT),
            instruction(JUMP_IF_EQUAL, 10, 0, ARP),
            instruction(JUMP_IF_EQUAL, 0, 4, FOUR),
            instruction(LOAD_BYTE, 0, 0, PROTOCOL_4_AT),
            instruction(JUMP_IF_EQUAL, 7, 0, ICMP),
            instruction(LOAD_HALF, 0, 0, FRAGMENT_4_AT),
            instruction(JUMP_IF_BITS, 5, 4, FRAGMENT_OFFSET_4),
            instruction(JUMP_IF_EQUAL, 0, 3, SIX),
            instruction(LOAD_BYTE, 0, 0, NEXT_HEADER_6_AT),
            instruction(JUMP_IF_EQUAL, 2, 0, ICMP6),
            instruction(JUMP_IF_EQUAL, 1, 0, FRAGMENT),
            instruction(RETURN, 0, 0, 0),
            instruction(RETURN, 0, 0, WHOLE),
        };
    }

    private static long instruction(int code, int ifTrue, int ifFalse, int value) {
        return code | (long) ifTrue << 16 | (long) ifFalse << 24 | (long) value << 32;
    }
}
