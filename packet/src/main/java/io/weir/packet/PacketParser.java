package io.weir.packet;

import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Reads the headers of one frame, from the link layer to the transport, in one pass.
 *
 * <p>No byte outside {@code [offset, offset + length)} is read, whatever the bytes say. Padding behind the IP packet is cut
 * off. The IPv4 header checksum must be right, as the kernel's ip_rcv() wants it; transport checksums are not looked at.
 *
 * <p><b>Thread</b>: stateless but for the caller's {@link ParsedPacket}. <b>Fails</b>: a {@link ParseStatus}; what was
 * read until then stands in the result. <b>Source</b>: RFC 791, RFC 8200, RFC 9293, RFC 768, RFC 792, RFC 4443, RFC 9260.
 */
public final class PacketParser {
    private static final int ETHERNET_BYTES = 14;
    private static final int VLAN_TAG_BYTES = 4;
    private static final int IPV4_BYTES = 20;
    private static final int IPV6_BYTES = 40;
    private static final int TCP_BYTES = 20;
    private static final int UDP_BYTES = 8;
    private static final int SCTP_BYTES = 12;
    private static final int ICMP_BYTES = 8;
    private static final int MOST_EXTENSION_HEADERS = 16;
    private static final int V4_DF = 0x4000;
    private static final int V4_MF = 0x2000;
    private static final int V4_OFFSET = 0x1FFF;

    /**
     * Parses a received frame.
     *
     * @param ethernet does it begin with an Ethernet header (else with the IP header)?
     * @return a {@link ParseStatus}
     */
    public int parse(UnsafeBuffer buffer, int offset, int length, boolean ethernet, ParsedPacket out) {
        clear(buffer, offset, length, out);
        int at = offset;
        if (ethernet) {
            if (length < ETHERNET_BYTES) {
                return ParseStatus.TRUNCATED;
            }
            out.etherType = u16(buffer, offset + 12);
            at += ETHERNET_BYTES;
            if (out.etherType == ProtocolNumbers.ETHERTYPE_VLAN) {
                if (length < ETHERNET_BYTES + VLAN_TAG_BYTES) {
                    return ParseStatus.TRUNCATED;
                }
                out.vlanTci = u16(buffer, at);
                out.etherType = u16(buffer, at + 2);
                at += VLAN_TAG_BYTES;
            }
        } else if (length > 0) {
            final int version = buffer.getByte(offset) >> 4 & 0xF;
            out.etherType = version == 4
                    ? ProtocolNumbers.ETHERTYPE_IPV4
                    : version == 6 ? ProtocolNumbers.ETHERTYPE_IPV6 : 0;
        }
        out.linkHeaderLength = at - offset;
        out.l3Offset = at;
        return switch (out.etherType) {
            case ProtocolNumbers.ETHERTYPE_IPV4 -> ipv4(buffer, at, offset + length, out, false);
            case ProtocolNumbers.ETHERTYPE_IPV6 -> ipv6(buffer, at, offset + length, out, false);
            default -> ethernet ? ParseStatus.NOT_IP : ParseStatus.BAD_VERSION;
        };
    }

    /**
     * Parses the packet that an ICMP error quotes: it may be cut anywhere behind its IP header, and its header checksum is
     * not judged. Ports are valid if {@code l4Length >= 4}.
     *
     * @return a {@link ParseStatus}
     */
    public int parseEmbedded(UnsafeBuffer buffer, int offset, int length, ParsedPacket out) {
        clear(buffer, offset, length, out);
        out.l3Offset = offset;
        if (length < 1) {
            return ParseStatus.TRUNCATED;
        }
        return switch (buffer.getByte(offset) >> 4 & 0xF) {
            case 4 -> {
                out.etherType = ProtocolNumbers.ETHERTYPE_IPV4;
                yield ipv4(buffer, offset, offset + length, out, true);
            }
            case 6 -> {
                out.etherType = ProtocolNumbers.ETHERTYPE_IPV6;
                yield ipv6(buffer, offset, offset + length, out, true);
            }
            default -> ParseStatus.BAD_VERSION;
        };
    }

