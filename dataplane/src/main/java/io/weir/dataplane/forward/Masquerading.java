package io.weir.dataplane.forward;

import io.weir.conntrack.HotRecord;
import io.weir.dataplane.DropReason;
import io.weir.dataplane.Egress;
import io.weir.dataplane.FtpHelper;
import io.weir.dataplane.PacketContext;
import io.weir.dataplane.Rewriter;
import io.weir.dataplane.io.PacketBatch;
import io.weir.packet.PlainPacket;
import io.weir.packet.ProtocolNumbers;

/**
 * VS/NAT: the destination becomes the real server's address and port; a reply gets the VIP and its port back.
 *
 * <p><b>Source</b>: ip_vs_nat_xmit() and handle_response() of the Linux kernel.
 */
final class Masquerading implements ForwardingMethod {
    private final Egress egress;
    private final FtpHelper ftp;

    Masquerading(MethodTools tools) {
        this.egress = tools.egress();
        this.ftp = tools.ftp();
    }

    @Override
    public int code() {
        return 0;
    }

    @Override
    public String ipvsName() {
        return "Masq";
    }

    @Override
    public String configName() {
        return "nat";
    }

    @Override
    public String cliFlag() {
        return "-m";
    }

    @Override
    public boolean translatesReplies() {
        return true;
    }

    @Override
    public int in(PacketContext c) {
        final long hi = HotRecord.destinationHi(c.record);
        final long lo = HotRecord.destinationLo(c.record);
        final int route = egress.routeToDestination(c);
        final int verdict = egress.admit(c, route, egress.mtu(c, route));
        if (verdict != PacketBatch.TRANSMIT) {
            return verdict;
        }
        if ((HotRecord.flags(c.record) & FtpHelper.FLAGS) != 0 && !ftp.admits(c)) {
            return c.drop(DropReason.FTP_REFUSED);
        }
        final int port = HotRecord.destinationPort(c.record);
        final boolean portChanged = port != c.packet.dstPort;
        Rewriter.destination(c, hi, lo, port);
        Rewriter.finish(c, portChanged);
        return egress.sendToServer(c, route);
    }

    @Override
    public int prepareShort(PacketContext c, long kept) {
        return 0;
    }

    @Override
    public int shortIn(long ip, boolean v4, int id, long record, long kept) {
        if (!v4 || PlainPacket.protocol(ip, true) != ProtocolNumbers.TCP) {
            return NO_SHORT_WAY;
        }
        Rewriter.tcpDestination(ip, HotRecord.destinationLo(record), HotRecord.destinationPort(record));
        return 0;
    }

    @Override
    public int out(PacketContext c) {
        final int port = HotRecord.virtualPort(c.record);
        final boolean portChanged = port != c.packet.srcPort;
        Rewriter.source(c, HotRecord.virtualHi(c.record), HotRecord.virtualLo(c.record), port);
        Rewriter.finish(c, portChanged);
        return egress.sendToDestination(c);
    }
}
