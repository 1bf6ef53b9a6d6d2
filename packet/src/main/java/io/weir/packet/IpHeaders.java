package io.weir.packet;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

/** Collects the network layer of a {@link PacketBuilder} and lays it out. */
final class IpHeaders {
    private static final int MOST_OPTIONS = 40;

    IpAddress source = IpAddress.ANY4;
    IpAddress destination = IpAddress.ANY4;
    int ttl = 64;
    int tos;
    int id;
    boolean dontFragment;
    byte[] options = {};

    private int fragmentOffset;
    private boolean moreFragments;
    /** IPv6 extension headers in order; their first byte, the next header, is set at the end. */
    private final List<byte[]> extensions = new ArrayList<>();

    private final List<Integer> extensionNumbers = new ArrayList<>();

    void fragment(int offsetBytes, boolean more, int fragmentId) {
        if ((offsetBytes & 7) != 0) {
            throw new IllegalArgumentException("fragment offset must be a multiple of 8: offset=" + offsetBytes);
        }
        fragmentOffset = offsetBytes;
        moreFragments = more;
        id = fragmentId;
        final int field = offsetBytes | (more ? 1 : 0);
        extensionNumbers.add(ProtocolNumbers.FRAGMENT);
        extensions.add(PacketBuilder.bytes(
                0, 0, field >>> 8, field, fragmentId >>> 24, fragmentId >>> 16, fragmentId >>> 8, fragmentId));
    }

    void extension(int number, int lengthBytes) {
        final int unit = number == ProtocolNumbers.AH ? 4 : 8;
        if (lengthBytes < 8 || lengthBytes % unit != 0) {
            throw new IllegalArgumentException("extension header cannot have that length: length=" + lengthBytes);
        }
        final byte[] header = new byte[lengthBytes];
        header[1] = (byte) (number == ProtocolNumbers.AH ? lengthBytes / 4 - 2 : lengthBytes / 8 - 1);
        if (number == ProtocolNumbers.HOP_BY_HOP || number == ProtocolNumbers.DESTINATION_OPTIONS) {
            padOptions(header);
        }
        extensionNumbers.add(number);
        extensions.add(header);
    }

    /** Fills the body with PadN options (RFC 8200 section 4.2), so that the header is a valid one. */
    private static void padOptions(byte[] header) {
        int at = 2;
        while (at < header.length) {
            final int size = Math.min(header.length - at, 257);
            header[at] = (byte) (size == 1 ? 0 : 1);
            if (size > 1) {
                header[at + 1] = (byte) (size - 2);
            }
            at += size;
        }
    }

    byte[] headers(int protocol, int segmentLength) {
        return source.isV4() ? v4(protocol, segmentLength) : v6(protocol, segmentLength);
    }

    private byte[] v4(int protocol, int segmentLength) {
        final byte[] padded = Arrays.copyOf(options, (options.length + 3) & ~3);
        if (padded.length > MOST_OPTIONS) {
            throw new IllegalArgumentException("IPv4 options too long: length=" + padded.length);
        }
        final int length = Ipv4View.MIN_HEADER_LENGTH + padded.length;
        final UnsafeBuffer buffer = new UnsafeBuffer(new byte[length]);
        final Ipv4View view = new Ipv4View().wrap(buffer, 0, length);
        view.setVersionAndHeaderLengthBytes(length);
        view.setTos(tos);
        view.setTotalLengthBytes(length + segmentLength);
        view.setIdentification(id);
        view.setFragmentField(
                fragmentOffset >>> 3 | (dontFragment ? Ipv4View.FLAG_DF : 0) | (moreFragments ? Ipv4View.FLAG_MF : 0));
        view.setTimeToLive(ttl);
        view.setProtocol(protocol);
        view.setSourceAddr(source.v4Addr());
        view.setDestinationAddr(destination.v4Addr());
        buffer.putBytes(Ipv4View.MIN_HEADER_LENGTH, padded);
        view.fillHeaderChecksum();
        return buffer.byteArray();
    }

    private byte[] v6(int protocol, int segmentLength) {
        final List<byte[]> parts = new ArrayList<>();
        final UnsafeBuffer fixed = new UnsafeBuffer(new byte[Ipv6View.HEADER_LENGTH]);
        parts.add(fixed.byteArray());
        int extensionsLength = 0;
        for (int i = 0; i < extensions.size(); i++) {
            final byte[] extension = extensions.get(i).clone();
            extension[0] = (byte) (i + 1 < extensions.size() ? extensionNumbers.get(i + 1) : protocol);
            extensionsLength += extension.length;
            parts.add(extension);
        }
        final Ipv6View view = new Ipv6View().wrap(fixed, 0, Ipv6View.HEADER_LENGTH);
        view.setVersionClassAndLabel(tos, 0);
        view.setPayloadLengthBytes(extensionsLength + segmentLength);
        view.setNextHeader(extensions.isEmpty() ? protocol : extensionNumbers.get(0));
        view.setHopLimit(ttl);
        view.setSource(source.hi(), source.lo());
        view.setDestination(destination.hi(), destination.lo());
        return PacketBuilder.join(parts);
    }
}
