package io.weir.dataplane.io.linux;

import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Sends single frames on an interface; hears nothing.
 *
 * <p><b>Thread</b>: one at a time. <b>Fails</b>: with a {@link NativeException}.
 */
public final class LinkSocket implements AutoCloseable {
    private static final int LONGEST = 1514;

    private final PacketSocket socket;
    private final UnsafeBuffer memory = new UnsafeBuffer(ByteBuffer.allocateDirect(LONGEST));
    private final String interfaceName;

    public LinkSocket(String interfaceName, int interfaceIndex) {
        this.interfaceName = interfaceName;
        this.socket = new PacketSocket(interfaceName);
        try {
            socket.bind(interfaceIndex, 0);
        } catch (NativeException e) {
            socket.close();
            throw e;
        }
    }

    /** Sends a frame with its Ethernet header. */
    public void send(byte[] frame) {
        if (frame.length > LONGEST) {
            throw new IllegalArgumentException("too long: length=" + frame.length);
        }
        memory.putBytes(0, frame);
        LibC.check(LibC.send(socket.fd(), memory.addressOffset(), frame.length, 0), "send", interfaceName);
    }

    @Override
    public void close() {
        socket.close();
    }
}
