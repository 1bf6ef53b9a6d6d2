package io.weir.control.state;

import io.weir.dataplane.route.InterfaceInfo;
import io.weir.packet.IpAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;

/**
 * What the director's state must know of the machine: which interfaces there are, and which addresses are broadcast.
 *
 * <p>Immutable, but for interfaces besides those that are given.
 */
public final class Surroundings {
    /** A machine without interfaces. */
    public static final Surroundings NONE = new Surroundings(List.of());

    private static final int LOOPBACK_MTU = 65_536;
    private static final long LIMITED_BROADCAST = 0xFFFF_FFFFL;
    private static final long LOOPBACK_BROADCAST = 0x7FFF_FFFFL;
    private static final int LAST_WITH_BROADCAST = 30;
    private static final int MULTICAST_NIBBLE = 0xE;

    private final Map<String, Integer> mtus = new HashMap<>();
    private final ToIntFunction<String> others;
    private final List<Long> broadcasts = new ArrayList<>(List.of(LIMITED_BROADCAST, LOOPBACK_BROADCAST));

    /** These interfaces and no other. */
    public Surroundings(List<InterfaceInfo> interfaces) {
        this(interfaces, name -> 0);
    }

    /**
     * These interfaces, and those that the machine has besides.
     *
     * @param others the MTU of an interface by its name; 0 if there is none
     */
    public Surroundings(List<InterfaceInfo> interfaces, ToIntFunction<String> others) {
        this.others = others;
        mtus.put("lo", LOOPBACK_MTU);
        for (InterfaceInfo info : interfaces) {
            mtus.put(info.name(), info.mtu());
            for (InterfaceInfo.Prefix prefix : info.addresses()) {
                if (prefix.address().isV4() && prefix.length() <= LAST_WITH_BROADCAST) {
                    final long host = LIMITED_BROADCAST >>> prefix.length();
                    broadcasts.add((prefix.address().lo() & LIMITED_BROADCAST) | host);
                }
            }
        }
    }

    boolean hasInterface(String name) {
        return mtu(name) != 0;
    }

    int mtu(String name) {
        final Integer known = mtus.get(name);
        return known == null ? others.applyAsInt(name) : known;
    }

    /**
     * May a real server have this address? IPv4: not 0.0.0.0, broadcast or multicast; IPv6: unicast and not link-local,
     * and no IPv4-mapped one.
     *
     * @param ipv6 the family it was written in
     */
    boolean isUnicast(IpAddress address, boolean ipv6) {
        if (ipv6) {
            final boolean unspecified = address.hi() == 0 && address.lo() == 0;
            final boolean multicast = address.hi() >>> 56 == 0xFF;
            final boolean linkLocal = address.hi() >>> 54 == 0xFE80 >>> 6;
            return !unspecified && !multicast && !linkLocal && !address.isV4();
        }
        final long bits = address.lo() & LIMITED_BROADCAST;
        return bits != 0 && bits >>> 28 != MULTICAST_NIBBLE && !broadcasts.contains(bits);
    }
}
