package io.weir.conntrack;

import io.weir.packet.IpAddress;

/** Connections for tests: client number n of a service 203.0.113.1:80, served by 10.0.0.1:8080. */
final class Clients {
    static final int TCP = 6;
    static final int UDP = 17;
    static final long VIP = IpAddress.v4(0xCB007101);
    static final long RIP = IpAddress.v4(0x0A000001);
    static final int VPORT = 80;
    static final int RPORT = 8080;

    private Clients() {}

    static long address(int n) {
        return IpAddress.v4(0x0B000000 + (n >>> 4));
    }

    static int port(int n) {
        return 1024 + (n & 15);
    }

    static long hash(ConnectionTable table, int n) {
        return table.hash(TCP, 0, address(n), port(n));
    }

    static NewConnection fill(NewConnection c, int n, int timeoutTicks) {
        c.clear().client(0, address(n), port(n)).virtual(0, VIP, VPORT).destination(3, 0, RIP, RPORT);
        c.protocol = TCP;
        c.state = TcpState.SYN_RECV;
        c.timeoutTicks = timeoutTicks;
        return c;
    }

    static int insert(ConnectionTable table, int n, int nowTick, int timeoutTicks) {
        return table.insert(hash(table, n), fill(new NewConnection(), n, timeoutTicks), nowTick);
    }

    static int find(ConnectionTable table, int n) {
        return table.find(hash(table, n), TCP, 0, address(n), port(n), 0, VIP, VPORT);
    }

    static int findReply(ConnectionTable table, int n) {
        return table.findReply(hash(table, n), TCP, 0, RIP, RPORT, 0, address(n), port(n));
    }
}
