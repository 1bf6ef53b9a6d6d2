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
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ServiceTableTest {
    private static final IpAddress VIP = IpAddress.parse("203.0.113.1");
    private static final IpAddress VIP6 = IpAddress.parse("2001:db8::1");
    private static final int TCP = 6;
    private static final int UDP = 17;

    @Test
    void shouldFindByProtocolAddressAndPort() {
        final VirtualService web = service(new ServiceKey(TCP, VIP, 80, 0, false));
        final VirtualService web6 = service(new ServiceKey(TCP, VIP6, 80, 0, true));
        final ServiceTable table = ServiceTable.of(List.of(web, web6));
        assertSame(web, find(table, TCP, VIP, 80, 0));
        assertSame(web6, find(table, TCP, VIP6, 80, 0));
        assertNull(find(table, UDP, VIP, 80, 0));
        assertNull(find(table, TCP, VIP, 81, 0));
        assertNull(find(table, TCP, IpAddress.parse("203.0.113.2"), 80, 0));
    }

    @Test
    void shouldNotFallThroughWhenTheMarkHasAService() {
        final VirtualService web = service(new ServiceKey(TCP, VIP, 80, 0, false));
        final VirtualService marked = service(new ServiceKey(0, IpAddress.ANY4, 0, 7, false));
        final ServiceTable table = ServiceTable.of(List.of(web, marked));
        assertSame(marked, find(table, TCP, VIP, 80, 7));
        assertSame(marked, find(table, UDP, IpAddress.parse("9.9.9.9"), 1, 7));
        assertSame(web, find(table, TCP, VIP, 80, 8));
        assertNull(find(table, TCP, VIP6, 80, 7), "the mark's service is of the other family");
    }

    @Test
    void shouldTakePortZeroLast() {
        final VirtualService web = service(new ServiceKey(TCP, VIP, 80, 0, false));
        final VirtualService all = service(new ServiceKey(TCP, VIP, 0, 0, false));
        final ServiceTable table = ServiceTable.of(List.of(all, web));
        assertSame(web, find(table, TCP, VIP, 80, 0));
        assertSame(all, find(table, TCP, VIP, 81, 0));
        assertNull(find(table, UDP, VIP, 81, 0));
    }

    @Test
    void shouldGiveFtpDataPortsToTheFtpService() {
        final VirtualService ftp = service(new ServiceKey(TCP, VIP, 21, 0, false));
        final VirtualService all = service(new ServiceKey(TCP, VIP, 0, 0, false));
        final ServiceTable table = ServiceTable.of(List.of(ftp, all));
        assertSame(ftp, find(table, TCP, VIP, 20, 0));
        assertSame(ftp, find(table, TCP, VIP, 1024, 0));
        assertSame(all, find(table, TCP, VIP, 1023, 0));
        assertSame(all, find(ServiceTable.of(List.of(all)), TCP, VIP, 1024, 0));
        assertNull(find(table, UDP, VIP, 20, 0));
    }

    @Test
    void shouldKnowItsVips() {
        final ServiceTable table = ServiceTable.of(List.of(
                service(new ServiceKey(TCP, VIP, 80, 0, false)),
                service(new ServiceKey(UDP, VIP, 53, 0, false)),
                service(new ServiceKey(0, IpAddress.ANY4, 0, 7, false))));
        assertTrue(table.isVip(VIP.hi(), VIP.lo()));
        assertFalse(table.isVip(VIP6.hi(), VIP6.lo()));
        assertFalse(table.isVip(IpAddress.ANY4.hi(), IpAddress.ANY4.lo()));
    }

    @Test
    void shouldFindExactlyEachOfManyAndListThemInOrder() {
        final List<VirtualService> services = new ArrayList<>();
        for (int i = 0; i < 5000; i++) {
            services.add(service(
                    i % 3 == 0
                            ? new ServiceKey(0, IpAddress.ANY4, 0, i + 1, i % 2 == 0)
                            : new ServiceKey(TCP, new IpAddress(0, VIP.lo() + i % 50), i, 0, false)));
        }
        final ServiceTable table = ServiceTable.of(services);
        assertEquals(services, table.services());
        for (final VirtualService service : services) {
            assertSame(service, table.exact(service.key()));
        }
        assertNull(table.exact(new ServiceKey(TCP, VIP, 60000, 0, false)));
    }

    @Test
    void shouldBeEmptyToStartWith() {
        assertNull(find(ServiceTable.EMPTY, TCP, VIP, 80, 1));
        assertFalse(ServiceTable.EMPTY.isVip(VIP.hi(), VIP.lo()));
        assertEquals(List.of(), ServiceTable.of(List.of()).services());
    }

    @Test
    void shouldRefuseTwoServicesWithOneKey() {
        final VirtualService web = service(new ServiceKey(TCP, VIP, 80, 0, false));
        assertThrows(IllegalArgumentException.class, () -> ServiceTable.of(List.of(web, web)));
    }

    private static @Nullable VirtualService find(ServiceTable table, int protocol, IpAddress to, int port, int mark) {
        return table.find(protocol, to.hi(), to.lo(), port, mark, !to.isV4());
    }

    static VirtualService service(ServiceKey key, Destination... destinations) {
        return new VirtualService(
                key.port(), key, 0, -1, false, 0, null, false, new int[0], destinations, Schedulers.create("wlc"));
    }
}