    private static void clear(UnsafeBuffer buffer, int offset, int length, ParsedPacket out) {
        out.buffer = buffer;
        out.frameOffset = offset;
        out.frameLength = length;
        out.linkHeaderLength = 0;
        out.etherType = 0;
        out.vlanTci = -1;
        out.ipVersion = 0;
        out.l3HeaderLength = 0;
        out.l3Length = 0;
        out.protocol = -1;
        out.dontFragment = false;
        out.fragment = ParsedPacket.FRAGMENT_NONE;
        out.fragmentOffset = 0;
        out.moreFragments = false;
        out.fragmentId = 0;
        out.fragmentHeaderOffset = -1;
        out.l4Offset = offset;
        out.l4Length = 0;
        out.srcPort = 0;
        out.dstPort = 0;
        out.tcpFlags = 0;
        out.tcpHeaderLength = 0;
        out.icmpType = -1;
        out.icmpCode = -1;
        out.sctpChunkType = -1;
    }

    private static int ipv4(UnsafeBuffer b, int at, int end, ParsedPacket out, boolean embedded) {
        if (end - at < IPV4_BYTES) {
            return ParseStatus.TRUNCATED;
        }
        final int first = b.getByte(at) & 0xFF;
        if (first >> 4 != 4) {
            return ParseStatus.BAD_VERSION;
        }
        final int headerLength = (first & 0xF) << 2;
        if (headerLength < IPV4_BYTES) {
            return ParseStatus.BAD_HEADER_LENGTH;
        }
        final int totalLength = u16(b, at + 2);
        if (totalLength < headerLength) {
            return ParseStatus.BAD_LENGTH;
        }
        if (headerLength > end - at || totalLength > end - at && !embedded) {
            return ParseStatus.TRUNCATED;
        }
        if (!embedded && InternetChecksum.fold(InternetChecksum.sum(b, at, headerLength, 0)) != 0xFFFF) {
            return ParseStatus.BAD_IP_CHECKSUM;
        }
        out.ipVersion = 4;
        out.l3HeaderLength = headerLength;
        out.l3Length = Math.min(totalLength, end - at);
        out.tos = b.getByte(at + 1) & 0xFF;
        out.ttl = b.getByte(at + 8) & 0xFF;
        out.protocol = b.getByte(at + 9) & 0xFF;
        out.srcHi = 0;
        out.srcLo = IpAddress.v4(b.getInt(at + 12, ByteOrder.BIG_ENDIAN));
        out.dstHi = 0;
        out.dstLo = IpAddress.v4(b.getInt(at + 16, ByteOrder.BIG_ENDIAN));
        final int fragment = u16(b, at + 6);
        out.dontFragment = (fragment & V4_DF) != 0;
        out.fragmentId = u16(b, at + 4);
        fragment(out, (fragment & V4_OFFSET) << 3, (fragment & V4_MF) != 0);
        out.l4Offset = at + headerLength;
        out.l4Length = out.l3Length - headerLength;
        return transport(b, out, embedded);
    }

    private static void fragment(ParsedPacket out, int offset, boolean more) {
        out.fragmentOffset = offset;
        out.moreFragments = more;
        if (offset > 0) {
            out.fragment = ParsedPacket.FRAGMENT_LATER;
        } else if (more) {
            out.fragment = ParsedPacket.FRAGMENT_FIRST;
        }
    }

    private static int ipv6(UnsafeBuffer b, int at, int end, ParsedPacket out, boolean embedded) {
        if (end - at < IPV6_BYTES) {
            return ParseStatus.TRUNCATED;
        }
        final int first = b.getInt(at, ByteOrder.BIG_ENDIAN);
        if (first >>> 28 != 6) {
            return ParseStatus.BAD_VERSION;
        }
        final int totalLength = IPV6_BYTES + u16(b, at + 4);
        if (totalLength > end - at && !embedded) {
            return ParseStatus.TRUNCATED;
        }
        out.ipVersion = 6;
        out.l3Length = Math.min(totalLength, end - at);
        out.tos = first >>> 20 & 0xFF;
        out.ttl = b.getByte(at + 7) & 0xFF;
        out.srcHi = b.getLong(at + 8, ByteOrder.BIG_ENDIAN);
        out.srcLo = b.getLong(at + 16, ByteOrder.BIG_ENDIAN);
        out.dstHi = b.getLong(at + 24, ByteOrder.BIG_ENDIAN);
        out.dstLo = b.getLong(at + 32, ByteOrder.BIG_ENDIAN);
        final int status = extensions(b, at, at + out.l3Length, out);
        return status == ParseStatus.OK ? transport(b, out, embedded) : status;
    }

