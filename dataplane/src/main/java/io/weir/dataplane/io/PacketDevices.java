package io.weir.dataplane.io;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * The registry of devices by the scheme of their URI. <b>One line adds one.</b>
 *
 * <p><b>Fails</b>: one clear line for the operator, and nothing half-open.
 */
public final class PacketDevices {
    /** Opens one kind of device. */
    @FunctionalInterface
    public interface Opener {
        PacketDevice open(DeviceUri uri);
    }

    private static final Map<String, Opener> OPENERS = new LinkedHashMap<>();

    static {
        OPENERS.put("afpacket", AfPacketDevice::open);
        OPENERS.put("xdp", AfXdpDevice::open);
        OPENERS.put("auto", AutoDevice::open);
        OPENERS.put("tun", TunDevice::open);
        OPENERS.put("pcap", PcapDevice::open);
        OPENERS.put("mem", MemoryDevice::open);
    }

    private PacketDevices() {}

    /** Opens a device, for example {@code afpacket:eth0}, {@code tun:weir0}, {@code pcap:in.pcap,out.pcap}, {@code mem:a}. */
    public static PacketDevice open(String uri) {
        final DeviceUri parsed = DeviceUri.parse(uri);
        final Opener opener = OPENERS.get(parsed.scheme());
        if (opener == null) {
            throw new IllegalArgumentException(
                    "unknown kind of device, allowed: " + String.join(", ", OPENERS.keySet()) + ": device=" + uri);
        }
        return opener.open(parsed);
    }

    /** The schemes there are. */
    public static Set<String> schemes() {
        return Set.copyOf(OPENERS.keySet());
    }
}
