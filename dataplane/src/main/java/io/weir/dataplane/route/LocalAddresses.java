package io.weir.dataplane.route;

import io.weir.packet.IpAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * A set of addresses and prefixes, asked once per packet: is this destination ours? Immutable.
 *
 * <p>Single addresses lie in an open-addressing hash table that is at most half full; prefixes, of which there are few,
 * in an array. <b>Thread</b>: any.
 */
public final class LocalAddresses {
    /** The set that holds nothing. */
    public static final LocalAddresses EMPTY = of(List.of(), List.of());

    private final int mask;
    private final long[] keyHi;
    private final long[] keyLo;
    private final boolean[] used;
    private final long[] netHi;
    private final long[] netLo;
    private final long[] maskHi;
    private final long[] maskLo;
    private final boolean[] netV4;

    private LocalAddresses(Collection<IpAddress> addresses, List<InterfaceInfo.Prefix> prefixes) {
        final int slots = Integer.highestOneBit(Math.max(2, addresses.size() * 2 - 1)) << 1;
        mask = slots - 1;
        keyHi = new long[slots];
        keyLo = new long[slots];
        used = new boolean[slots];
        for (final IpAddress a : addresses) {
            put(a.hi(), a.lo());
        }
        final int n = prefixes.size();
        netHi = new long[n];
        netLo = new long[n];
        maskHi = new long[n];
        maskLo = new long[n];
        netV4 = new boolean[n];
        for (int i = 0; i < n; i++) {
            final InterfaceInfo.Prefix p = prefixes.get(i);
            final int bits = Prefixes.bits(p);
            maskHi[i] = Prefixes.maskHi(bits);
            maskLo[i] = Prefixes.maskLo(bits);
            netHi[i] = p.address().hi() & maskHi[i];
            netLo[i] = p.address().lo() & maskLo[i];
            netV4[i] = p.address().isV4();
        }
    }

    /** The set of these addresses and of all addresses within these prefixes. */
    public static LocalAddresses of(Collection<IpAddress> addresses, List<InterfaceInfo.Prefix> prefixes) {
        return new LocalAddresses(addresses, prefixes);
    }

    /** The set of the interfaces' own addresses. */
    public static LocalAddresses ofInterfaces(List<InterfaceInfo> interfaces) {
        return of(
                interfaces.stream()
                        .flatMap(i -> i.addresses().stream())
                        .map(InterfaceInfo.Prefix::address)
                        .toList(),
                List.of());
    }

    /** All of it as prefixes, single addresses as those of their whole length, in no order. */
    public List<InterfaceInfo.Prefix> prefixes() {
        final List<InterfaceInfo.Prefix> all = new ArrayList<>();
        for (int i = 0; i < used.length; i++) {
            if (used[i]) {
                final IpAddress address = new IpAddress(keyHi[i], keyLo[i]);
                all.add(new InterfaceInfo.Prefix(address, address.isV4() ? 32 : 128));
            }
        }
        for (int i = 0; i < netHi.length; i++) {
            final int bits = Long.bitCount(maskHi[i]) + Long.bitCount(maskLo[i]);
            all.add(new InterfaceInfo.Prefix(new IpAddress(netHi[i], netLo[i]), netV4[i] ? bits - 96 : bits));
        }
        return all;
    }

    private void put(long hi, long lo) {
        int i = hash(hi, lo) & mask;
        while (used[i] && !(keyHi[i] == hi && keyLo[i] == lo)) {
            i = (i + 1) & mask;
        }
        used[i] = true;
        keyHi[i] = hi;
        keyLo[i] = lo;
    }

    /** Is the address in the set? */
    public boolean contains(long hi, long lo) {
        for (int i = hash(hi, lo) & mask; used[i]; i = (i + 1) & mask) {
            if (keyLo[i] == lo && keyHi[i] == hi) {
                return true;
            }
        }
        return netHi.length != 0 && inPrefix(hi, lo);
    }

    private boolean inPrefix(long hi, long lo) {
        final boolean v4 = IpAddress.isV4(hi, lo);
        for (int i = 0; i < netHi.length; i++) {
            if ((lo & maskLo[i]) == netLo[i] && (hi & maskHi[i]) == netHi[i] && netV4[i] == v4) {
                return true;
            }
        }
        return false;
    }

    private static int hash(long hi, long lo) {
        final long x = (hi ^ lo * 0x9E3779B97F4A7C15L) * 0xC2B2AE3D27D4EB4FL;
        return (int) (x >>> 32);
    }
}
