package io.weir.control.vrrp;

import io.weir.control.keepalived.KeepalivedConfig.VirtualAddress;
import io.weir.control.keepalived.VrrpSettings;
import io.weir.control.keepalived.VrrpSettings.Peer;
import io.weir.dataplane.io.linux.RawIpSocket;
import io.weir.packet.IpAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Whether an advert with our router id may be believed. <b>Source</b>: RFC 5798 section 7.1, keepalived.conf(5). */
final class AdvertChecks {
    private static final int TTL = 255;

    private final VrrpSettings settings;
    private final long advertMs;

    /** Compares with these settings; {@code advertMs} as it is told. */
    AdvertChecks(VrrpSettings settings, long advertMs) {
        this.settings = settings;
        this.advertMs = advertMs;
    }

    /**
     * What is wrong with an advert, or null.
     *
     * @param followed it comes from the master that is followed
     */
    @Nullable
    String problem(VrrpPacket packet, RawIpSocket.Received got, boolean followed) {
        if (packet.version() != settings.version()) {
            return "version " + packet.version() + ", ours is " + settings.version();
        }
        if (settings.peers().isEmpty()) {
            if (got.ttl() != TTL) {
                return "TTL " + got.ttl() + ", must be 255";
            }
        } else {
            final String peer = peerProblem(got);
            if (peer != null) {
                return peer;
            }
        }
        final String password = settings.password() == null ? "" : settings.password();
        if (packet.version() == 2 && !packet.password().equals(password)) {
            return "wrong password";
        }
        if (packet.version() == 2 && packet.advertMs() != advertMs) {
            return "advert interval " + packet.advertMs() + " ms, ours is another";
        }
        if (packet.version() == 3 && packet.advertMs() == 0) {
            return "advert interval 0";
        }
        final List<IpAddress> ours =
                settings.advertised().stream().map(VirtualAddress::address).toList();
        if (!(settings.skipCheckAdvertised() && followed)
                && (packet.addresses().size() != ours.size()
                        || !packet.addresses().containsAll(ours))) {
            return "other virtual addresses: " + packet.addresses();
        }
        return null;
    }

    private @Nullable String peerProblem(RawIpSocket.Received got) {
        boolean limited = settings.checkSource();
        for (Peer peer : settings.peers()) {
            limited |= peer.minTtl() > 0 || peer.maxTtl() < TTL;
            if (peer.address().equals(got.source())) {
                return got.ttl() < peer.minTtl() || got.ttl() > peer.maxTtl() ? "TTL " + got.ttl() : null;
            }
        }
        return limited ? "not one of our unicast peers" : null;
    }
}
