package io.weir.packet;

import org.agrona.concurrent.UnsafeBuffer;

/**
 * Shows an Ethernet II header with at most one 802.1Q tag.
 *
 * <p><b>Layout</b>:
 *
 * <pre>
 *   0 destination MAC   6 source MAC   12 EtherType                                  (14 bytes)
 *   0 destination MAC   6 source MAC   12 0x8100   14 TCI   16 EtherType             (18 bytes)
 * </pre>
 *
 * <p><b>Voids the check</b>: {@link #setEtherTypeField} to 0x8100.
 */
public final class EthernetView extends HeaderView {
    public static final int HEADER_LENGTH = 14;
    public static final int TAGGED_HEADER_LENGTH = 18;

    private static final int DESTINATION = 0;
    private static final int SOURCE = 6;
    private static final int TYPE = 12;
    private static final int TCI = 14;
    private static final int TAGGED_TYPE = 16;

    @Override
    public EthernetView wrap(UnsafeBuffer buffer, int offset, int limit) {
        point(buffer, offset, limit);
        return this;
    }

    @Override
    public int check() {
        if (available() < HEADER_LENGTH || available() < headerLengthBytes()) {
            return ParseStatus.TRUNCATED;
        }
        return ParseStatus.OK;
    }

    public boolean isTagged() {
        return u16(TYPE) == ProtocolNumbers.ETHERTYPE_VLAN;
    }

    public int headerLengthBytes() {
        return isTagged() ? TAGGED_HEADER_LENGTH : HEADER_LENGTH;
    }

    /** The EtherType of the payload, behind the tag if there is one. */
    public int etherType() {
        final int type = u16(TYPE);
        return type == ProtocolNumbers.ETHERTYPE_VLAN ? u16(TAGGED_TYPE) : type;
    }

    /** Tag control information (priority, DEI, VLAN id), or -1 without a tag. */
    public int vlanTci() {
        return isTagged() ? u16(TCI) : -1;
    }

    public long destinationMac() {
        return mac(DESTINATION);
    }

    public long sourceMac() {
        return mac(SOURCE);
    }

    public void setDestinationMac(long value) {
        putMac(DESTINATION, value);
    }

    public void setSourceMac(long value) {
        putMac(SOURCE, value);
    }

    /** Sets the field behind the MAC addresses. */
    public void setEtherTypeField(int value) {
        put16(TYPE, value);
    }

    /** Writes tag and EtherType; the header is 18 bytes long then. */
    public void setVlan(int tci, int etherType) {
        put16(TYPE, ProtocolNumbers.ETHERTYPE_VLAN);
        put16(TCI, tci);
        put16(TAGGED_TYPE, etherType);
    }
}
