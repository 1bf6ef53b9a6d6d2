package io.weir.packet;

import org.agrona.concurrent.UnsafeBuffer;

/** Reads the headers of one frame, from the link layer to the transport, in one pass. */
public final class PacketParser {
    public int parse(UnsafeBuffer buffer, int offset, int length, boolean ethernet, ParsedPacket out) {
        return 0;
    }

    public int parseEmbedded(UnsafeBuffer buffer, int offset, int length, ParsedPacket out) {
        return 0;
    }
}
