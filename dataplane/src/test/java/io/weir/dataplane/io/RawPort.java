package io.weir.dataplane.io;

import io.weir.dataplane.io.linux.InterfaceControl;
import io.weir.dataplane.io.linux.LibC;
import io.weir.dataplane.io.linux.LinuxConstants;
import io.weir.dataplane.io.linux.PacketSocket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

/** The other end of a device under test: a plain packet socket with virtio_net_hdr, one frame per call. */
final class RawPort implements AutoCloseable {
    private static final int HEADER_BYTES = 10;
    private static final long PATIENCE_NS = 2_000_000_000L;

    /** A frame with its virtio_net_hdr. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Frame(int flags, int gsoType, int gsoSize, int checksumStart, int checksumOffset, byte[] bytes) {
        static Frame plain(byte[] bytes) {
            return new Frame(0, 0, 0, 0, 0, bytes);
        }
    }

    private final UnsafeBuffer memory = new UnsafeBuffer(ByteBuffer.allocateDirect(1 << 17));
    private final PacketSocket socket;

    /** Must be called in the right namespace. */
    RawPort(String interfaceName) {
        try (InterfaceControl control = new InterfaceControl(interfaceName)) {
            this.socket = new PacketSocket(interfaceName);
            socket.optionIfKnown(LinuxConstants.PACKET_VNET_HDR, 1);
            socket.optionIfKnown(LinuxConstants.PACKET_IGNORE_OUTGOING, 1);
            socket.option(LinuxConstants.SOL_SOCKET, LinuxConstants.SO_RCVBUFFORCE, 32 << 20, "SO_RCVBUFFORCE");
            socket.option(LinuxConstants.SOL_SOCKET, LinuxConstants.SO_SNDBUFFORCE, 32 << 20, "SO_SNDBUFFORCE");
            socket.bind(control.index(), LinuxConstants.ETH_P_ALL);
        }
    }

    void send(byte[] frame) {
        send(Frame.plain(frame));
    }

    void send(Frame frame) {
        memory.setMemory(0, HEADER_BYTES, (byte) 0);
        memory.putByte(0, (byte) frame.flags);
        memory.putByte(1, (byte) frame.gsoType);
        memory.putShort(2, (short) (frame.gsoType == 0 ? 0 : frame.checksumStart + 20));
        memory.putShort(4, (short) frame.gsoSize);
        memory.putShort(6, (short) frame.checksumStart);
        memory.putShort(8, (short) frame.checksumOffset);
        memory.putBytes(HEADER_BYTES, frame.bytes);
        final long bytes = (long) HEADER_BYTES + frame.bytes.length;
        LibC.check(LibC.send(socket.fd(), memory.addressOffset(), bytes, 0), "send", "raw port");
    }

    /** The frames that come until there are as many as expected, or nothing has come for too long. */
    List<Frame> receive(int expected) {
        final List<Frame> frames = new ArrayList<>();
        long deadline = System.nanoTime() + PATIENCE_NS;
        while (frames.size() < expected && System.nanoTime() - deadline < 0) {
            final long got =
                    LibC.recv(socket.fd(), memory.addressOffset(), memory.capacity(), LinuxConstants.MSG_DONTWAIT);
            if (got > HEADER_BYTES) {
                frames.add(frame((int) got));
                deadline = System.nanoTime() + PATIENCE_NS;
            } else {
                Thread.onSpinWait();
            }
        }
        return frames;
    }

    /** The frames that have come already. */
    List<Frame> drain() {
        final List<Frame> frames = new ArrayList<>();
        while (true) {
            final long got =
                    LibC.recv(socket.fd(), memory.addressOffset(), memory.capacity(), LinuxConstants.MSG_DONTWAIT);
            if (got <= HEADER_BYTES) {
                return frames;
            }
            frames.add(frame((int) got));
        }
    }

    private Frame frame(int got) {
        final byte[] bytes = new byte[got];
        memory.getBytes(0, bytes);
        return new Frame(
                bytes[0],
                bytes[1] & 0xFF,
                memory.getShort(4) & 0xFFFF,
                memory.getShort(6) & 0xFFFF,
                memory.getShort(8) & 0xFFFF,
                Arrays.copyOfRange(bytes, HEADER_BYTES, got));
    }

    @Override
    public void close() {
        socket.close();
    }
}
