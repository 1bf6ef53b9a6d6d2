package io.weir.dataplane.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.packet.IpAddress;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RouteTableTest {
    private final List<InterfaceInfo> interfaces = List.of(
            new InterfaceInfo(
                    0,
                    "eth0",
                    true,
                    0x020000000101L,
                    1500,
                    List.of(prefix("fe80::1", 64), prefix("10.10.0.1", 24), prefix("fd00:10::1", 64))),
            new InterfaceInfo(1, "eth1", true, 0x020000000201L, 9000, List.of(prefix("10.20.0.1", 24))));

    static InterfaceInfo.Prefix prefix(String address, int length) {
        return new InterfaceInfo.Prefix(IpAddress.parse(address), length);
    }

    private static int lookup(RouteTable table, String address) {
        final IpAddress a = IpAddress.parse(address);
        return table.lookup(a.hi(), a.lo());
    }

    private RouteTable table() {
        final List<Route> routes = new ArrayList<>();
        routes.add(Route.via(prefix("0.0.0.0", 0), IpAddress.parse("10.10.0.254"), 0));
        routes.add(Route.via(prefix("::", 0), IpAddress.parse("fd00:10::fe"), 0));
        routes.add(new Route(
                prefix("10.30.0.0", 16), IpAddress.parse("10.20.0.254"), 1, 1400, IpAddress.parse("10.20.0.9")));
        routes.addAll(Route.connected(interfaces));
        return RouteTable.of(routes, interfaces);
    }

    @Test
    void shouldPreferTheLongestPrefix() {
        final RouteTable table = table();
        final int onLink = lookup(table, "10.20.0.7");
        assertTrue(table.isOnLink(onLink));
        assertEquals(1, table.interfaceIndex(onLink));
        assertEquals(9000, table.mtu(onLink));
        assertEquals(
                IpAddress.parse("10.20.0.7").lo(),
                table.nextHopLo(onLink, IpAddress.parse("10.20.0.7").lo()));
        assertEquals(IpAddress.parse("10.20.0.1").lo(), table.sourceLo(onLink));
        final int far = lookup(table, "10.30.1.2");
        assertFalse(table.isOnLink(far));
        assertEquals(1400, table.mtu(far));
        assertEquals(IpAddress.parse("10.20.0.254").lo(), table.nextHopLo(far, 1));
        assertEquals(IpAddress.parse("10.20.0.9").lo(), table.sourceLo(far));
        assertEquals(0, table.prefixLength(lookup(table, "198.51.100.7")));
    }

    @Test
    void shouldKeepTheFamiliesApart() {
        final RouteTable six =
                RouteTable.of(List.of(Route.via(prefix("::", 0), IpAddress.parse("fd00:10::fe"), 0)), interfaces);
        assertEquals(RouteTable.NONE, lookup(six, "198.51.100.7"));
        assertEquals(0, lookup(six, "2001:db8::1"));
        assertEquals(IpAddress.parse("fd00:10::fe").hi(), six.nextHopHi(0, 1));
        assertEquals(RouteTable.NONE, lookup(RouteTable.of(List.of(), interfaces), "::1"));
    }

    @Test
    void shouldTakeAGlobalSourceUnlessTheRouteIsLinkLocal() {
        final RouteTable table = table();
        assertEquals(IpAddress.parse("fd00:10::1").hi(), table.sourceHi(lookup(table, "2001:db8::1")));
        assertEquals(IpAddress.parse("fe80::1").hi(), table.sourceHi(lookup(table, "fe80::99")));
    }

    @Test
    void shouldAgreeWithAPlainSearch() {
        final Random random = new Random(42);
        final List<Route> routes = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            final int length = random.nextInt(33);
            final IpAddress net = new IpAddress(0, IpAddress.v4(0x0A000000 | random.nextInt(1 << 12) << 8));
            routes.add(Route.onLink(new InterfaceInfo.Prefix(net, length), i % 2));
        }
        final RouteTable table = RouteTable.of(routes, interfaces);
        for (int i = 0; i < 10_000; i++) {
            final int address = 0x0A000000 | random.nextInt(1 << 20);
            int best = -1;
            for (final Route r : table.routes()) {
                final int n = r.prefix().length();
                final int mask = n == 0 ? 0 : -1 << (32 - n);
                if (((address ^ (int) r.prefix().address().lo()) & mask) == 0) {
                    best = Math.max(best, n);
                }
            }
            final int found = table.lookup(0, IpAddress.v4(address));
            assertEquals(best, found == RouteTable.NONE ? -1 : table.prefixLength(found));
        }
    }

    @Test
    void shouldRefuseWhatCannotBe() {
        assertThrows(IllegalArgumentException.class, () -> Route.onLink(prefix("10.0.0.0", 33), 0));
        assertThrows(IllegalArgumentException.class, () -> Route.via(prefix("10.0.0.0", 8), IpAddress.parse("::1"), 0));
    }

    @Test
    void shouldHoldAddressesAndPrefixes() {
        final List<IpAddress> many = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            many.add(new IpAddress(0, IpAddress.v4(0xC0A80000 + i)));
        }
        many.add(IpAddress.parse("2001:db8::5"));
        final LocalAddresses set =
                LocalAddresses.of(many, List.of(prefix("203.0.113.0", 24), prefix("2001:db8:f::", 64)));
        for (final IpAddress a : many) {
            assertTrue(set.contains(a.hi(), a.lo()));
        }
        assertFalse(set.contains(0, IpAddress.v4(0xC0A80000 + 500)));
        assertTrue(set.contains(0, IpAddress.parse("203.0.113.200").lo()));
        assertFalse(set.contains(0, IpAddress.parse("203.0.114.1").lo()));
        assertTrue(set.contains(IpAddress.parse("2001:db8:f::77").hi(), 0x77));
        assertFalse(LocalAddresses.EMPTY.contains(0, 0));
        assertFalse(LocalAddresses.of(List.of(), List.of(prefix("::", 0))).contains(0, IpAddress.v4(1)));
    }

    @Test
    void shouldReadTheKernelsFiles() {
        final List<Route> v4 = KernelRoutes.parseV4(
                List.of(
                        "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT",
                        "eth0\t00000000\tFE000A0A\t0003\t0\t0\t100\t00000000\t0\t0\t0",
                        "eth1\t0000140A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0",
                        "eth0\t00001E0A\t00000000\t0201\t0\t0\t0\t0000FFFF\t0\t0\t0",
                        "lo\t0000007F\t00000000\t0001\t0\t0\t0\t000000FF\t0\t0\t0"),
                interfaces);
        // These words are in the byte order of a little-endian machine.
        if (ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN) {
            assertEquals(
                    List.of(
                            Route.onLink(prefix("10.20.0.0", 24), 1),
                            Route.via(prefix("0.0.0.0", 0), IpAddress.parse("10.10.0.254"), 0)),
                    v4);
        }
        final String net = "fd000010000000000000000000000000";
        final String none = "00000000000000000000000000000000";
        final List<Route> v6 = KernelRoutes.parseV6(
                List.of(
                        net + " 40 " + none + " 00 " + none + " 00000100 00000001 00000000 00000001     eth0",
                        none + " 00 " + none + " 00 fd0000100000000000000000000000fe 00000400 1 0 00000003 eth0",
                        "ff000000000000000000000000000000 08 " + none + " 00 " + none + " 00000100 1 0 00000001 eth0",
                        none + " 00 " + none + " 00 " + none + " ffffffff 00000001 00000000 00200200       lo"),
                interfaces);
        assertEquals(
                List.of(
                        Route.onLink(prefix("fd00:10::", 64), 0),
                        Route.via(prefix("::", 0), IpAddress.parse("fd00:10::fe"), 0)),
                v6);
        assertEquals(
                List.of(new KernelRoutes.Neighbour(1, IpAddress.parse("10.20.0.10"), 0x02000000020AL, true)),
                KernelRoutes.parseArp(
                        List.of(
                                "IP address       HW type     Flags       HW address            Mask     Device",
                                "10.20.0.10       0x1         0x6         02:00:00:00:02:0a     *        eth1",
                                "10.20.0.11       0x1         0x0         00:00:00:00:00:00     *        eth1"),
                        interfaces));
    }
}
