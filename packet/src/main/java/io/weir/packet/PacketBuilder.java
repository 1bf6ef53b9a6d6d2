package io.weir.packet;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Builds frames that read as they are written: for tests, probes and the lab, never for the packet path.
 *
 * <pre>
 * PacketBuilder.ethernet().ip("10.0.0.1", "10.0.0.100").tcp(40000, 80, TcpFlags.SYN).mss(1460).build()
 * PacketBuilder.bare().ip("fd00::1", "fd00::2").fragment(0, true, 7).udp(53, 53).payload("hello").build()
 * </pre>
 *
 * <p>Layers are named from the outside to the inside; what belongs to a layer follows it. Lengths and checksums are
 * filled in by {@link #build}. A packet in a packet is the {@link #payload(byte[])} of the outer one.
 *
 * <p><b>Fails</b>: IllegalArgumentException for what cannot be expressed, such as options that do not fit.
 */
public final class PacketBuilder {
    private static final long DEFAULT_SOURCE_MAC = 0x0200_0000_0001L;
    private static final long DEFAULT_DESTINATION_MAC = 0x0200_0000_0002L;

    private final boolean ethernet;
    private long sourceMac = DEFAULT_SOURCE_MAC;
    private long destinationMac = DEFAULT_DESTINATION_MAC;
    private int vlanTci = -1;
    private int etherType;
    private final IpHeaders ip = new IpHeaders();
    private boolean hasIp;
    private TransportHeader transport = TransportHeader.none(ProtocolNumbers.NO_NEXT_HEADER);
    private byte[] payload = {};
    private int padding;

    private PacketBuilder(boolean ethernet) {
        this.ethernet = ethernet;
    }

    /** A frame with an Ethernet header. */
    public static PacketBuilder ethernet() {
        return new PacketBuilder(true);
    }

    /** A packet that starts with its IP header. */
    public static PacketBuilder bare() {
        return new PacketBuilder(false);
    }

    public PacketBuilder macs(long source, long destination) {
        sourceMac = source;
        destinationMac = destination;
        return this;
    }

    /** Adds an 802.1Q tag. */
    public PacketBuilder vlan(int tci) {
        vlanTci = tci;
        return this;
    }

    /** The EtherType of a frame that is neither IP nor ARP. */
    public PacketBuilder etherType(int value) {
        etherType = value;
        return this;
    }

    /** ARP; 28 bytes behind the Ethernet header. */
    public PacketBuilder arp(int operation, long senderMac, String sender, long targetMac, String target) {
        final UnsafeBuffer buffer = new UnsafeBuffer(new byte[ArpView.LENGTH]);
        final int senderAddr = IpAddress.parse(sender).v4Addr();
        final int targetAddr = IpAddress.parse(target).v4Addr();
        new ArpView().wrap(buffer, 0, ArpView.LENGTH).setAll(operation, senderMac, senderAddr, targetMac, targetAddr);
        etherType = ProtocolNumbers.ETHERTYPE_ARP;
        payload = buffer.byteArray();
        return this;
    }

    /** IPv4 or IPv6, as the addresses are. */
    public PacketBuilder ip(String source, String destination) {
        return ip(IpAddress.parse(source), IpAddress.parse(destination));
    }

    public PacketBuilder ip(IpAddress source, IpAddress destination) {
        if (source.isV4() != destination.isV4()) {
            throw new IllegalArgumentException("addresses of two families: " + source + " " + destination);
        }
        ip.source = source;
        ip.destination = destination;
        hasIp = true;
        return this;
    }

    /** TTL or hop limit; 64 unless told. */
    public PacketBuilder ttl(int value) {
        ip.ttl = value;
        return this;
    }

    /** Type of service or traffic class. */
    public PacketBuilder tos(int value) {
        ip.tos = value;
        return this;
    }

    /** IPv4 only. */
    public PacketBuilder id(int value) {
        ip.id = value;
        return this;
    }

    public PacketBuilder dontFragment() {
        ip.dontFragment = true;
        return this;
    }

    /** Makes it a fragment: the fields of the IPv4 header, or an IPv6 fragment header behind the extensions so far. */
    public PacketBuilder fragment(int offsetBytes, boolean more, int id) {
        ip.fragment(offsetBytes, more, id);
        return this;
    }

    /** IPv4 options, padded to a multiple of four. */
    public PacketBuilder ipv4Options(int... octets) {
        ip.options = bytes(octets);
        return this;
    }

    /** An IPv6 extension header whose body, behind next header and length, is zeros to make {@code lengthBytes}. */
    public PacketBuilder extension(int number, int lengthBytes) {
        ip.extension(number, lengthBytes);
        return this;
    }

    public PacketBuilder tcp(int sourcePort, int destinationPort, int flags) {
        transport = TransportHeader.tcp(sourcePort, destinationPort, flags);
        return this;
    }

    public PacketBuilder seq(int value) {
        transport.put32(4, value);
        return this;
    }

    public PacketBuilder ack(int value) {
        transport.put32(8, value);
        return this;
    }

    public PacketBuilder window(int value) {
        transport.put16(14, value);
        return this;
    }

    public PacketBuilder mss(int value) {
        return option(ProtocolNumbers.TCP_OPTION_MSS, value >>> 8, value & 0xFF);
    }

    /** The timestamps option, aligned by two NOPs as stacks send it. */
    public PacketBuilder timestamps(int value, int echoReply) {
        transport.append(ProtocolNumbers.TCP_OPTION_NOP, ProtocolNumbers.TCP_OPTION_NOP);
        transport.append(ProtocolNumbers.TCP_OPTION_TIMESTAMP, 10);
        transport.append(value >>> 24, value >>> 16, value >>> 8, value);
        transport.append(echoReply >>> 24, echoReply >>> 16, echoReply >>> 8, echoReply);
        return this;
    }

    /** Any TCP option with a length; options are padded to a multiple of four at the end. */
    public PacketBuilder option(int kind, int... body) {
        transport.append(kind, body.length + 2);
        transport.append(body);
        return this;
    }

    /** Raw bytes among the TCP options, such as a NOP, or something malformed. */
    public PacketBuilder optionBytes(int... octets) {
        transport.append(octets);
        return this;
    }

    public PacketBuilder udp(int sourcePort, int destinationPort) {
        transport = TransportHeader.udp(sourcePort, destinationPort);
        return this;
    }

    /** Leaves the transport checksum 0, which for UDP says that there is none. */
    public PacketBuilder noChecksum() {
        transport.withoutChecksum = true;
        return this;
    }

    /** ICMP or ICMPv6, as the addresses are; {@code rest} is the word behind the checksum. */
    public PacketBuilder icmp(int type, int code, int rest) {
        if (!hasIp) {
            throw new IllegalArgumentException("ip() comes before icmp()");
        }
        transport = TransportHeader.icmp(ip.source.isV4(), type, code, rest);
        return this;
    }

    public PacketBuilder sctp(int sourcePort, int destinationPort, int verificationTag) {
        transport = TransportHeader.sctp(sourcePort, destinationPort, verificationTag);
        return this;
    }

    /** An SCTP chunk; padded to a multiple of four. */
    public PacketBuilder chunk(int type, int flags, int... body) {
        final int length = body.length + SctpView.CHUNK_HEADER_LENGTH;
        transport.append(type, flags, length >>> 8, length);
        transport.append(Arrays.copyOf(body, (body.length + 3) & ~3));
        return this;
    }

    /** Another IP protocol, or the transport bytes of a later fragment: they are the payload. */
    public PacketBuilder protocol(int number) {
        transport = TransportHeader.none(number);
        return this;
    }

    public PacketBuilder payload(byte[] bytes) {
        payload = bytes.clone();
        return this;
    }

    public PacketBuilder payload(String text) {
        return payload(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** {@code length} bytes that count up. */
    public PacketBuilder payload(int length) {
        final byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) i;
        }
        return payload(bytes);
    }

    /** Bytes behind the packet, as Ethernet adds to short frames. */
    public PacketBuilder padding(int bytes) {
        padding = bytes;
        return this;
    }

    /** The frame in a buffer of exactly its size. */
    public UnsafeBuffer buffer() {
        return new UnsafeBuffer(build());
    }

    /** The frame. */
    public byte[] build() {
        final List<byte[]> parts = new ArrayList<>();
        if (ethernet) {
            parts.add(linkHeader());
        }
        if (hasIp) {
            final byte[] segment = transport.segment(ip.source, ip.destination, payload);
            parts.add(ip.headers(transport.protocol, segment.length));
            parts.add(segment);
        } else {
            parts.add(payload);
        }
        parts.add(new byte[padding]);
        return join(parts);
    }

    private byte[] linkHeader() {
        final boolean tagged = vlanTci >= 0;
        final int length = tagged ? EthernetView.TAGGED_HEADER_LENGTH : EthernetView.HEADER_LENGTH;
        final UnsafeBuffer header = new UnsafeBuffer(new byte[length]);
        final EthernetView view = new EthernetView().wrap(header, 0, length);
        int type = etherType;
        if (hasIp) {
            type = ip.source.isV4() ? ProtocolNumbers.ETHERTYPE_IPV4 : ProtocolNumbers.ETHERTYPE_IPV6;
        }
        view.setSourceMac(sourceMac);
        view.setDestinationMac(destinationMac);
        if (tagged) {
            view.setVlan(vlanTci, type);
        } else {
            view.setEtherTypeField(type);
        }
        return header.byteArray();
    }

    static byte[] join(List<byte[]> parts) {
        int length = 0;
        for (final byte[] part : parts) {
            length += part.length;
        }
        final byte[] whole = new byte[length];
        int at = 0;
        for (final byte[] part : parts) {
            System.arraycopy(part, 0, whole, at, part.length);
            at += part.length;
        }
        return whole;
    }

    static byte[] bytes(int... octets) {
        final byte[] bytes = new byte[octets.length];
        for (int i = 0; i < octets.length; i++) {
            bytes[i] = (byte) octets[i];
        }
        return bytes;
    }
}
