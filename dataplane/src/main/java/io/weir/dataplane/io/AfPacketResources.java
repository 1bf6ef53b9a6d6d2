package io.weir.dataplane.io;

import io.weir.dataplane.io.linux.InterfaceControl;
import io.weir.dataplane.io.linux.PacketSocket;
import java.util.ArrayDeque;
import java.util.Deque;

/** What an AF_PACKET device must give back: when it is closed, or when opening it fails half-way. */
final class AfPacketResources implements AutoCloseable {
    private final InterfaceControl control;
    private final Deque<AutoCloseable> kept = new ArrayDeque<>();
    private boolean restoreGro;
    private boolean restoreLro;

    AfPacketResources(InterfaceControl control) {
        this.control = control;
    }

    InterfaceControl control() {
        return control;
    }

    PacketSocket socket(String interfaceName) {
        final PacketSocket socket = new PacketSocket(interfaceName);
        kept.push(socket);
        return socket;
    }

    /** It is closed with the device. */
    void keep(AutoCloseable resource) {
        kept.push(resource);
    }

    /** Stops the merging of received frames until {@link #close}; false if that was refused. */
    boolean switchMergingOff() {
        final boolean gro = control.gro();
        final boolean lro = control.lro();
        restoreGro = gro && control.gro(false);
        restoreLro = lro && control.lro(false);
        return restoreGro == gro && restoreLro == lro;
    }

    @Override
    public void close() {
        AfXdpDevice.close(kept);
        if (restoreGro) {
            control.gro(true);
        }
        if (restoreLro) {
            control.lro(true);
        }
        control.close();
    }
}
