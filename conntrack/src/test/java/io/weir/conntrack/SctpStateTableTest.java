package io.weir.conntrack;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class SctpStateTableTest {
    @TestFactory
    Stream<DynamicTest> shouldFollowTheRecordedKernel() {
        return Transitions.read("sctp-transitions.csv").stream()
                .map(line -> DynamicTest.dynamicTest(String.join(" ", line), () -> {
                    final int event = SctpStateTable.event(Integer.parseInt(line[2]));
                    final int next = SctpStateTable.next(Transitions.direction(line[0]), state(line[1]), event);
                    assertEquals(line[3], SctpState.name(next));
                }));
    }

    @Test
    void shouldEstablishWithoutSeeingReplies() {
        final int init = next(SctpState.NONE, SctpStateTable.EVENT_INIT);
        assertEquals(SctpState.INIT1, init);
        final int echoed = next(init, SctpStateTable.EVENT_COOKIE_ECHO);
        assertEquals(SctpState.ESTABLISHED, echoed);
        final int received = next(echoed, SctpStateTable.EVENT_SHUTDOWN);
        assertEquals(SctpState.SHUTDOWN_RECEIVED, received);
        assertEquals(SctpState.CLOSED, next(received, SctpStateTable.EVENT_SHUTDOWN_COMPLETE));
    }

    @Test
    void shouldPreferAnAbortAfterACookie() {
        assertEquals(SctpStateTable.EVENT_ABORT, SctpStateTable.event(10, 6));
        assertEquals(SctpStateTable.EVENT_ABORT, SctpStateTable.event(11, 6));
        assertEquals(SctpStateTable.EVENT_COOKIE_ECHO, SctpStateTable.event(10, 0));
        assertEquals(SctpStateTable.EVENT_DATA, SctpStateTable.event(0, 6));
    }

    @Test
    void shouldStayClosedOnAbortInEveryStateButOne() {
        for (int state = 0; state < SctpState.COUNT; state++) {
            final int expected = state == SctpState.COOKIE_WAIT ? SctpState.REJECTED : SctpState.CLOSED;
            assertEquals(expected, SctpStateTable.next(TcpStateTable.INPUT, state, SctpStateTable.EVENT_ABORT));
        }
    }

    private static int next(int state, int event) {
        return SctpStateTable.next(TcpStateTable.INPUT_ONLY, state, event);
    }

    private static int state(String name) {
        return IntStream.range(0, SctpState.COUNT)
                .filter(state -> SctpState.name(state).equals(name))
                .findFirst()
                .orElseThrow();
    }
}
