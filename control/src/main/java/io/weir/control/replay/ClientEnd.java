package io.weir.control.replay;

import io.weir.packet.IpAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The client's address and port in an IPv4 frame, as the recordings key connections. */
record ClientEnd(IpAddress address, int port) {
    private static final int IP_OFFSET = 14;
    private static final int SHORTEST = IP_OFFSET + 24;
    private static final int IPV4 = 0x0800;

    /**
     * Null if the frame is no IPv4 packet or too short.
     *
     * @param reply the client is the destination
     */
    static @Nullable ClientEnd of(byte[] frame, boolean reply) {
        final ByteBuffer bytes = ByteBuffer.wrap(frame);
        if (frame.length < SHORTEST || bytes.getShort(12) != IPV4) {
            return null;
        }
        final int transport = IP_OFFSET + (frame[IP_OFFSET] & 0xF) * 4;
        final int portAt = transport + (reply ? 2 : 0);
        if (portAt + 2 > frame.length) {
            return null;
        }
        return new ClientEnd(
                IpAddress.ofV4(bytes.getInt(IP_OFFSET + (reply ? 16 : 12))), bytes.getShort(portAt) & 0xFFFF);
    }

    boolean is(IpAddress otherAddress, int otherPort) {
        return port == otherPort && address.equals(otherAddress);
    }
}
