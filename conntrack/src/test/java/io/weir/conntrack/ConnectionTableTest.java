package io.weir.conntrack;

import static io.weir.conntrack.Clients.RIP;
import static io.weir.conntrack.Clients.RPORT;
import static io.weir.conntrack.Clients.TCP;
import static io.weir.conntrack.Clients.UDP;
import static io.weir.conntrack.Clients.VIP;
import static io.weir.conntrack.Clients.VPORT;
import static io.weir.conntrack.ConnectionTable.NONE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.packet.IpAddress;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConnectionTableTest {
    private static final ExpiryHandler LET_GO = (table, id, now) -> 0;
    private static final int LIP_INDEX = 7;
    private static final long LIP = IpAddress.v4(0x0A000064);

    private final ConnectionTable table = ConnectionTable.create(64, 42, 16);
    private final NewConnection c = new NewConnection();

    @AfterEach
    void tearDown() {
        table.close();
    }

    @Test
    void shouldFindAConnectionInBothDirections() {
        final int id = Clients.insert(table, 1, 0, 100);
        assertEquals(id, Clients.find(table, 1));
        assertEquals(id, Clients.findReply(table, 1));
        assertEquals(NONE, Clients.find(table, 2));
        assertEquals(
                NONE, table.findReply(Clients.hash(table, 1), TCP, 0, RIP, RPORT + 1, 0, Clients.address(1), 1025));
    }

    @Test
    void shouldKeepEveryField() {
        final long hi = 0x2001_0DB8_0000_0001L;
        c.clear().client(hi, 1, 65535).virtual(hi, 2, 443).destination(0xABCDE, hi, 3, 8443);
        c.protocol = 132;
        c.methodCode = 5;
        c.state = SctpState.CLOSED;
        c.flags = ConnectionFlags.NOOUTPUT | ConnectionFlags.INACTIVE;
        c.fwmark = 0xFFFF_FFFF;
        c.timeoutTicks = 700;
        final int id = table.insert(table.hash(132, hi, 1, 65535), c, -300);
        assertEquals(132, table.protocol(id));
        assertTrue(table.isV6(id));
        assertEquals(hi, table.clientHi(id));
        assertEquals(1, table.clientLo(id));
        assertEquals(65535, table.clientPort(id));
        assertEquals(hi, table.virtualHi(id));
        assertEquals(2, table.virtualLo(id));
        assertEquals(443, table.virtualPort(id));
        assertEquals(hi, table.destinationHi(id));
        assertEquals(3, table.destinationLo(id));
        assertEquals(8443, table.destinationPort(id));
        assertEquals(0xABCDE, table.destinationSlot(id));
        assertEquals(5, table.methodCode(id));
        assertEquals(SctpState.CLOSED, table.state(id));
        assertEquals(0x1C0, table.flags(id));
        assertEquals(-1, table.fwmark(id));
        assertEquals(400, table.expiresAt(id));
        assertEquals(NONE, table.controller(id));
        assertEquals(0, table.packets(id));
        assertEquals(1, table.countPacket(id));
    }

    @Test
    void shouldChangeOneFieldAndLeaveTheOthers() {
        final int id = Clients.insert(table, 1, 0, 100);
        table.state(id, TcpState.ESTABLISHED);
        table.methodCode(id, 3);
        table.destinationSlot(id, ConnectionTable.NO_DESTINATION);
        table.changeFlags(id, ConnectionFlags.INACTIVE | ConnectionFlags.SYNC, 0);
        table.changeFlags(id, 0, ConnectionFlags.SYNC | ConnectionFlags.HASHED);
        table.extra(id, 99);
        assertEquals(TcpState.ESTABLISHED, table.state(id));
        assertEquals(3, table.methodCode(id));
        assertEquals(ConnectionTable.NO_DESTINATION, table.destinationSlot(id));
        assertEquals(TCP, table.protocol(id));
        assertEquals(ConnectionFlags.INACTIVE | ConnectionFlags.HASHED, table.flags(id));
        assertEquals(Clients.port(1), table.clientPort(id));
        assertEquals(99, table.extra(id));
        assertEquals(id, Clients.find(table, 1));
    }

    @Test
    void shouldTellVirtualServicesAndProtocolsOfOneClientApart() {
        final int web = Clients.insert(table, 1, 0, 100);
        Clients.fill(c, 1, 100).virtualPort = 443;
        final int tls = table.insert(Clients.hash(table, 1), c, 0);
        Clients.fill(c, 1, 100).protocol = UDP;
        final long udpHash = table.hash(UDP, 0, c.clientLo, c.clientPort);
        final int udp = table.insert(udpHash, c, 0);
        assertEquals(web, Clients.find(table, 1));
        assertEquals(tls, table.find(Clients.hash(table, 1), TCP, 0, c.clientLo, c.clientPort, 0, VIP, 443));
        assertEquals(udp, table.find(udpHash, UDP, 0, c.clientLo, c.clientPort, 0, VIP, VPORT));
        assertTrue(table.remove(web));
        assertEquals(NONE, Clients.find(table, 1));
        assertEquals(tls, table.find(Clients.hash(table, 1), TCP, 0, c.clientLo, c.clientPort, 0, VIP, 443));
    }

    @Test
    void shouldKeepTemplatesAndConnectionsApart() {
        final int template = template(0, TCP, VIP, VPORT);
        final long hash = table.hash(TCP, 0, Clients.address(0), 0);
        assertEquals(NONE, table.find(hash, TCP, 0, Clients.address(0), 0, 0, VIP, VPORT));
        assertEquals(template, table.findTemplate(hash, TCP, 0, Clients.address(0), 0, 0, VIP, VPORT));
        assertEquals(NONE, table.findReply(hash, TCP, 0, RIP, RPORT, 0, Clients.address(0), 0));
    }

    @Test
    void shouldFindATemplateByMark() {
        final int template = template(0, 0, 10, 0);
        final long hash = table.hash(0, 0, Clients.address(0), 0);
        assertEquals(template, table.findTemplate(hash, 0, 0, Clients.address(0), 0, 0, 10, 0));
        assertEquals(NONE, table.findTemplate(hash, 0, 0, Clients.address(0), 0, 0, 11, 0));
    }

    @Test
    void shouldHideAnInvalidTemplateButKeepItsConnections() {
        final int template = template(0, TCP, VIP, VPORT);
        Clients.fill(c, 1, 100).controller = template;
        final int id = table.insert(Clients.hash(table, 1), c, 0);
        table.invalidateTemplate(template);
        final long hash = table.hash(TCP, 0, Clients.address(0), 0);
        assertEquals(NONE, table.findTemplate(hash, TCP, 0, Clients.address(0), 0, 0, VIP, VPORT));
        assertTrue(table.isInvalidTemplate(template));
        assertEquals(template, table.controller(id));
        assertEquals(65535, table.destinationPort(template));
    }

    @Test
    void shouldNotLetATemplateGoWhileItControlsConnections() {
        final int template = template(0, TCP, VIP, VPORT);
        Clients.fill(c, 1, 5000).controller = template;
        final int id = table.insert(Clients.hash(table, 1), c, 0);
        assertEquals(1, table.controlled(template));
        assertFalse(table.remove(template));
        assertTrue(table.expire(200, 1000, LET_GO) < 1000);
        assertTrue(table.inUse(template));
        assertEquals(200 + ConnectionTable.TEMPLATE_GRACE_TICKS, table.expiresAt(template));
        assertTrue(table.remove(id));
        assertEquals(0, table.controlled(template));
        assertTrue(table.expire(200 + ConnectionTable.TEMPLATE_GRACE_TICKS, 100000, LET_GO) < 100000);
        assertEquals(0, table.size());
    }

    @Test
    void shouldRefuseWhenFullAndHarmNobody() {
        for (int n = 0; n < 64; n++) {
            assertNotEquals(NONE, Clients.insert(table, n, 0, 100));
        }
        assertEquals(NONE, Clients.insert(table, 64, 0, 100));
        assertEquals(NONE, Clients.insert(table, 65, 0, 100));
        assertEquals(2, table.refused());
        for (int n = 0; n < 64; n++) {
            assertNotEquals(NONE, Clients.find(table, n));
        }
        assertTrue(table.remove(Clients.find(table, 5)));
        assertNotEquals(NONE, Clients.insert(table, 64, 0, 100));
        assertEquals(64, table.size());
    }

    @Test
    void shouldRefuseAProtocolWithoutConnections() {
        Clients.fill(c, 1, 100).protocol = 47;
        assertEquals(NONE, table.insert(0, c, 0));
        assertEquals(NONE, table.find(0, 47, 0, Clients.address(1), 1025, 0, VIP, VPORT));
    }

    @Test
    void shouldFindAFullNatReplyByItsLocalAddress() {
        assertTrue(table.setLocalAddress(LIP_INDEX, 0, LIP));
        final int first = Clients.insert(table, 1, 0, 100);
        final int second = Clients.insert(table, 2, 0, 100);
        assertTrue(table.bindLocal(first, LIP_INDEX, 5000));
        assertFalse(table.bindLocal(second, LIP_INDEX, 5000), "taken");
        assertFalse(table.bindLocal(first, LIP_INDEX, 5001), "has one");
        assertTrue(table.bindLocal(second, LIP_INDEX, 5001));
        assertEquals(first, table.findLocal(TCP, 0, RIP, RPORT, 0, LIP, 5000));
        assertEquals(second, table.findLocal(TCP, 0, RIP, RPORT, 0, LIP, 5001));
        assertEquals(NONE, table.findLocal(UDP, 0, RIP, RPORT, 0, LIP, 5001));
        assertEquals(LIP, table.localLo(first));
        assertEquals(5000, table.localPort(first));
        assertEquals(2, table.localAddressUsers(LIP_INDEX));
        assertFalse(table.setLocalAddress(LIP_INDEX, 0, LIP + 1));
        assertTrue(table.remove(first));
        assertEquals(NONE, table.findLocal(TCP, 0, RIP, RPORT, 0, LIP, 5000));
        table.unbindLocal(second);
        assertEquals(0, table.localAddressUsers(LIP_INDEX));
        assertTrue(table.setLocalAddress(LIP_INDEX, 0, LIP + 1));
    }

    @Test
    void shouldUseALocalPortAgainForAnotherServer() {
        table.setLocalAddress(LIP_INDEX, 0, LIP);
        final int first = Clients.insert(table, 1, 0, 100);
        Clients.fill(c, 2, 100).destinationPort = 9090;
        final int second = table.insert(Clients.hash(table, 2), c, 0);
        assertTrue(table.bindLocal(first, LIP_INDEX, 5000));
        assertTrue(table.bindLocal(second, LIP_INDEX, 5000));
        assertEquals(second, table.findLocal(TCP, 0, RIP, 9090, 0, LIP, 5000));
    }

    @Test
    void shouldBindNoMoreThanItsFullNatCapacity() {
        table.setLocalAddress(LIP_INDEX, 0, LIP);
        for (int n = 0; n < 17; n++) {
            assertEquals(n < 16, table.bindLocal(Clients.insert(table, n, 0, 100), LIP_INDEX, 5000 + n));
        }
    }

    @Test
    void shouldRebindADestination() {
        final int id = Clients.insert(table, 1, 0, 100);
        table.bindDestination(id, 9, 0, RIP + 1, 81);
        assertEquals(9, table.destinationSlot(id));
        assertEquals(id, table.findReply(Clients.hash(table, 1), TCP, 0, RIP + 1, 81, 0, Clients.address(1), 1025));
        assertEquals(id, Clients.find(table, 1));
    }

    @Test
    void shouldWalkEveryRecordOnceInSlices() {
        for (int n = 0; n < 40; n++) {
            Clients.insert(table, n, 0, 100);
        }
        for (int n = 0; n < 40; n += 3) {
            table.remove(Clients.find(table, n));
        }
        final ConnectionCursor cursor = new ConnectionCursor(table);
        final Set<Integer> seen = new HashSet<>();
        int slices = 0;
        while (!cursor.isDone()) {
            final int end = cursor.position() + 7;
            int id;
            while ((id = cursor.next(end - cursor.position())) != NONE) {
                assertTrue(seen.add(id));
            }
            slices++;
        }
        assertEquals(6, slices);
        assertEquals(table.size(), seen.size());
        cursor.reset();
        assertFalse(cursor.isDone());
    }

    @Test
    void shouldTouchWithoutHarm() {
        final long hash = Clients.hash(table, 1);
        assertEquals(0, ConnectionTable.touch(table.window(hash)));
        assertEquals(0, table.candidate(table.window(hash), hash));
        Clients.insert(table, 1, 0, 100);
        assertNotEquals(0, ConnectionTable.touch(table.window(hash)));
        assertNotEquals(0, ConnectionTable.touchRecord(table.recordAddress(table.candidate(table.window(hash), hash))));
    }

    @Test
    void shouldCheckCapacities() {
        assertThrows(IllegalArgumentException.class, () -> ConnectionTable.create(0, 1));
        assertThrows(IllegalArgumentException.class, () -> ConnectionTable.create(10, 1, 11));
        assertThrows(IndexOutOfBoundsException.class, () -> table.state(64));
        assertThrows(IndexOutOfBoundsException.class, () -> table.state(NONE));
    }

    private int template(int n, int protocol, long virtualLo, int virtualPort) {
        Clients.fill(c, n, 100).clientPort = 0;
        c.protocol = protocol;
        c.virtualLo = virtualLo;
        c.virtualPort = virtualPort;
        c.flags = ConnectionFlags.TEMPLATE;
        return table.insert(table.hash(protocol, 0, c.clientLo, 0), c, 0);
    }

    @Test
    void shouldFindTheNewestOfConnectionsWhoseRepliesLookTheSame() {
        final int[] ids = new int[3];
        for (int i = 0; i < ids.length; i++) {
            c.clear()
                    .client(0, Clients.address(1), 1025)
                    .virtual(0, VIP + i, VPORT)
                    .destination(0, 0, RIP, RPORT);
            c.protocol = TCP;
            c.timeoutTicks = 100;
            ids[i] = table.insert(Clients.hash(table, 1), c, 0);
        }
        assertEquals(ids[2], Clients.findReply(table, 1));
        assertEquals(ids[0], Clients.find(table, 1));
        table.remove(ids[2]);
        assertEquals(ids[1], Clients.findReply(table, 1));
        table.remove(ids[1]);
        assertEquals(ids[0], Clients.findReply(table, 1));
    }

    /** DR, TUN, bypass and FULLNAT: the server's answers to such a connection do not go from its address to the client's. */
    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4, 5})
    void shouldNotTakeAConnectionOfAnotherMethodForAReply(int method) {
        final int masqueraded = Clients.insert(table, 1, 0, 100);
        c.clear().client(0, Clients.address(1), 1025).virtual(0, VIP + 9, VPORT).destination(1, 0, RIP, RPORT);
        c.protocol = TCP;
        c.methodCode = method;
        c.timeoutTicks = 100;
        final int other = table.insert(Clients.hash(table, 1), c, 0);
        assertEquals(masqueraded, Clients.findReply(table, 1));
        final long hash = Clients.hash(table, 1);
        assertEquals(masqueraded, table.findReply(other, hash, TCP, 0, RIP, RPORT, 0, Clients.address(1), 1025));
        table.remove(masqueraded);
        assertEquals(NONE, Clients.findReply(table, 1));
        assertEquals(other, table.findToServer(hash, TCP, 0, RIP, RPORT, 0, Clients.address(1), 1025));
    }
}
