package io.weir.dataplane.forward;

import io.weir.conntrack.ConnectionFlags;
import io.weir.conntrack.ConnectionTable;
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
 * VS/FULLNAT: both ends are rewritten, so the real server sees a local address (LIP) of the director and needs no route
 * back to the client. The client's address can travel along in a TCP option, see {@link ToaOption}.
 *
 * <p><b>Source</b>: the FULLNAT mode of alibaba/LVS and iqiyi/dpvs; the mainline kernel has none.
 */
final class FullNat implements ForwardingMethod {
    private final ConnectionTable table;
    private final Egress egress;
    private final FtpHelper ftp;

    FullNat(MethodTools tools) {
        this.ftp = tools.ftp();
        this.table = tools.table();
        this.egress = tools.egress();
    }

    @Override
    public int code() {
        return 5;
    }

    @Override
    public String ipvsName() {
        return "FullNat";
    }

    @Override
    public String configName() {
        return "fullnat";
    }

    @Override
    public String cliFlag() {
        return "-b";
    }

    @Override
    public boolean translatesReplies() {
        return true;
    }

    @Override
    public int in(PacketContext c) {
        final int id = c.connection;
        final long hi = HotRecord.destinationHi(c.record);
        final long lo = HotRecord.destinationLo(c.record);
        final int route = egress.routeToDestination(c);
        final int mtu = egress.mtu(c, route);
        final int verdict = egress.admit(c, route, mtu);
        if (verdict != PacketBatch.TRANSMIT) {
            return verdict;
        }
        if ((HotRecord.flags(c.record) & FtpHelper.FLAGS) != 0 && !ftp.admits(c)) {
            return c.drop(DropReason.FTP_REFUSED);
        }
        final boolean toa = ToaOption.isDue(table, c);
        final int port = HotRecord.destinationPort(c.record);
        Rewriter.both(c, table.localHi(id), table.localLo(id), table.localPort(id), hi, lo, port);
        Rewriter.finish(c, true);
        if (toa) {
            ToaOption.insert(table, c, mtu);
        }
        return egress.sendToServer(c, route);
    }

    @Override
    public int prepareShort(PacketContext c, long kept) {
        return 0;
    }

    @Override
    public int shortIn(long ip, boolean v4, int id, long record, long kept) {
        if (!v4
                || PlainPacket.protocol(ip, true) != ProtocolNumbers.TCP
                || HotRecord.hasFlags(record, ConnectionFlags.ANNOUNCE_CLIENT)) {
            return NO_SHORT_WAY;
        }
        final long lo = HotRecord.destinationLo(record);
        Rewriter.tcpBoth(ip, table.localLo(id), table.localPort(id), lo, HotRecord.destinationPort(record));
        return 0;
    }

    @Override
    public int out(PacketContext c) {
        final int id = c.connection;
        ToaOption.onReply(table, c);
        Rewriter.both(
                c,
                HotRecord.virtualHi(c.record),
                HotRecord.virtualLo(c.record),
                HotRecord.virtualPort(c.record),
                table.clientHi(id),
                table.clientLo(id),
                table.clientPort(id));
        Rewriter.finish(c, true);
        return egress.sendToDestination(c);
    }
}
