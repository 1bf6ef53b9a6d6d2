package io.weir.control.replay;

import io.weir.control.state.SyncDaemon;
import io.weir.dataplane.route.InterfaceInfo;
import io.weir.packet.InternetChecksum;
import io.weir.packet.IpAddress;
import io.weir.packet.PacketBuilder;
import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** Makes the frames that a kernel makes for sync sockets. */
final class SyncFrames {
    /** Any port may be the sender's; the first of those a kernel gives away. */
    private static final int SOURCE_PORT = 32_768;

    private static final long IPV4_MULTICAST_MAC = 0x0100_5E00_0000L;
    private static final int IPV4_MULTICAST_BITS = 0x7F_FFFF;
    private static final long IPV6_MULTICAST_MAC = 0x3333_0000_0000L;

    private static final IpAddress IGMP_ROUTERS = IpAddress.ofV4(0xE000_0016);
    private static final int IGMP = 2;
    private static final int IGMP_BYTES = 16;
    private static final int IGMP_V3_REPORT = 0x22;
    private static final int CHANGE_TO_EXCLUDE = 4;
    private static final int CHECKSUM = 2;
    private static final int INTERNETWORK_CONTROL = 0xC0;
    private static final int[] ROUTER_ALERT = {0x94, 4, 0, 0};

    private SyncFrames() {}

    /** A message to the group. */
    static byte[] message(SyncDaemon daemon, InterfaceInfo via, int port, byte[] payload) {
        return PacketBuilder.ethernet()
                .macs(via.mac(), mac(daemon.group()))
                .ip(source(via, daemon.group().isV4()), daemon.group())
                .ttl(daemon.ttl())
                .udp(SOURCE_PORT + port, daemon.port() + port)
                .payload(payload)
                .build();
    }

    /** That an interface joined a group (RFC 3376 section 4.2): all sources are welcome. */
    static byte[] membershipReport(IpAddress group, InterfaceInfo via) {
        final ByteBuffer report = ByteBuffer.allocate(IGMP_BYTES)
                .put((byte) IGMP_V3_REPORT)
                .put((byte) 0)
                .putInt(0)
                .putShort((short) 1)
                .put((byte) CHANGE_TO_EXCLUDE)
                .put((byte) 0)
                .putShort((short) 0)
                .putInt(group.v4Addr());
        final int sum =
                InternetChecksum.finish(InternetChecksum.sum(new UnsafeBuffer(report.array()), 0, IGMP_BYTES, 0));
        report.putShort(CHECKSUM, (short) sum);
        return PacketBuilder.ethernet()
                .macs(via.mac(), mac(IGMP_ROUTERS))
                .ip(source(via, true), IGMP_ROUTERS)
                .ttl(1)
                .tos(INTERNETWORK_CONTROL)
                .dontFragment()
                .ipv4Options(ROUTER_ALERT)
                .protocol(IGMP)
                .payload(report.array())
                .build();
    }

    private static long mac(IpAddress group) {
        return group.isV4()
                ? IPV4_MULTICAST_MAC | group.v4Addr() & IPV4_MULTICAST_BITS
                : IPV6_MULTICAST_MAC | group.lo() & 0xFFFF_FFFFL;
    }

    private static IpAddress source(InterfaceInfo via, boolean v4) {
        return via.addresses().stream()
                .map(InterfaceInfo.Prefix::address)
                .filter(address -> address.isV4() == v4)
                .findFirst()
                .orElse(v4 ? IpAddress.ANY4 : IpAddress.ANY6);
    }
}
