package io.weir.packet;

import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Reads the headers of one frame, from the link layer to the transport, in one pass.
 *
 * <p>It accepts what a Linux host accepts: a wrong IPv4 header checksum, a length beyond the frame or a version that
 * contradicts the EtherType is refused; bytes behind the IP packet are padding. It does not look at the transport
 * checksum, nor at addresses.
 *
 * <p><b>Fails</b>: a {@link ParseStatus} other than OK, never an exception, and never a read outside the frame. The
 * link layer fields of the result are always set; the others are cleared, but for BAD_TRANSPORT.
 *
 * <p><b>Owner</b>: one worker; holds the state of the IPv6 walk.
 *
 * <p><b>Source</b>: ip_rcv_core in net/ipv4/ip_input.c, ip6_rcv_core in net/ipv6/ip6_input.c; ip_vs_fill_iph_skb_off
 * in include/net/ip_vs.h.
 */
public final class PacketParser {
    private static final ByteOrder NETWORK = ByteOrder.BIG_ENDIAN;

    private static final int TCP_HEADER = TcpView.MIN_HEADER_LENGTH;
    private static final int TCP_FLAGS = 13;

    private final Ipv6Extensions extensions = new Ipv6Extensions();

    /**
     * Parses {@code length} bytes at {@code offset}, which start with an Ethernet header or with the IP header.
     *
     * @return a {@link ParseStatus}
     */
    public int parse(UnsafeBuffer buffer, int offset, int length, boolean ethernet, ParsedPacket out) {
        if (!ethernet) {
            begin(buffer, offset, length, out);
            return parseBare(buffer, offset, offset + length, false, out);
        }
        if (length < EthernetView.HEADER_LENGTH) {
            begin(buffer, offset, length, out);
            return refuse(out, ParseStatus.TRUNCATED);
        }
        int tci = -1;
        int type = u16(buffer, offset + 12);
        int header = EthernetView.HEADER_LENGTH;
        if (type == ProtocolNumbers.ETHERTYPE_VLAN) {
            header = EthernetView.TAGGED_HEADER_LENGTH;
            if (length < header) {
                begin(buffer, offset, length, out);
                return refuse(out, ParseStatus.TRUNCATED);
            }
            tci = u16(buffer, offset + 14);
            type = u16(buffer, offset + 16);
        }
        frame(buffer, offset, length, out);
        out.vlanTci = tci;
        out.linkHeaderLength = header;
        out.etherType = type;
        if (type == ProtocolNumbers.ETHERTYPE_IPV4) {
            return parseV4(buffer, offset + header, offset + length, false, out);
        }
        if (type == ProtocolNumbers.ETHERTYPE_IPV6) {
            return parseV6(buffer, offset + header, offset + length, false, out);
        }
        return refuse(out, ParseStatus.NOT_IP);
    }

    /**
     * Parses the IP packet that an ICMP error quotes: its end may be cut off anywhere behind the IP header.
     *
     * <p>The header checksum is not verified, since routers quote the header as they had changed it. {@link ParsedPacket#l4Length}
     * says how much of the transport is there; ports are 0 unless their 4 bytes are, {@code tcpFlags} 0 unless 14 are.
     *
     * @return a {@link ParseStatus}, never BAD_TRANSPORT
     */
    public int parseEmbedded(UnsafeBuffer buffer, int offset, int length, ParsedPacket out) {
        begin(buffer, offset, length, out);
        return parseBare(buffer, offset, offset + length, true, out);
    }

    @SuppressWarnings("ReferenceEquality") // the same object is meant
    private static void frame(UnsafeBuffer buffer, int offset, int length, ParsedPacket out) {
        // nearly always the same one: a store of a reference costs the collector's barrier
        if (out.buffer != buffer) {
            out.buffer = buffer;
        }
        out.frameOffset = offset;
        out.frameLength = length;
    }

    private static void begin(UnsafeBuffer buffer, int offset, int length, ParsedPacket out) {
        frame(buffer, offset, length, out);
        out.vlanTci = -1;
        out.linkHeaderLength = 0;
        out.etherType = 0;
    }

    private int parseBare(UnsafeBuffer buffer, int l3, int end, boolean quoted, ParsedPacket out) {
        if (end - l3 < 1) {
            return refuse(out, ParseStatus.TRUNCATED);
        }
        final int version = buffer.getByte(l3) >>> 4 & 0x0F;
        if (version == 4) {
            out.etherType = ProtocolNumbers.ETHERTYPE_IPV4;
            return parseV4(buffer, l3, end, quoted, out);
        }
        if (version == 6) {
            out.etherType = ProtocolNumbers.ETHERTYPE_IPV6;
            return parseV6(buffer, l3, end, quoted, out);
        }
        return refuse(out, ParseStatus.BAD_VERSION);
    }

