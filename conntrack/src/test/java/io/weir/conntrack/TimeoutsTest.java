package io.weir.conntrack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
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

    @Test
    void shouldChangeSingleStates() {
        final StateTimeouts changes = StateTimeouts.parse("close=5,udp=20,sctp_closed=7");
        final Timeouts set = Timeouts.DEFAULTS.with(changes);
        assertEquals(500, set.ticks(6, TcpState.CLOSE));
        assertEquals(90_000, set.ticks(6, TcpState.ESTABLISHED));
        assertEquals(20, set.udpSeconds());
        assertEquals(700, set.sctpTicks(SctpState.CLOSED));
        assertEquals("close=5,udp=20,sctp_closed=7", changes.text());
    }

    @Test
    void shouldHoldForTheSlotsThatHaveTheirOwn() {
        final Timeouts own = Timeouts.DEFAULTS.with(StateTimeouts.parse("established=60"));
        final Timeouts all = Timeouts.DEFAULTS.withSlots(new Timeouts[] {null, own});
        assertEquals(900, all.tcpSeconds());
        assertEquals(900, all.of(0).tcpSeconds());
        assertEquals(60, all.of(1).tcpSeconds());
        assertEquals(900, all.of(2).tcpSeconds());
        assertEquals(900, all.of(ConnectionTable.NO_DESTINATION).tcpSeconds());
    }

    @Test
    void shouldSayWhatIsWrongWithATimeout() {
        for (String wrong :
                new String[] {"", "close", "close=x", "shut=5", "close=0", "close=2678401", "udp=1,udp=2"}) {
            assertThrows(IllegalArgumentException.class, () -> StateTimeouts.parse(wrong), wrong);
        }
    }
}
