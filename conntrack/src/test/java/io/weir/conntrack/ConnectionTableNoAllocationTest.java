package io.weir.conntrack;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

class ConnectionTableNoAllocationTest {
    private static final int OPERATIONS = 1_000_000;
    private static final int CLIENTS = 10_000;
    private static final ExpiryHandler LET_GO = (table, id, now) -> 0;

    private final NewConnection c = new NewConnection();
    private int now;
    private long sum;

    @Test
    void shouldAllocateNothingPerPacket() {
        final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (ConnectionTable table = ConnectionTable.create(CLIENTS, 3, CLIENTS)) {
            table.setLocalAddress(1, 0, Clients.RIP - 1);
            // The first round loads classes and resolves constants.
            run(table, OPERATIONS);
            // The JIT compiler may allocate on our account while it installs or drops code: the quietest of some runs
            // counts.
            long least = Long.MAX_VALUE;
            for (int attempt = 0; attempt < 5 && least > 0; attempt++) {
                final long before = threads.getCurrentThreadAllocatedBytes();
                run(table, OPERATIONS);
                least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
            }
            assertEquals(0, least, "sum=" + sum);
        }
    }

    private void run(ConnectionTable table, int operations) {
        for (int i = 0; i < operations; i++) {
            final int n = i * 7 % (CLIENTS + 100);
            final long hash = Clients.hash(table, n);
            sum += ConnectionTable.touch(table.window(hash))
                    + ConnectionTable.touchRecord(table.recordAddress(table.candidate(table.window(hash), hash)));
            int id = table.find(hash, Clients.TCP, 0, Clients.address(n), Clients.port(n), 0, Clients.VIP, 80);
            if (id == ConnectionTable.NONE) {
                id = table.insert(hash, Clients.fill(c, n, 200), now);
                if (id != ConnectionTable.NONE) {
                    table.bindLocal(id, 1, 1 + n);
                }
            } else {
                table.state(id, TcpStateTable.NORMAL.next(0, table.state(id), TcpStateTable.event(i & 0x3F)));
                table.schedule(id, now, Timeouts.DEFAULTS.tcpTicks(table.state(id)));
                sum += table.countPacket(id);
            }
            if ((i & 63) == 0) {
                now++;
                sum += table.expire(now, 64, LET_GO);
            }
        }
    }
}