    private static int parseV4(UnsafeBuffer buffer, int l3, int end, boolean quoted, ParsedPacket out) {
        final int available = end - l3;
        if (available < Ipv4View.MIN_HEADER_LENGTH) {
            return refuse(out, ParseStatus.TRUNCATED);
        }
        // the whole fixed header in three loads: version..fragment, TTL..source, destination
        final long first = buffer.getLong(l3, NETWORK);
        final long second = buffer.getLong(l3 + 8, NETWORK);
        final int destination = buffer.getInt(l3 + 16, NETWORK);
        final int headerLength = (int) (first >>> 56 & 0x0F) << 2;
        final int totalLength = (int) (first >>> 32) & 0xFFFF;
        final int status = checkV4(buffer, l3, available, first, second, destination, quoted);
        if (status != ParseStatus.OK) {
            return refuse(out, status);
        }
        final int length = quoted ? quotedLength(totalLength, headerLength, available) : totalLength;
        final int fragmentField = (int) first & 0xFFFF;
        out.ipVersion = 4;
        out.l3Offset = l3;
        out.l3HeaderLength = headerLength;
        out.l3Length = length;
        out.tos = (int) (first >>> 48) & 0xFF;
        out.fragmentId = (int) (first >>> 16) & 0xFFFF;
        out.dontFragment = (fragmentField & Ipv4View.FLAG_DF) != 0;
        out.ttl = (int) (second >>> 56);
        out.protocol = (int) (second >>> 48) & 0xFF;
        out.srcHi = 0;
        out.srcLo = IpAddress.v4((int) second);
        out.dstHi = 0;
        out.dstLo = IpAddress.v4(destination);
        out.clearRare();
        if ((fragmentField & (Ipv4View.FLAG_MF | 0x1FFF)) != 0) {
            setFragment(out, fragmentField);
        }
        return parseTransport(buffer, l3 + headerLength, length - headerLength, quoted, out);
    }

    private static void setFragment(ParsedPacket out, int field) {
        setFragment(out, (field & 0x1FFF) << 3, (field & Ipv4View.FLAG_MF) != 0);
    }

    /** The checks of ip_rcv_core; a quoted packet needs only its IP header. */
    private static int checkV4(
            UnsafeBuffer buffer, int l3, int available, long first, long second, int destination, boolean quoted) {
        if (first >>> 60 != 4) {
            return ParseStatus.BAD_VERSION;
        }
        final int headerLength = (int) (first >>> 56 & 0x0F) << 2;
        if (headerLength < Ipv4View.MIN_HEADER_LENGTH) {
            return ParseStatus.BAD_HEADER_LENGTH;
        }
        if (headerLength > available) {
            return ParseStatus.TRUNCATED;
        }
        if (quoted) {
            return ParseStatus.OK;
        }
        long sum = (first >>> 32) + (first & 0xFFFF_FFFFL) + (second >>> 32) + (second & 0xFFFF_FFFFL);
        sum += destination & 0xFFFF_FFFFL;
        if (headerLength > Ipv4View.MIN_HEADER_LENGTH) {
            sum = InternetChecksum.sum(buffer, l3 + 20, headerLength - 20, sum);
        }
        if (InternetChecksum.fold(sum) != 0xFFFF) {
            return ParseStatus.BAD_IP_CHECKSUM;
        }
        final int totalLength = (int) (first >>> 32) & 0xFFFF;
        if (totalLength > available) {
            return ParseStatus.TRUNCATED;
        }
        return totalLength < headerLength ? ParseStatus.BAD_LENGTH : ParseStatus.OK;
    }

    /** What is there of a quoted packet; senders have been seen to garble the length they quote. */
    private static int quotedLength(int declared, int headerLength, int available) {
        return declared < headerLength ? available : Math.min(declared, available);
    }

    private int parseV6(UnsafeBuffer buffer, int l3, int end, boolean quoted, ParsedPacket out) {
        final int available = end - l3;
        if (available < Ipv6View.HEADER_LENGTH) {
            return refuse(out, ParseStatus.TRUNCATED);
        }
        final long first = buffer.getLong(l3, NETWORK);
        if (first >>> 60 != 6) {
            return refuse(out, ParseStatus.BAD_VERSION);
        }
        final int declared = Ipv6View.HEADER_LENGTH + ((int) (first >>> 16) & 0xFFFF);
        if (declared > available && !quoted) {
            return refuse(out, ParseStatus.TRUNCATED);
        }
        final int length = Math.min(declared, available);
        final Ipv6Extensions walk = extensions;
        final int status = walk.walk(buffer, l3 + Ipv6View.HEADER_LENGTH, l3 + length, (int) (first >>> 8) & 0xFF);
        if (status != ParseStatus.OK) {
            return refuse(out, status);
        }
        out.ipVersion = 6;
        out.l3Offset = l3;
        out.l3HeaderLength = walk.offset - l3;
        out.l3Length = length;
        out.tos = (int) (first >>> 52) & 0xFF;
        out.fragmentId = walk.fragmentId;
        out.dontFragment = false;
        out.ttl = (int) first & 0xFF;
        out.protocol = walk.protocol;
        out.srcHi = buffer.getLong(l3 + 8, NETWORK);
        out.srcLo = buffer.getLong(l3 + 16, NETWORK);
        out.dstHi = buffer.getLong(l3 + 24, NETWORK);
        out.dstLo = buffer.getLong(l3 + 32, NETWORK);
        out.clearRare();
        if (walk.fragmentHeaderOffset >= 0) {
            out.fragmentHeaderOffset = walk.fragmentHeaderOffset;
            setFragment(out, walk.fragmentOffset, walk.moreFragments);
        }
        return parseTransport(buffer, walk.offset, l3 + length - walk.offset, quoted, out);
    }

