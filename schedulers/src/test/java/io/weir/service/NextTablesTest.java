package io.weir.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.packet.IpAddress;
import io.weir.sched.Schedulers;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class NextTablesTest {
    private static VirtualService service(int slot, int port, @Nullable String engine, Destination... destinations) {
        return service(slot, new ServiceKey(6, IpAddress.parse("192.0.2.1"), port, 0, false), engine, destinations);
    }

    private static VirtualService service(
            int slot, ServiceKey key, @Nullable String engine, Destination... destinations) {
        return new VirtualService(
                slot,
                key,
                0,
                32,
                false,
                0,
                engine,
                false,
                new int[0],
                destinations,
                Schedulers.create("rr").withDestinations(List.of(destinations), 0));
    }

    private static Destination destination(int slot, int weight) {
        return new Destination(slot, IpAddress.ofV4(0x0A00_0001 + slot), 80, weight, 0, 0, 0, Destination.Tunnel.IPIP);
    }

    @Test
    void shouldKeepTheTableWhereNothingChanged() {
        final VirtualService one = service(0, 80, null);
        final ServiceTable table = ServiceTable.of(List.of(one));
        assertSame(table, table.next(List.of(one)));
    }

    @Test
    void shouldReplaceAnEditedServiceAndLeaveTheOldTableAsItWas() {
        final VirtualService one = service(0, 80, null);
        final VirtualService two = service(1, 81, null);
        final VirtualService edited = service(1, 81, null, destination(3, 5));
        final ServiceTable before = ServiceTable.of(List.of(one, two));
        final ServiceTable after = before.next(List.of(one, edited));
        assertSame(two, before.exact(two.key()));
        assertSame(edited, after.exact(two.key()));
        assertSame(one, after.exact(one.key()));
        assertEquals(List.of(one, edited), after.services());
        assertTrue(after.hasKeysOf(before));
    }

    @Test
    void shouldSayTheSameAsATableMadeAnewWhileServicesComeAndGo() {
        final Random random = new Random(42);
        final List<VirtualService> now = new ArrayList<>();
        ServiceTable table = ServiceTable.EMPTY;
        for (int step = 0; step < 3_000; step++) {
            final boolean comes = now.isEmpty() || random.nextInt(100) < (step % 1_000 < 500 ? 70 : 30);
            if (comes) {
                final VirtualService fresh = random(step, random);
                if (now.stream().anyMatch(each -> each.key().equals(fresh.key()))) {
                    continue;
                }
                now.add(random.nextInt(now.size() + 1), fresh);
            } else {
                now.remove(random.nextInt(now.size()));
            }
            final ServiceTable before = table;
            table = table.next(List.copyOf(now));
            assertFalse(table.hasKeysOf(before));
            assertSameAs(ServiceTable.of(now), table);
        }
    }

    /** Few addresses and ports, so that VIPs are shared and all kinds come and go. */
    private static VirtualService random(int slot, Random random) {
        final boolean ipv6 = random.nextInt(4) == 0;
        final int host = random.nextInt(40) + 1;
        final IpAddress vip = IpAddress.parse(ipv6 ? "2001:db8::" + host : "192.0.2." + host);
        final int port = List.of(0, 21, 80, 443, 8080).get(random.nextInt(5));
        final boolean marked = random.nextInt(8) == 0;
        final ServiceKey key = marked
                ? new ServiceKey(0, IpAddress.parse(ipv6 ? "::" : "0.0.0.0"), 0, host, ipv6)
                : new ServiceKey(random.nextBoolean() ? 6 : 17, vip, port, 0, ipv6);
        return service(slot, key, random.nextInt(30) == 0 ? "sip" : null);
    }

    private static void assertSameAs(ServiceTable wanted, ServiceTable table) {
        assertEquals(wanted.services(), table.services());
        assertEquals(wanted.anyEngine(), table.anyEngine());
        assertEquals(wanted.hasFamily(false), table.hasFamily(false));
        assertEquals(wanted.hasFamily(true), table.hasFamily(true));
        for (int host = 1; host <= 40; host++) {
            for (final String text : List.of("192.0.2." + host, "2001:db8::" + host)) {
                final IpAddress vip = IpAddress.parse(text);
                final boolean ipv6 = !vip.isV4();
                assertEquals(wanted.isVip(vip.hi(), vip.lo()), table.isVip(vip.hi(), vip.lo()), text);
                for (final int port : new int[] {20, 21, 80, 443, 8080, 9999}) {
                    for (final int protocol : new int[] {6, 17}) {
                        assertSame(
                                wanted.find(protocol, vip.hi(), vip.lo(), port, 0, ipv6),
                                table.find(protocol, vip.hi(), vip.lo(), port, 0, ipv6));
                    }
                }
                assertSame(
                        wanted.find(6, vip.hi(), vip.lo(), 80, host, ipv6),
                        table.find(6, vip.hi(), vip.lo(), 80, host, ipv6));
            }
        }
    }

    @Test
    void shouldBeginAnewWhereServicesComeGoOrGetAnEngine() {
        final VirtualService one = service(0, 80, null);
        final ServiceTable before = ServiceTable.of(List.of(one));
        final VirtualService other = service(0, 81, null);
        final ServiceTable after = before.next(List.of(other));
        assertNull(after.exact(one.key()));
        assertSame(other, after.exact(other.key()));
        assertFalse(after.hasKeysOf(before));
        assertTrue(before.next(List.of(service(0, 80, "sip"))).anyEngine());
        assertEquals(
                2, before.next(List.of(one, service(1, 82, null))).services().size());
        assertEquals(0, before.next(List.of()).services().size());
    }

    @Test
    void shouldEditTheTableOfDestinationsAndLeaveTheOldOneAsItWas() {
        final Destination one = destination(0, 1);
        final Destination heavier = destination(0, 9);
        final DestinationTable before = DestinationTable.of(List.of(service(4, 80, null, one)), List.of());
        final DestinationTable.Edit edit = before.edit();
        edit.clear(0);
        edit.clear(1_000);
        edit.put(heavier, 4);
        edit.put(destination(7, 1), DestinationTable.NO_SERVICE);
        assertThrows(IllegalArgumentException.class, () -> edit.put(one, 4));
        final DestinationTable after = edit.done();
        assertSame(one, before.destination(0));
        assertSame(heavier, after.destination(0));
        assertEquals(4, after.serviceSlot(0));
        assertFalse(after.isAvailable(7));
        assertNull(after.destination(6));
        assertFalse(after.isAvailable(6));
    }
}
