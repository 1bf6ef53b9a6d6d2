package io.weir.dataplane.route;

import io.weir.packet.IpAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The director's interfaces by index, and whose addresses are whose; immutable.
 *
 * <p><b>Thread</b>: any. What is asked per packet neither allocates nor walks objects.
 */
public final class InterfaceTable {
    private final InterfaceInfo[] interfaces;
    private final long[] mac;
    private final int[] mtu;
    private final LocalAddresses addresses;

    private InterfaceTable(List<InterfaceInfo> list) {
        interfaces = new InterfaceInfo[list.size()];
        mac = new long[list.size()];
        mtu = new int[list.size()];
        for (final InterfaceInfo info : list) {
            if (info.index() < 0 || info.index() >= interfaces.length) {
                throw new IllegalArgumentException("interfaces must be numbered from 0: index=" + info.index());
            }
            interfaces[info.index()] = info;
            mac[info.index()] = info.mac();
            mtu[info.index()] = info.mtu();
        }
        addresses = LocalAddresses.ofInterfaces(list);
    }

    /** Makes a table of interfaces whose indices are 0 to n-1, each once. */
    public static InterfaceTable of(List<InterfaceInfo> interfaces) {
        final boolean[] seen = new boolean[interfaces.size()];
        for (final InterfaceInfo info : interfaces) {
            if (info.index() < seen.length && info.index() >= 0 && seen[info.index()]) {
                throw new IllegalArgumentException("two interfaces with the same number: index=" + info.index());
            }
            if (info.index() < seen.length && info.index() >= 0) {
                seen[info.index()] = true;
            }
        }
        return new InterfaceTable(interfaces);
    }

    public int size() {
        return interfaces.length;
    }

    public InterfaceInfo get(int index) {
        return interfaces[index];
    }

    /** The interface of that name, or null. */
    public @Nullable InterfaceInfo byName(String name) {
        for (final InterfaceInfo info : interfaces) {
            if (info.name().equals(name)) {
                return info;
            }
        }
        return null;
    }

    /** MAC address in the low 48 bits; 0 without link layer. */
    public long mac(int index) {
        return mac[index];
    }

    public int mtu(int index) {
        return mtu[index];
    }

    /** Is this one of the interfaces' own addresses (and not merely an address the director answers for)? */
    public boolean owns(long hi, long lo) {
        return addresses.contains(hi, lo);
    }

    /**
     * The interface's address to send from: its first of the family, or failing that the first of any interface.
     *
     * @param linkLocal prefer (true) or avoid (false) fe80::/10
     * @return the unspecified address if there is none
     */
    public IpAddress firstAddress(int index, boolean v4, boolean linkLocal) {
        IpAddress found = search(interfaces[index], v4, linkLocal);
        if (found == null) {
            found = search(interfaces[index], v4, !linkLocal);
        }
        for (int i = 0; found == null && i < interfaces.length; i++) {
            found = search(interfaces[i], v4, false);
        }
        return found != null ? found : v4 ? IpAddress.ANY4 : new IpAddress(0, 0);
    }

    private static @Nullable IpAddress search(InterfaceInfo info, boolean v4, boolean linkLocal) {
        for (final InterfaceInfo.Prefix p : info.addresses()) {
            final IpAddress a = p.address();
            if (a.isV4() == v4 && (v4 || (a.hi() >>> 54 == 0x3FA) == linkLocal)) {
                return a;
            }
        }
        return null;
    }
}