    /** Walks to the transport header; a later fragment has none, its walk ends behind the fragment header. */
    private static int extensions(UnsafeBuffer b, int l3Offset, int end, ParsedPacket out) {
        int next = b.getByte(l3Offset + 6) & 0xFF;
        int at = l3Offset + IPV6_BYTES;
        for (int n = 0; n < MOST_EXTENSION_HEADERS && isExtension(next); n++) {
            if (at + 8 > end) {
                return ParseStatus.TRUNCATED;
            }
            final int following = b.getByte(at) & 0xFF;
            if (next == ProtocolNumbers.FRAGMENT) {
                final int field = u16(b, at + 2);
                out.fragmentHeaderOffset = at;
                out.fragmentId = b.getInt(at + 4, ByteOrder.BIG_ENDIAN);
                fragment(out, field & 0xFFF8, (field & 1) != 0);
                at += 8;
            } else {
                at += (b.getByte(at + 1) & 0xFF) + 1 << 3;
            }
            next = following;
            if (at > end) {
                return ParseStatus.TRUNCATED;
            }
            if (out.fragment == ParsedPacket.FRAGMENT_LATER) {
                break;
            }
        }
        out.protocol = next;
        out.l3HeaderLength = at - l3Offset;
        out.l4Offset = at;
        out.l4Length = end - at;
        return ParseStatus.OK;
    }

    private static boolean isExtension(int next) {
        return next == ProtocolNumbers.HOP_BY_HOP
                || next == ProtocolNumbers.ROUTING
                || next == ProtocolNumbers.FRAGMENT
                || next == ProtocolNumbers.DESTINATION_OPTIONS;
    }

    private static int transport(UnsafeBuffer b, ParsedPacket out, boolean embedded) {
        if (out.fragment == ParsedPacket.FRAGMENT_LATER) {
            return ParseStatus.OK;
        }
        return switch (out.protocol) {
            case ProtocolNumbers.TCP -> tcp(b, out, embedded);
            case ProtocolNumbers.UDP -> ports(b, out, embedded, UDP_BYTES);
            case ProtocolNumbers.SCTP -> sctp(b, out, embedded);
            case ProtocolNumbers.ICMP, ProtocolNumbers.ICMPV6 -> icmp(b, out);
            default -> ParseStatus.OK;
        };
    }

    private static int ports(UnsafeBuffer b, ParsedPacket out, boolean embedded, int least) {
        if (out.l4Length >= 4) {
            final int both = b.getInt(out.l4Offset, ByteOrder.BIG_ENDIAN);
            out.srcPort = both >>> 16;
            out.dstPort = both & 0xFFFF;
        }
        // A first fragment may be shorter than the header: the rest is in the next one.
        return out.l4Length >= least || embedded || out.fragment != ParsedPacket.FRAGMENT_NONE
                ? ParseStatus.OK
                : ParseStatus.BAD_TRANSPORT;
    }

    private static int tcp(UnsafeBuffer b, ParsedPacket out, boolean embedded) {
        final int status = ports(b, out, embedded, TCP_BYTES);
        if (status == ParseStatus.OK && out.l4Length >= 14) {
            out.tcpFlags = b.getByte(out.l4Offset + 13) & 0xFF;
            out.tcpHeaderLength = Math.min((b.getByte(out.l4Offset + 12) >> 4 & 0xF) << 2, out.l4Length);
        }
        return status;
    }

    private static int sctp(UnsafeBuffer b, ParsedPacket out, boolean embedded) {
        final int status = ports(b, out, embedded, SCTP_BYTES);
        if (out.l4Length > SCTP_BYTES) {
            out.sctpChunkType = b.getByte(out.l4Offset + SCTP_BYTES) & 0xFF;
        }
        return status;
    }

    private static int icmp(UnsafeBuffer b, ParsedPacket out) {
        if (out.l4Length < ICMP_BYTES) {
            return ParseStatus.OK;
        }
        out.icmpType = b.getByte(out.l4Offset) & 0xFF;
        out.icmpCode = b.getByte(out.l4Offset + 1) & 0xFF;
        return ParseStatus.OK;
    }

    private static int u16(UnsafeBuffer b, int at) {
        return b.getShort(at, ByteOrder.BIG_ENDIAN) & 0xFFFF;
    }
}
