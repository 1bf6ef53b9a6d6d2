package io.weir.packet;

import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What {@link PacketParser} learnt of one frame: offsets and the flow's key, no bytes.
 *
 * <p><b>Units/order</b>: all values are in host order; offsets count from the start of {@link #buffer}; lengths are
 * bytes. Addresses are two longs, high half first; an IPv4 address a.b.c.d is {@code hi = 0, lo = 0x0000FFFF_aabbccdd}
 * (RFC 4291 section 2.5.5.2), so one key serves both families.
 *
 * <p><b>Owner</b>: one worker; reused for every frame, valid until the next parse.
 */
public final class ParsedPacket {
    /** Not a fragment; an IPv6 fragment header with offset 0 and no M bit (RFC 6946) changes nothing in that. */
    public static final int FRAGMENT_NONE = 0;
    /** The first fragment: it has the transport header, or the beginning of one. */
    public static final int FRAGMENT_FIRST = 1;
    /** A later fragment: it has no ports. */
    public static final int FRAGMENT_LATER = 2;

    public @Nullable UnsafeBuffer buffer;
    public int frameOffset;
    /** Bytes of the frame as received, padding included. */
    public int frameLength;
    /** 0 or, for an Ethernet frame, 14 (18 with one 802.1Q tag in the bytes). */
    public int linkHeaderLength;
    /** EtherType of the payload; for a device without link layer 0x0800 or 0x86DD by the IP version. */
    public int etherType;
    /** The 802.1Q TCI found in the bytes, or -1. */
    public int vlanTci;

    /** 4, 6, or 0 if this is no IP packet. */
    public int ipVersion;

    public int l3Offset;
    /** Bytes from {@link #l3Offset} to the transport header: IPv4 options and IPv6 extension headers included. */
    public int l3HeaderLength;
    /** IPv4 total length, or 40 + IPv6 payload length; never more than what the frame holds. */
    public int l3Length;
    /** The transport protocol (IPv6: the last next header); -1 if the network layer was refused. */
    public int protocol;
    /** IPv4 TTL or IPv6 hop limit. */
    public int ttl;
    /** IPv4 TOS or IPv6 traffic class. */
    public int tos;
    /** IPv4 only: the DF bit. */
    public boolean dontFragment;

    public int fragment;
    /** Fragment offset in bytes. */
    public int fragmentOffset;

    public boolean moreFragments;
    /** IPv4: 16 bits. IPv6: 32 bits of the fragment header. */
    public int fragmentId;
    /** IPv6 only: offset of the fragment header, or -1. */
    public int fragmentHeaderOffset = -1;

    public long srcHi;
    public long srcLo;
    public long dstHi;
    public long dstLo;

    /** Where the transport header starts ({@code l3Offset + l3HeaderLength}). */
    public int l4Offset;
    /** Bytes from {@link #l4Offset} to the end of the IP packet. */
    public int l4Length;
    /** TCP, UDP, SCTP; 0 if the packet has none (or is a later fragment). */
    public int srcPort;

    public int dstPort;
    /** The TCP flags byte (RFC 9293 section 3.1), 0 for other protocols. */
    public int tcpFlags;
    /** TCP data offset in bytes; 20 if the segment declares one that cannot be, 0 for other protocols. */
    public int tcpHeaderLength;
    /** ICMP or ICMPv6 type and code, or -1. */
    public int icmpType = -1;

    public int icmpCode = -1;
    /** SCTP: the type of the first chunk, or -1. */
    public int sctpChunkType = -1;

    /** One of the fields that a whole TCP or UDP packet leaves alone was set: see {@link #clearRare}. */
    boolean rare;

    /** Gives the fields of fragments, ICMP and SCTP their defaults, if they have lost them: most packets need no store. */
    void clearRare() {
        if (rare) {
            rare = false;
            fragment = FRAGMENT_NONE;
            fragmentOffset = 0;
            moreFragments = false;
            fragmentHeaderOffset = -1;
            icmpType = -1;
            icmpCode = -1;
            sctpChunkType = -1;
        }
    }

    /** Forgets everything above the link layer, so that nothing of the previous frame shows through. */
    void clearAboveLink() {
        ipVersion = 0;
        l3Offset = frameOffset + linkHeaderLength;
        l3HeaderLength = 0;
        l3Length = 0;
        protocol = -1;
        ttl = 0;
        tos = 0;
        dontFragment = false;
        fragmentId = 0;
        srcHi = 0;
        srcLo = 0;
        dstHi = 0;
        dstLo = 0;
        l4Offset = l3Offset;
        l4Length = 0;
        srcPort = 0;
        dstPort = 0;
        tcpFlags = 0;
        tcpHeaderLength = 0;
        clearRare();
    }

    /** Is this a whole TCP segment or UDP datagram, without IPv4 options or IPv6 extensions? Nearly every packet is. */
    public boolean isPlain() {
        return (protocol == ProtocolNumbers.TCP || protocol == ProtocolNumbers.UDP)
                && fragment == FRAGMENT_NONE
                && (l3HeaderLength == Ipv4View.MIN_HEADER_LENGTH
                        || l3HeaderLength == Ipv6View.HEADER_LENGTH && !isV4());
    }

    /** Is the network layer IPv4 (else IPv6 or none)? */
    public boolean isV4() {
        return ipVersion == 4;
    }
}