    private static void setFragment(ParsedPacket out, int fragmentOffset, boolean moreFragments) {
        out.rare = true;
        out.fragmentOffset = fragmentOffset;
        out.moreFragments = moreFragments;
        if (fragmentOffset != 0) {
            out.fragment = ParsedPacket.FRAGMENT_LATER;
        } else {
            out.fragment = moreFragments ? ParsedPacket.FRAGMENT_FIRST : ParsedPacket.FRAGMENT_NONE;
        }
    }

    private static int parseTransport(UnsafeBuffer buffer, int l4, int length, boolean quoted, ParsedPacket out) {
        out.l4Offset = l4;
        out.l4Length = length;
        if (out.fragment == ParsedPacket.FRAGMENT_LATER) {
            setPorts(out, 0);
            setTcp(out, 0, 0);
            return ParseStatus.OK;
        }
        final boolean enough;
        switch (out.protocol) {
            case ProtocolNumbers.TCP:
                readPorts(buffer, l4, length, out);
                enough = readTcp(buffer, l4, length, out);
                break;
            case ProtocolNumbers.UDP:
                readPorts(buffer, l4, length, out);
                setTcp(out, 0, 0);
                enough = length >= UdpView.HEADER_LENGTH;
                break;
            case ProtocolNumbers.SCTP:
                readPorts(buffer, l4, length, out);
                setTcp(out, 0, 0);
                enough = readSctp(buffer, l4, length, out);
                break;
            case ProtocolNumbers.ICMP:
            case ProtocolNumbers.ICMPV6:
                setPorts(out, 0);
                setTcp(out, 0, 0);
                enough = readIcmp(buffer, l4, length, out);
                break;
            default:
                setPorts(out, 0);
                setTcp(out, 0, 0);
                return ParseStatus.OK;
        }
        // the rest of a header that a first fragment cuts is in the next one; reassembly will tell
        final boolean cut = quoted || out.fragment == ParsedPacket.FRAGMENT_FIRST;
        return enough || cut ? ParseStatus.OK : ParseStatus.BAD_TRANSPORT;
    }

    private static void readPorts(UnsafeBuffer buffer, int l4, int length, ParsedPacket out) {
        setPorts(out, length >= 4 ? buffer.getInt(l4, NETWORK) : 0);
    }

    private static void setPorts(ParsedPacket out, int ports) {
        out.srcPort = ports >>> 16;
        out.dstPort = ports & 0xFFFF;
    }

    private static void setTcp(ParsedPacket out, int flags, int headerLength) {
        out.tcpFlags = flags;
        out.tcpHeaderLength = headerLength;
    }

    private static boolean readTcp(UnsafeBuffer buffer, int l4, int length, ParsedPacket out) {
        if (length > TCP_FLAGS) {
            final int declared = buffer.getByte(l4 + 12) >>> 4 << 2 & 0x3C;
            // IPVS never looks at the data offset and forwards a segment with an impossible one; so do we
            final boolean possible = declared >= TCP_HEADER && declared <= length;
            setTcp(out, buffer.getByte(l4 + TCP_FLAGS) & 0xFF, possible ? declared : TCP_HEADER);
        } else {
            setTcp(out, 0, 0);
        }
        return length >= TCP_HEADER;
    }

    private static boolean readSctp(UnsafeBuffer buffer, int l4, int length, ParsedPacket out) {
        if (length >= SctpView.HEADER_LENGTH + SctpView.CHUNK_HEADER_LENGTH) {
            out.rare = true;
            out.sctpChunkType = buffer.getByte(l4 + SctpView.HEADER_LENGTH) & 0xFF;
        }
        return length >= SctpView.HEADER_LENGTH;
    }

    private static boolean readIcmp(UnsafeBuffer buffer, int l4, int length, ParsedPacket out) {
        if (length >= 2) {
            out.rare = true;
            out.icmpType = buffer.getByte(l4) & 0xFF;
            out.icmpCode = buffer.getByte(l4 + 1) & 0xFF;
        }
        return length >= Icmpv4View.HEADER_LENGTH;
    }

    private static int refuse(ParsedPacket out, int status) {
        out.clearAboveLink();
        return status;
    }

    private static int u16(UnsafeBuffer buffer, int at) {
        return buffer.getShort(at, NETWORK) & 0xFFFF;
    }
}
