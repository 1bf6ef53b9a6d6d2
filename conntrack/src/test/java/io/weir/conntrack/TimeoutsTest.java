package io.weir.conntrack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class TimeoutsTest {
    @Test
    void shouldStartAsIpvs() {
        assertEquals(90_000, Timeouts.DEFAULTS.ticks(6, TcpState.ESTABLISHED));
        assertEquals(12_000, Timeouts.DEFAULTS.ticks(6, TcpState.FIN_WAIT));
        assertEquals(1_000, Timeouts.DEFAULTS.ticks(6, TcpState.CLOSE));
        assertEquals(30_000, Timeouts.DEFAULTS.ticks(17, 0));
        assertEquals(400, Timeouts.DEFAULTS.ticks(132, SctpState.INIT1));
        assertEquals(6_100, Timeouts.DEFAULTS.ticks(132, SctpState.CLOSED));
        assertEquals(200, Timeouts.DEFAULTS.tcpTicks(15));
    }

    @Test
    void shouldSetThreeAndLeaveZeros() {
        final Timeouts set = Timeouts.DEFAULTS.withSet(40, 0, 30);
        assertEquals(40, set.tcpSeconds());
        assertEquals(120, set.tcpFinSeconds());
        assertEquals(30, set.udpSeconds());
        assertEquals(900, Timeouts.DEFAULTS.tcpSeconds());
        assertEquals(20, set.withSet(0, 20, 0).tcpFinSeconds());
        assertEquals(7, set.withTcp(TcpState.TIME_WAIT, 7).tcpTicks(TcpState.TIME_WAIT) / 100);
    }

    @Test
    void shouldCompareTicksAcrossTheWrap() {
        assertTrue(Ticks.reached(Integer.MAX_VALUE, Integer.MIN_VALUE));
        assertFalse(Ticks.reached(Integer.MIN_VALUE, Integer.MAX_VALUE));
        assertEquals(-1, Ticks.ofNanos(-1));
        assertEquals(100, Ticks.ofNanos(1_000_000_000L));
    }
}
