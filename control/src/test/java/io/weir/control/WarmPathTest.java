package io.weir.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WarmPathTest {
    private static final int MOST = 256;

    @ParameterizedTest
    @CsvSource({
        "203.0.113.1:80, 10.0.0.1:80, -m",
        "203.0.113.1:80, 10.0.0.1:80, -g",
        "203.0.113.1:80, 10.0.0.1:80, -i",
        "203.0.113.1:80, 10.0.0.1:80, -b",
        "[2001:db8:9::1]:80, [2001:db8:9::2]:80, -m",
        "[2001:db8:9::1]:80, [2001:db8:9::2]:80, -g",
        "[2001:db8:9::1]:80, [2001:db8:9::2]:80, -i"
    })
    void shouldForwardEveryFrameItMakes(String virtual, String real, String method) {
        final DirectorCommands commands = new DirectorCommands(MOST, MOST);
        assertTrue(commands.problemOf("-A -t " + virtual + " -s rr").isEmpty());
        assertTrue(commands.problemOf("-a -t " + virtual + " -r " + real + " " + method)
                .isEmpty());
        forwardsAll(WarmPath.begin(true, commands.state().services()));
    }

    @Test
    void shouldWarmNatWhereThereIsNoServiceYet() {
        forwardsAll(WarmPath.begin(true, List.of()));
    }

    private static void forwardsAll(WarmPath warm) {
        warm.await();
        assertTrue(warm.forwarded() > 0);
        assertEquals(0, warm.lost());
    }

    @Test
    void shouldDoNothingWhereItIsNotWanted() {
        final WarmPath warm = WarmPath.begin(false, List.of());
        warm.await();
        assertEquals(0, warm.forwarded());
    }
}
