package io.weir.packet;

import java.io.ByteArrayOutputStream;
import java.nio.ByteOrder;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/** Collects the transport layer of a {@link PacketBuilder}; the payload and the checksum come last. */
final class TransportHeader {
    private static final int MOST_OPTIONS = 40;

    final int protocol;
    boolean withoutChecksum;

    private final UnsafeBuffer fixed;
    /** TCP options, SCTP chunks. */
    private final ByteArrayOutputStream appended = new ByteArrayOutputStream();

    private final @Nullable TransportView view;

    private TransportHeader(int protocol, int fixedLength, @Nullable TransportView view) {
        this.protocol = protocol;
        this.fixed = new UnsafeBuffer(new byte[fixedLength]);
        this.view = view;
    }

    static TransportHeader none(int protocol) {
        return new TransportHeader(protocol, 0, null);
    }

    static TransportHeader tcp(int sourcePort, int destinationPort, int flags) {
        final TransportHeader header =
                new TransportHeader(ProtocolNumbers.TCP, TcpView.MIN_HEADER_LENGTH, new TcpView());
        header.put16(0, sourcePort);
        header.put16(2, destinationPort);
        header.put16(12, flags);
        header.put16(14, 64240);
        return header;
    }

    static TransportHeader udp(int sourcePort, int destinationPort) {
        final TransportHeader header = new TransportHeader(ProtocolNumbers.UDP, UdpView.HEADER_LENGTH, new UdpView());
        header.put16(0, sourcePort);
        header.put16(2, destinationPort);
        return header;
    }

    static TransportHeader icmp(boolean v4, int type, int code, int rest) {
        final TransportHeader header = v4
                ? new TransportHeader(ProtocolNumbers.ICMP, Icmpv4View.HEADER_LENGTH, new Icmpv4View())
                : new TransportHeader(ProtocolNumbers.ICMPV6, Icmpv6View.HEADER_LENGTH, new Icmpv6View());
        header.put16(0, type << 8 | code);
        header.put32(4, rest);
        return header;
    }

    static TransportHeader sctp(int sourcePort, int destinationPort, int verificationTag) {
        final TransportHeader header =
                new TransportHeader(ProtocolNumbers.SCTP, SctpView.HEADER_LENGTH, new SctpView());
        header.put16(0, sourcePort);
        header.put16(2, destinationPort);
        header.put32(4, verificationTag);
        return header;
    }

    void put16(int at, int value) {
        fixed.putShort(at, (short) value, ByteOrder.BIG_ENDIAN);
    }

    void put32(int at, int value) {
        fixed.putInt(at, value, ByteOrder.BIG_ENDIAN);
    }

    void append(int... octets) {
        for (final int octet : octets) {
            appended.write(octet);
        }
    }

    /** Header, options and payload, with lengths and checksum. */
    byte[] segment(IpAddress source, IpAddress destination, byte[] payload) {
        final byte[] header = fixed.byteArray().clone();
        final byte[] more = paddedOptions();
        final byte[] whole = PacketBuilder.join(List.of(header, more, payload));
        final UnsafeBuffer buffer = new UnsafeBuffer(whole);
        if (view instanceof TcpView) {
            final int dataOffset = header.length + more.length;
            buffer.putByte(12, (byte) (dataOffset << 2));
        } else if (view instanceof UdpView) {
            buffer.putShort(4, (short) whole.length, ByteOrder.BIG_ENDIAN);
        }
        if (view != null && !withoutChecksum) {
            view.wrap(buffer, 0, whole.length);
            view.fillChecksum(source.hi(), source.lo(), destination.hi(), destination.lo());
        }
        return whole;
    }

    private byte[] paddedOptions() {
        if (!(view instanceof TcpView)) {
            return appended.toByteArray();
        }
        while ((appended.size() & 3) != 0) {
            appended.write(ProtocolNumbers.TCP_OPTION_END);
        }
        if (appended.size() > MOST_OPTIONS) {
            throw new IllegalArgumentException("TCP options too long: length=" + appended.size());
        }
        return appended.toByteArray();
    }
}
