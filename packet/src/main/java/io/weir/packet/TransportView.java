package io.weir.packet;

/**
 * The header above IP, with the one thing that NAT needs of each: its checksum.
 *
 * <p>{@code limit} is where the IP packet ends, so that the checksum can be computed over the whole segment.
 */
public abstract sealed class TransportView extends HeaderView
        permits TcpView, UdpView, SctpView, Icmpv4View, Icmpv6View {

    /** The IP protocol number. */
    public abstract int protocol();

    /** Patches the checksum for an address of the pseudo-header that became another; does nothing if there is none. */
    public abstract void rewritePseudoHeaderAddress(long oldHi, long oldLo, long newHi, long newLo);

    /** Computes the checksum of the whole segment anew and writes it; the addresses matter if it covers them. */
    public abstract void fillChecksum(long srcHi, long srcLo, long dstHi, long dstLo);

    /** The Internet checksum of this segment, {@code length} bytes, with its pseudo-header. */
    final int computeWithPseudoHeader(long srcHi, long srcLo, long dstHi, long dstLo, int length) {
        final long initial = InternetChecksum.pseudoHeader(srcHi, srcLo, dstHi, dstLo, protocol(), length);
        final int field = InternetChecksum.fieldOffset(protocol());
        return InternetChecksum.finish(InternetChecksum.sumWithout(buffer, offset, length, field, initial));
    }
}
