package io.weir.conntrack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.packet.IpAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReshardingTest {
    private static final long SEED = 5;
    private static final long VIP = IpAddress.parse("203.0.113.1").lo();
    private static final int NOW = 1_000;

    private final ConnectionTable from = ConnectionTable.create(4096, SEED, 4096);
    private final ConnectionTable[] two = {
        ConnectionTable.create(4096, SEED, 4096), ConnectionTable.create(4096, SEED, 4096)
    };
    private final NewConnection request = new NewConnection();
    private final List<Integer> gone = new ArrayList<>();

    private static int parity(ConnectionTable table, int id) {
        return (int) table.clientLo(id) & 1;
    }

    private int open(ConnectionTable table, long client, int port, int flags, int controller) {
        request.clear().client(0, client, port).virtual(0, VIP, 80).destination(7, 0, VIP + 1, 8080);
        request.protocol = 6;
        request.flags = flags;
        request.state = TcpState.ESTABLISHED;
        request.timeoutTicks = 5_000;
        request.controller = controller;
        request.fwmark = port;
        return table.insert(table.hash(6, 0, client, port), request, NOW);
    }

    private static int find(ConnectionTable table, long client, int port) {
        return table.find(table.hash(6, 0, client, port), 6, 0, client, port, 0, VIP, 80);
    }

    private Resharding run(ConnectionTable source, int self, ConnectionTable[] tables) {
        final Resharding resharding = new Resharding(tables, ReshardingTest::parity, (table, id) -> gone.add(id));
        resharding.empty(source, self, NOW);
        return resharding;
    }

    @Test
    void shouldBringEveryConnectionToItsOwner() {
        for (int i = 0; i < 1000; i++) {
            open(from, 0xFFFF_0A00_0000L + i, 1000 + i, 0, ConnectionTable.NONE);
        }

        final Resharding done = run(from, Resharding.ELSEWHERE, two);

        assertEquals(1000, done.moved());
        assertEquals(0, done.lost());
        for (int i = 0; i < 1000; i++) {
            final ConnectionTable owner = two[i & 1];
            final int id = find(owner, 0xFFFF_0A00_0000L + i, 1000 + i);
            assertNotEquals(ConnectionTable.NONE, id);
            assertEquals(TcpState.ESTABLISHED, owner.state(id));
            assertEquals(NOW + 5_000, owner.expiresAt(id));
            assertEquals(7, owner.destinationSlot(id));
            assertEquals(1000 + i, owner.fwmark(id));
            assertEquals(ConnectionTable.NONE, find(two[1 - (i & 1)], 0xFFFF_0A00_0000L + i, 1000 + i));
        }
        assertEquals(500, two[0].size());
    }

    @Test
    void shouldKeepTemplateAndConnectionsTogether() {
        final long client = 0xFFFF_0A00_0001L;
        open(from, client + 1, 1, 0, ConnectionTable.NONE);
        final int template = open(from, client, 0, ConnectionFlags.TEMPLATE, ConnectionTable.NONE);
        open(from, client, 1, 0, template);
        open(from, client, 2, 0, template);

        run(from, 0, new ConnectionTable[] {from, two[1]});

        final int moved = two[1].findTemplate(two[1].hash(6, 0, client, 0), 6, 0, client, 0, 0, VIP, 80);
        assertNotEquals(ConnectionTable.NONE, moved);
        assertEquals(2, two[1].controlled(moved));
        assertEquals(moved, two[1].controller(find(two[1], client, 2)));
        assertEquals(1, from.size());
        assertNotEquals(ConnectionTable.NONE, find(from, client + 1, 1));
    }

    @Test
    void shouldMoveLocalAddresses() {
        final long client = 0xFFFF_0A00_0001L;
        final long lip = IpAddress.parse("10.0.0.9").lo();
        assertTrue(from.setLocalAddress(3, 0, lip));
        final int id = open(from, client, 5, 0, ConnectionTable.NONE);
        assertTrue(from.bindLocal(id, 3, 4001));

        run(from, 0, new ConnectionTable[] {from, two[1]});

        final int moved = two[1].findLocal(6, 0, VIP + 1, 8080, 0, lip, 4001);
        assertEquals(find(two[1], client, 5), moved);
        assertNotEquals(ConnectionTable.NONE, moved);
        assertEquals(0, from.localAddressUsers(3));
    }

    @Test
    void shouldTellWhatFindsNoRoom() {
        final ConnectionTable[] small = {ConnectionTable.create(10, SEED), ConnectionTable.create(10, SEED)};
        for (int i = 0; i < 30; i++) {
            open(from, 0xFFFF_0A00_0000L + i, 9, 0, ConnectionTable.NONE);
        }

        final Resharding done = run(from, Resharding.ELSEWHERE, small);

        assertEquals(20, done.moved());
        assertEquals(10, done.lost());
        assertEquals(10, gone.size());
    }

    @Test
    void shouldLoseWhatNobodyCanServe() {
        open(from, 0xFFFF_0A00_0001L, 9, 0, ConnectionTable.NONE);
        final Resharding resharding = new Resharding(
                new ConnectionTable[] {from}, (table, id) -> Resharding.NOBODY, (table, id) -> gone.add(id));

        resharding.empty(from, 0, NOW);

        assertEquals(1, resharding.lost());
        assertEquals(0, from.size());
    }
}
