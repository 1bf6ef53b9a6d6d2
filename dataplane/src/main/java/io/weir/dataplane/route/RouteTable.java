package io.weir.dataplane.route;

import io.weir.packet.IpAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds the route of an address: the longest matching prefix; immutable.
 *
 * <p>The routes of a director are few, so each family is an array, longest prefix first, which is walked. Of routes with
 * the same prefix the one given first wins (the importer gives the one of the lowest metric first).
 *
 * <p><b>Units</b>: a route is an index from 0 to {@link #size}; addresses as everywhere, two longs. <b>Thread</b>: any.
 */
public final class RouteTable {
    /** No route: the address is unreachable. */
    public static final int NONE = -1;

    private static final long V4_MARK = 0xFFFFL;

    private final int size;
    /** Routes before this index are IPv4, the others IPv6. */
    private final int v4Count;

    private final long[] netHi;
    private final long[] netLo;
    private final long[] maskHi;
    private final long[] maskLo;
    private final boolean[] onLink;
    private final long[] gatewayHi;
    private final long[] gatewayLo;
    private final int[] interfaceIndex;
    private final int[] mtu;
    private final long[] sourceHi;
    private final long[] sourceLo;
    private final int[] prefixLength;
    private final List<Route> routes;

    private RouteTable(List<Route> sorted, int v4Count, InterfaceTable interfaces) {
        this.routes = List.copyOf(sorted);
        this.size = sorted.size();
        this.v4Count = v4Count;
        netHi = new long[size];
        netLo = new long[size];
        maskHi = new long[size];
        maskLo = new long[size];
        onLink = new boolean[size];
        gatewayHi = new long[size];
        gatewayLo = new long[size];
        interfaceIndex = new int[size];
        mtu = new int[size];
        sourceHi = new long[size];
        sourceLo = new long[size];
        prefixLength = new int[size];
        for (int i = 0; i < size; i++) {
            put(i, sorted.get(i), interfaces);
        }
    }

    private void put(int i, Route route, InterfaceTable interfaces) {
        final IpAddress address = route.prefix().address();
        final IpAddress gateway = route.gateway();
        final int bits = Prefixes.bits(route.prefix());
        maskHi[i] = Prefixes.maskHi(bits);
        maskLo[i] = Prefixes.maskLo(bits);
        netHi[i] = address.hi() & maskHi[i];
        netLo[i] = address.lo() & maskLo[i];
        onLink[i] = gateway == null;
        gatewayHi[i] = gateway == null ? 0 : gateway.hi();
        gatewayLo[i] = gateway == null ? 0 : gateway.lo();
        interfaceIndex[i] = route.interfaceIndex();
        final int linkMtu = interfaces.mtu(route.interfaceIndex());
        mtu[i] = route.mtu() == 0 ? linkMtu : Math.min(route.mtu(), linkMtu);
        prefixLength[i] = route.prefix().length();
        final IpAddress preferred = route.preferredSource();
        final IpAddress source = preferred == null
                ? interfaces.firstAddress(route.interfaceIndex(), address.isV4(), isLinkLocal(gateway, address))
                : preferred;
        sourceHi[i] = source.hi();
        sourceLo[i] = source.lo();
    }

    /** Only packets that stay on the link come from a link-local address. */
    private static boolean isLinkLocal(@Nullable IpAddress gateway, IpAddress net) {
        return gateway == null && net.hi() >>> 54 == 0x3FA;
    }

    /** Makes a table of these routes; interface indices must exist in {@code interfaces}. */
    public static RouteTable of(List<Route> routes, List<InterfaceInfo> interfaces) {
        return of(routes, InterfaceTable.of(interfaces));
    }

    /** Makes a table of these routes; interface indices must exist in {@code interfaces}. */
    public static RouteTable of(List<Route> routes, InterfaceTable interfaces) {
        final Comparator<Route> longestFirst =
                Comparator.comparingInt((Route r) -> r.prefix().length()).reversed();
        final List<Route> sorted = new ArrayList<>();
        for (final Route route : routes) {
            if (route.prefix().address().isV4()) {
                sorted.add(route);
            }
        }
        sorted.sort(longestFirst);
        final int v4 = sorted.size();
        final List<Route> six = new ArrayList<>();
        for (final Route route : routes) {
            if (!route.prefix().address().isV4()) {
                six.add(route);
            }
        }
        six.sort(longestFirst);
        sorted.addAll(six);
        return new RouteTable(sorted, v4, interfaces);
    }

    /** The route with the longest prefix that holds the address, or {@link #NONE}. */
    public int lookup(long hi, long lo) {
        final boolean v4 = hi == 0 && lo >>> 32 == V4_MARK;
        final int end = v4 ? v4Count : size;
        for (int i = v4 ? 0 : v4Count; i < end; i++) {
            if ((hi & maskHi[i]) == netHi[i] && (lo & maskLo[i]) == netLo[i]) {
                return i;
            }
        }
        return NONE;
    }

    /** Is the destination itself the next hop? */
    public boolean isOnLink(int route) {
        return onLink[route];
    }

    /** High half of the next hop towards the address whose high half is {@code hi}. */
    public long nextHopHi(int route, long hi) {
        return onLink[route] ? hi : gatewayHi[route];
    }

    /** Low half of the next hop towards the address whose low half is {@code lo}. */
    public long nextHopLo(int route, long lo) {
        return onLink[route] ? lo : gatewayLo[route];
    }

    /** The interface packets leave by. */
    public int interfaceIndex(int route) {
        return interfaceIndex[route];
    }

    /** The largest packet the route takes, in bytes of layer 3. */
    public int mtu(int route) {
        return mtu[route];
    }

    /** High half of the address that our own packets along this route come from. */
    public long sourceHi(int route) {
        return sourceHi[route];
    }

    /** Low half of that address; for IPv4 0.0.0.0, for IPv6 :: if the interface has no address of the family. */
    public long sourceLo(int route) {
        return sourceLo[route];
    }

    /** Length of the route's prefix, counted in its own family. */
    public int prefixLength(int route) {
        return prefixLength[route];
    }

    /** Routes held, both families. */
    public int size() {
        return size;
    }

    /** All routes, in the order in which they are tried: for listings. */
    public List<Route> routes() {
        return routes;
    }
}
