package io.weir.control.keepalived;

import io.weir.control.keepalived.KeepalivedConfig.Notify;
import io.weir.control.keepalived.KeepalivedConfig.Tracking;
import io.weir.control.keepalived.KeepalivedConfig.VirtualAddress;
import io.weir.packet.IpAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A {@code vrrp_instance}. Times in milliseconds.
 *
 * @param startMaster its first state, if nobody else is heard
 * @param advertMs between two adverts
 * @param password of VRRP version 2; null for none
 * @param source of the adverts; null for the interface's first address
 * @param group multicast; unused if there are peers
 * @param peers unicast; empty for multicast
 * @param advertised the addresses in the adverts, in their order
 * @param excluded more addresses that move along
 * @param routes arguments of {@code ip route}, set while master
 * @param rules arguments of {@code ip rule}
 * @param trackSource without the source on its interface it is at fault
 * @param lacksPeers it is to speak by unicast, but to nobody: at fault for good
 * @param tellsPriority FIFOs are told when the priority changes
 */
public record VrrpSettings(
        int line,
        String name,
        boolean startMaster,
        String interfaceName,
        int routerId,
        int priority,
        long advertMs,
        int version,
        @Nullable String password,
        @Nullable IpAddress source,
        IpAddress group,
        List<Peer> peers,
        int unicastTtl,
        boolean checkSource,
        boolean skipCheckAdvertised,
        List<VirtualAddress> advertised,
        List<VirtualAddress> excluded,
        List<String> routes,
        List<String> rules,
        boolean preempt,
        long preemptDelayMs,
        int downTimerAdverts,
        boolean lowerPriorityNoAdvert,
        boolean higherPrioritySendAdvert,
        boolean trackPrimary,
        boolean trackSource,
        boolean lacksPeers,
        boolean tellsPriority,
        Garp garp,
        Tracking tracking,
        Notify notices) {

    /** A unicast peer and the TTLs that are accepted from it. */
    public record Peer(IpAddress address, int minTtl, int maxTtl) {}

    /**
     * Bursts of gratuitous ARP, or of unsolicited neighbour advertisements.
     *
     * @param extraMs between two on every interface that has an address of it; 0 for none
     */
    public record Garp(
            long delayMs,
            int repeat,
            long lowerDelayMs,
            int lowerRepeat,
            long refreshMs,
            int refreshRepeat,
            long extraMs) {}

    /** The same settings, wherever they stand in the file? */
    public boolean isLike(VrrpSettings other) {
        return plain().equals(other.plain());
    }

    private String plain() {
        return toString().replaceAll("\\bline=\\d+", "");
    }

    /** The same virtual router on the same link, whatever else is different? */
    public boolean isSameRouter(VrrpSettings other) {
        return routerId == other.routerId && interfaceName.equals(other.interfaceName) && ipv6() == other.ipv6();
    }

    /** Does it speak IPv6? */
    public boolean ipv6() {
        return !group.isV4();
    }
}
