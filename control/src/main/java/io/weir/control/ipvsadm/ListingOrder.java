package io.weir.control.ipvsadm;

import io.weir.control.state.DestinationEntry;
import io.weir.control.state.ServiceEntry;
import io.weir.packet.IpAddress;
import io.weir.service.ServiceKey;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * ipvsadm's sorting: services by mark, family, protocol, address and port, servers by address and port.
 *
 * <p>It compares by 32-bit differences that may overflow, so that 203.0.113.1 comes before 10.0.0.1 and the relation is not
 * even transitive. The outcome then depends on the way of sorting, which is the C library's: merge sort, halves rounded
 * down, the left one first on ties.
 */
final class ListingOrder {
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;

    private ListingOrder() {}

    static List<ServiceEntry> services(List<ServiceEntry> services) {
        return mergeSort(services, (a, b) -> compare(a.key(), b.key()));
    }

    static List<DestinationEntry> destinations(List<DestinationEntry> destinations) {
        return mergeSort(destinations, ListingOrder::compare);
    }

    private static int compare(ServiceKey a, ServiceKey b) {
        int difference = a.fwmark() - b.fwmark();
        if (difference == 0) {
            difference = (a.ipv6() ? AF_INET6 : AF_INET) - (b.ipv6() ? AF_INET6 : AF_INET);
        }
        if (difference == 0) {
            difference = a.protocol() - b.protocol();
        }
        if (difference == 0) {
            difference = compare(a.address(), b.address(), a.ipv6());
        }
        return difference == 0 ? a.port() - b.port() : difference;
    }

    private static int compare(DestinationEntry a, DestinationEntry b) {
        final int difference = compare(a.value().address(), b.value().address(), a.isIpv6());
        return difference == 0 ? a.value().port() - b.value().port() : difference;
    }

    private static int compare(IpAddress a, IpAddress b, boolean ipv6) {
        int difference = 0;
        for (int word = 0; difference == 0 && word < (ipv6 ? 4 : 1); word++) {
            difference = word(a, word) - word(b, word);
        }
        return difference;
    }

    /** An address's 32-bit words as they lie in the kernel's union: IPv4 in the first, zeros behind. */
    private static int word(IpAddress address, int word) {
        if (address.isV4()) {
            return word == 0 ? (int) address.lo() : 0;
        }
        final long half = word < 2 ? address.hi() : address.lo();
        return (int) (word % 2 == 0 ? half >>> 32 : half);
    }

    private static <T> List<T> mergeSort(List<T> list, Comparator<T> order) {
        if (list.size() < 2) {
            return list;
        }
        final int half = list.size() / 2;
        final List<T> left = mergeSort(list.subList(0, half), order);
        final List<T> right = mergeSort(list.subList(half, list.size()), order);
        final List<T> merged = new ArrayList<>(list.size());
        int l = 0;
        int r = 0;
        while (l < left.size() && r < right.size()) {
            merged.add(order.compare(left.get(l), right.get(r)) <= 0 ? left.get(l++) : right.get(r++));
        }
        merged.addAll(left.subList(l, left.size()));
        merged.addAll(right.subList(r, right.size()));
        return merged;
    }
}
