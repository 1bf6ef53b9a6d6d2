package io.weir.dataplane.io;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

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

        /** Opens several for one worker, which may share what they can. All are opened, or none. */
        default List<PacketDevice> openTogether(List<DeviceUri> uris) {
            final List<PacketDevice> devices = new ArrayList<>();
            try {
                uris.forEach(uri -> devices.add(open(uri)));
                return devices;
            } catch (RuntimeException e) {
                devices.forEach(PacketDevice::close);
                throw e;
            }
        }
    }

    private static final Map<String, Opener> OPENERS = new LinkedHashMap<>();

    static {
        OPENERS.put("afpacket", AfPacketDevice::open);
        OPENERS.put("xdp", new XdpDevices());
        OPENERS.put("auto", new AutoDevice());
        OPENERS.put("tun", TunDevice::open);
        OPENERS.put("pcap", PcapDevice::open);
        OPENERS.put("mem", MemoryDevice::open);
    }

    private PacketDevices() {}

    /** Opens a device, for example {@code afpacket:eth0}, {@code tun:weir0}, {@code pcap:in.pcap,out.pcap}, {@code mem:a}. */
    public static PacketDevice open(String uri) {
        final DeviceUri parsed = DeviceUri.parse(uri);
        return opener(parsed).open(parsed);
    }

    /** Opens the devices of one worker, in this order: all of them, or none. Those of a kind share what they can. */
    public static List<PacketDevice> openTogether(List<String> uris) {
        final List<DeviceUri> parsed = uris.stream().map(DeviceUri::parse).toList();
        final Map<Opener, List<Integer>> byKind = new LinkedHashMap<>();
        for (int i = 0; i < parsed.size(); i++) {
            byKind.computeIfAbsent(opener(parsed.get(i)), kind -> new ArrayList<>())
                    .add(i);
        }
        final Map<Integer, PacketDevice> devices = new TreeMap<>();
        try {
            byKind.forEach((kind, places) -> {
                final List<PacketDevice> opened =
                        kind.openTogether(places.stream().map(parsed::get).toList());
                for (int i = 0; i < opened.size(); i++) {
                    devices.put(places.get(i), opened.get(i));
                }
            });
        } catch (RuntimeException e) {
            devices.values().forEach(PacketDevice::close);
            throw e;
        }
        return List.copyOf(devices.values());
    }

    private static Opener opener(DeviceUri uri) {
        final Opener opener = OPENERS.get(uri.scheme());
        if (opener == null) {
            throw new IllegalArgumentException("unknown kind of device, allowed: " + String.join(", ", OPENERS.keySet())
                    + ": device=" + uri.text());
        }
        return opener;
    }

    /** The schemes there are. */
    public static Set<String> schemes() {
        return Set.copyOf(OPENERS.keySet());
    }
}
