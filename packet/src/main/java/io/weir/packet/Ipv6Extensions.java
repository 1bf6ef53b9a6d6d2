package io.weir.packet;

import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Walks the IPv6 extension headers to the transport header, or to the payload of a later fragment.
 *
 * <p><b>Layout</b>:
 *
 * <pre>
 *   hop-by-hop, routing, destination options: 0 next header  1 length / 8 - 1  ...
 *   authentication:                           0 next header  1 length / 4 - 2  ...
 *   fragment:                                 0 next header  2 offset (13 bits), reserved (2), M  4 identification
 * </pre>
 *
 * <p>The result is in the fields, valid until the next walk. ESP and "no next header" end the walk, as any other
 * number does. Behind the fragment header of a later fragment there is no header to read: its {@code protocol} is what
 * the fragment header names, even if that is an extension header of the first fragment.
 *
 * <p><b>Owner</b>: one worker.
 *
 * <p><b>Source</b>: RFC 8200 section 4; ipv6_find_hdr in net/ipv6/exthdrs_core.c.
 */
public final class Ipv6Extensions {
    private static final int FRAGMENT_HEADER_LENGTH = 8;

    /** The number of the header at {@link #offset}. */
    public int protocol;
    /** Where the walk ended. */
    public int offset;
    /** Where the fragment header is, or -1. */
    public int fragmentHeaderOffset;
    /** Fragment offset in bytes. */
    public int fragmentOffset;

    public boolean moreFragments;
    public int fragmentId;

    /**
     * Walks from the header {@code nextHeader} at {@code at}; the packet ends before {@code limit}.
     *
     * @return OK, or BAD_EXTENSION if a header does not fit
     */
    public int walk(UnsafeBuffer buffer, int at, int limit, int nextHeader) {
        protocol = nextHeader;
        offset = at;
        fragmentHeaderOffset = -1;
        fragmentOffset = 0;
        moreFragments = false;
        fragmentId = 0;
        // every header is at least 8 bytes long, so the packet's length bounds the loop
        while (isExtension(protocol)) {
            if (limit - offset < 8) {
                return ParseStatus.BAD_EXTENSION;
            }
            final int length;
            if (protocol == ProtocolNumbers.FRAGMENT) {
                readFragment(buffer);
                length = FRAGMENT_HEADER_LENGTH;
            } else {
                final int units = buffer.getByte(offset + 1) & 0xFF;
                length = protocol == ProtocolNumbers.AH ? (units + 2) << 2 : (units + 1) << 3;
            }
            if (length > limit - offset) {
                return ParseStatus.BAD_EXTENSION;
            }
            protocol = buffer.getByte(offset) & 0xFF;
            offset += length;
            if (fragmentOffset != 0) {
                return ParseStatus.OK;
            }
        }
        return ParseStatus.OK;
    }

    private void readFragment(UnsafeBuffer buffer) {
        final int field = buffer.getShort(offset + 2, ByteOrder.BIG_ENDIAN) & 0xFFFF;
        fragmentHeaderOffset = offset;
        fragmentOffset = field & 0xFFF8;
        moreFragments = (field & 1) != 0;
        fragmentId = buffer.getInt(offset + 4, ByteOrder.BIG_ENDIAN);
    }

    /** Is {@code nextHeader} one that has another header behind it? */
    public static boolean isExtension(int nextHeader) {
        switch (nextHeader) {
            case ProtocolNumbers.HOP_BY_HOP:
            case ProtocolNumbers.ROUTING:
            case ProtocolNumbers.FRAGMENT:
            case ProtocolNumbers.AH:
            case ProtocolNumbers.DESTINATION_OPTIONS:
                return true;
            default:
                return false;
        }
    }
}
