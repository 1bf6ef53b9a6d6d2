package io.weir.dataplane.io;

import io.weir.dataplane.io.linux.InterfaceControl;
import io.weir.dataplane.io.linux.NativeException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code auto:eth0}: AF_XDP where the interface's driver runs the program, else AF_PACKET; the log says which, and why.
 *
 * <p>Not for virtual interfaces: there AF_PACKET carries unfinished checksums and super-frames through as they are, and is
 * the faster one (measured on veth). Options are those of {@code afpacket}, for when that is chosen.
 */
final class AutoDevice implements PacketDevices.Opener {
    private static final Logger LOG = LoggerFactory.getLogger(AutoDevice.class);

    @Override
    public List<PacketDevice> openTogether(List<DeviceUri> uris) {
        uris.forEach(AfPacketOptions::parse);
        if (uris.size() > 1) {
            try {
                if (uris.stream().noneMatch(AutoDevice::isVirtual)) {
                    return PacketDevices.openTogether(
                            uris.stream().map(AutoDevice::xdp).toList());
                }
            } catch (NativeException | IllegalArgumentException | IllegalStateException e) {
                LOG.info("event=auto chosen=\"each for itself\" reason=\"{}\"", e.getMessage());
            }
        }
        return PacketDevices.Opener.super.openTogether(uris);
    }

    private static boolean isVirtual(DeviceUri uri) {
        try (InterfaceControl control = new InterfaceControl(uri.target())) {
            return AfXdpDevice.isVirtual(control);
        }
    }

    private static String xdp(DeviceUri uri) {
        return "xdp:" + uri.target() + "?mode=native";
    }

    @Override
    public PacketDevice open(DeviceUri uri) {
        AfPacketOptions.parse(uri);
        final String driver;
        try (InterfaceControl control = new InterfaceControl(uri.target())) {
            AfPacketDevice.check(control, uri.target());
            driver = control.driver();
            if (AfXdpDevice.isVirtual(control)) {
                return packets(uri, "driver " + driver + " is virtual: AF_XDP would lose its offloads");
            }
        }
        try {
            final PacketDevice device = PacketDevices.open(xdp(uri));
            LOG.info("event=auto chosen={} reason=\"driver {} runs XDP programs\"", device.uri(), driver);
            return device;
        } catch (NativeException | IllegalArgumentException | IllegalStateException e) {
            return packets(uri, String.valueOf(e.getMessage()));
        }
    }

    private static PacketDevice packets(DeviceUri uri, String reason) {
        final String chosen = "afpacket" + uri.text().substring(uri.scheme().length());
        LOG.info("event=auto chosen={} reason=\"{}\"", chosen, reason);
        return PacketDevices.open(chosen);
    }
}
