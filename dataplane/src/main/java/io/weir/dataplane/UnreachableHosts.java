package io.weir.dataplane;

import io.weir.conntrack.Ticks;
import io.weir.dataplane.host.IcmpErrors;
import io.weir.dataplane.io.PacketBatch;
import io.weir.packet.PacketParser;
import io.weir.packet.ParseStatus;
import io.weir.packet.ParsedPacket;
import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Tells the senders of packets that waited in vain: the next hop does not answer.
 *
 * <p>As in the kernel an error is made about the packet as it was to leave, and then goes the way of any other error: to a
 * client it is translated back as a real server's error would be; an error about a packet of our own, a tunnel's or a
 * reply under NAT, comes back to ourselves, and from there to the client whose packet is inside, or to the real server.
 *
 * <p><b>Owner</b>: one worker. <b>Source</b>: arp_error_report(), ndisc_error_report(), ipv4_link_failure(),
 * ip6_link_failure() of the Linux kernel.
 */
final class UnreachableHosts {
    private static final int HEADROOM = FrameOutput.HEADROOM;
    private static final int NO_INTERFACE = -1;

    private final IcmpPath icmpPath;
    private final Egress egress;
    private final PacketParser parser = new PacketParser();
    private final ParsedPacket lost = new ParsedPacket();
    private final ParsedPacket error = new ParsedPacket();
    private final PacketBatch batch = new PacketBatch();
    private final PacketContext c = new PacketContext();
    private long epoch = -1;
    private final UnsafeBuffer memory = new UnsafeBuffer(ByteBuffer.allocateDirect(HEADROOM + IcmpErrors.MAX_BYTES));

    UnreachableHosts(IcmpPath icmpPath, Egress egress) {
        this.icmpPath = icmpPath;
        this.egress = egress;
    }

    /** About the packet of {@code length} bytes of layer 3 at {@code at}. */
    void tell(ConfigSnapshot snapshot, UnsafeBuffer bytes, int at, int length, long nowNs) {
        if (parser.parse(bytes, at, length, false, lost) != ParseStatus.OK) {
            return;
        }
        start(snapshot, bytes, at, length, nowNs);
        final boolean ours = isOurs(snapshot, lost.srcHi, lost.srcLo);
        final int bytesOfError = ours
                ? egress.icmp().writeUnreachableToUs(c, memory, HEADROOM)
                : egress.icmp().writeUnreachable(c, memory, HEADROOM);
        if (bytesOfError == 0 || parser.parse(memory, HEADROOM, bytesOfError, false, error) != ParseStatus.OK) {
            return;
        }
        c.follow(error, memory, HEADROOM);
        // What is sent must be copied out of this memory.
        c.reassembled = true;
        if (ours) {
            icmpPath.toUs(c);
        } else if (icmpPath.outOfUs(c) == IcmpPath.NOT_RELATED) {
            egress.sendToDestination(c);
        }
    }

    private void start(ConfigSnapshot snapshot, UnsafeBuffer bytes, int at, int length, long nowNs) {
        if (epoch != snapshot.epoch()) {
            epoch = snapshot.epoch();
            c.take(snapshot);
        }
        batch.clear();
        c.start(batch, batch.add(bytes, at, length, 0, NO_INTERFACE), lost);
        c.simple = false;
        c.nowNs = nowNs;
        c.nowTick = Ticks.ofNanos(nowNs);
    }

    private static boolean isOurs(ConfigSnapshot snapshot, long hi, long lo) {
        return snapshot.isOwn(hi, lo) || snapshot.localAddressSet().contains(hi, lo);
    }
}
