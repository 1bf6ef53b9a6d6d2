package io.weir.conntrack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.IntStream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class TcpStateTableTest {
    private static final int FIN = 0x01;
    private static final int SYN = 0x02;
    private static final int RST = 0x04;
    private static final int PSH = 0x08;
    private static final int ACK = 0x10;
    private static final int URG = 0x20;

    @TestFactory
    java.util.stream.Stream<DynamicTest> shouldFollowTheRecordedKernel() {
        return Transitions.read("tcp-transitions.csv").stream()
                .map(line -> DynamicTest.dynamicTest(String.join(" ", line), () -> {
                    final int event = TcpStateTable.event(flags(line[2]));
                    final int next = TcpStateTable.NORMAL.next(Transitions.direction(line[0]), state(line[1]), event);
                    assertEquals(line[3], TcpState.name(next));
                }));
    }

    @Test
    void shouldTakeTheStrongestFlag() {
        assertEquals(TcpStateTable.EVENT_RST, TcpStateTable.event(RST | SYN | FIN | ACK));
        assertEquals(TcpStateTable.EVENT_SYN, TcpStateTable.event(SYN | FIN | ACK));
        assertEquals(TcpStateTable.EVENT_FIN, TcpStateTable.event(FIN | ACK));
        assertEquals(TcpStateTable.EVENT_ACK, TcpStateTable.event(ACK | PSH));
        assertEquals(TcpStateTable.EVENT_NONE, TcpStateTable.event(PSH | URG));
    }

    @Test
    void shouldCloseOnASegmentWithoutFlagsInEveryState() {
        for (final TcpStateTable table : new TcpStateTable[] {TcpStateTable.NORMAL, TcpStateTable.SECURE}) {
            for (int direction = TcpStateTable.INPUT; direction <= TcpStateTable.INPUT_ONLY; direction++) {
                for (int state = 0; state < TcpState.COUNT; state++) {
                    assertEquals(TcpState.CLOSE, table.next(direction, state, TcpStateTable.EVENT_NONE));
                }
            }
        }
    }

    @Test
    void shouldNotBelieveASynUnderSecureTcp() {
        final TcpStateTable secure = TcpStateTable.SECURE;
        assertEquals(TcpState.SYNACK, secure.next(TcpStateTable.INPUT_ONLY, TcpState.NONE, TcpStateTable.EVENT_SYN));
        assertEquals(TcpState.SYNACK, secure.next(TcpStateTable.OUTPUT, TcpState.SYN_RECV, TcpStateTable.EVENT_SYN));
        assertEquals(TcpState.SYN_RECV, secure.next(TcpStateTable.INPUT, TcpState.SYN_RECV, TcpStateTable.EVENT_ACK));
        assertEquals(TcpState.SYNACK, secure.next(TcpStateTable.INPUT, TcpState.SYNACK, TcpStateTable.EVENT_ACK));
        assertEquals(TcpState.ESTABLISHED, secure.next(TcpStateTable.OUTPUT, TcpState.SYNACK, TcpStateTable.EVENT_ACK));
    }

    @Test
    void shouldDifferFromTheNormalTableInFifteenCells() {
        int cells = 0;
        for (int direction = TcpStateTable.INPUT; direction <= TcpStateTable.INPUT_ONLY; direction++) {
            for (int event = TcpStateTable.EVENT_SYN; event <= TcpStateTable.EVENT_NONE; event++) {
                for (int state = 0; state < TcpState.COUNT; state++) {
                    final int normal = TcpStateTable.NORMAL.next(direction, state, event);
                    cells += normal == TcpStateTable.SECURE.next(direction, state, event) ? 0 : 1;
                }
            }
        }
        assertEquals(15, cells);
    }

    @Test
    void shouldPrintTheNamesOfIpvsadm() {
        assertEquals("SYN_RECV", TcpState.name(TcpState.SYN_RECV));
        assertEquals("SYNACK", TcpState.name(TcpState.SYNACK));
        assertEquals("ERR!", TcpState.name(TcpState.COUNT));
        assertTrue(TcpState.isActive(TcpState.SYN_RECV));
        assertTrue(TcpState.isActive(TcpState.SYNACK));
        assertFalse(TcpState.isActive(TcpState.FIN_WAIT));
    }

    private static int state(String name) {
        return IntStream.range(0, TcpState.COUNT)
                .filter(state -> TcpState.name(state).equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static int flags(String letters) {
        int flags = 0;
        for (int i = 0; i < letters.length(); i++) {
            final char letter = letters.charAt(i);
            flags |= letter == '-' ? 0 : 1 << "FSRPAU".indexOf(letter);
        }
        return flags;
    }
}
