package io.weir.dataplane.route;

import io.weir.packet.IpAddress;
import java.util.List;

/**
 * One interface of the director.
 *
 * @param index its position in the data plane's device list, from 0
 * @param mac low 48 bits; 0 without link layer
 * @param mtu bytes, without link header
 * @param addresses the director's own addresses (DIPs) on it
 */
public record InterfaceInfo(int index, String name, boolean linkLayer, long mac, int mtu, List<Prefix> addresses) {
    /**
     * An address with its network's prefix length.
     *
     * @param length counted in the address's own family: 0..32 or 0..128
     */
    public record Prefix(IpAddress address, int length) {
        /** Is an address of the same family in this network? */
        public boolean contains(long hi, long lo) {
            final int bits = address.isV4() ? length + 96 : length;
            final long hiMask = bits >= 64 ? -1L : bits == 0 ? 0 : -1L << (64 - bits);
            final long loMask = bits <= 64 ? 0 : -1L << (128 - bits);
            return ((hi ^ address.hi()) & hiMask) == 0 && ((lo ^ address.lo()) & loMask) == 0;
        }
    }
}
