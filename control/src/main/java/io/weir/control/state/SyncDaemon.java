package io.weir.control.state;

import io.weir.packet.IpAddress;

/**
 * A running connection synchronisation daemon.
 *
 * @param master sends; else it is a backup and receives
 * @param maxLength of a message, in bytes
 */
public record SyncDaemon(
        boolean master, String interfaceName, int syncId, int maxLength, IpAddress group, int port, int ttl) {
    /** 224.0.0.81, which the protocol's authors chose. */
    public static final IpAddress DEFAULT_GROUP = new IpAddress(0, IpAddress.v4(0xE0000051));

    public static final int DEFAULT_PORT = 8848;

    /** The same with its length settled. */
    SyncDaemon withLength(int length) {
        return new SyncDaemon(master, interfaceName, syncId, length, group, port, ttl);
    }

    private static final int IPV4_UDP_HEADERS = 28;
    private static final int IPV6_UDP_HEADERS = 48;
    private static final int MAX_PACKET = 65_535;
    private static final int SMALLEST_BACKUP_MESSAGE = 1024;
    private static final int DEFAULT_MTU = 1500;

    /** The length asked for (0: the default), brought into the bounds that the kernel sets. */
    static int messageLength(boolean master, int asked, IpAddress group, int mtu) {
        final int headers = group.isV4() ? IPV4_UDP_HEADERS : IPV6_UDP_HEADERS;
        if (asked == 0) {
            return (master ? DEFAULT_MTU : Math.max(DEFAULT_MTU, Math.min(mtu, MAX_PACKET))) - headers;
        }
        return Math.min(Math.max(asked, master ? 1 : SMALLEST_BACKUP_MESSAGE), MAX_PACKET - headers);
    }
}
