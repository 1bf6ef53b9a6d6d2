package io.weir.control.top;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import org.junit.jupiter.api.Test;

class TopScreenTest {
    private static final String ANSWER =
            """
            {"name":"edge","atNs":%d,"services":2,"servers":4,
             "worker":{"cpuSeconds":%s,"tableEntries":512,"tableCapacity":1024,"bugs":0,
               "frames":{"received":%d,"transmitted":90,"generated":0,"passed":0},"connections":0,
               "drops":{"NO_ROUTE":%d,"TRUNCATED":3},
               "interfaces":{"eth0":{"receiveDrops":7,"transmitDrops":0}},
               "batchSeconds":{"count":9,"p50":0.0000012,"p99":0.00004,"p99.9":0.0001,"max":0.002}},
             "matching":2,"rows":[
               {"name":"tcp 192.0.2.1:80","detail":"wlc","connectionsPerSecond":12,"inPacketsPerSecond":34567890,
                "outPacketsPerSecond":0,"inBytesPerSecond":1500000000,"outBytesPerSecond":0,"active":5,"inactive":6,
                "weight":3}]}
            """;

    private final TopChoice choice = new TopChoice();

    private static JsonNode answer(long seconds, String cpu, int received, int noRoute) throws JsonProcessingException {
        return new ObjectMapper().readTree(ANSWER.formatted(seconds * 1_000_000_000L, cpu, received, noRoute));
    }

    private List<String> lines(int width, int height) throws JsonProcessingException {
        return TopScreen.lines(answer(12, "1.5", 2100, 30), answer(10, "0.5", 100, 10), choice, width, height);
    }

    private void keys(String keys) {
        keys.chars().forEach(key -> assertTrue(choice.key(key)));
    }

    @Test
    void shouldShowRatesBetweenTwoAnswers() throws Exception {
        final String screen = String.join("\n", lines(150, 40));
        for (String part : List.of(
                "weir edge  services 2  servers 4  connections 512 of 1024 (50.0 %)",
                "frames/s  in 1000  out 0",
                "cpu 50 %  batch us p50 1.2  p99 40.0  p99.9 100.0  max 2000.0",
                "drops/s   NO_ROUTE 10 (30)  TRUNCATED 0 (3)  eth0 rings (7)",
                "services by conn/s  1 of 2",
                "*CONN/S",
                "34.6M",
                "1.50G")) {
            assertTrue(screen.contains(part), () -> part + "\n--- not in\n" + screen);
        }
    }

    @Test
    void shouldShowNoRatesFromOneAnswer() throws Exception {
        final List<String> lines = TopScreen.lines(answer(12, "1.5", 2100, 30), null, choice, 150, 40);
        assertTrue(lines.get(1).startsWith("frames/s  in -"), lines.get(1));
    }

    @Test
    void shouldStayWithinTheTerminal() throws Exception {
        for (int width : new int[] {1, 40, 80, 300}) {
            for (int height : new int[] {1, 3, 24}) {
                final List<String> lines = lines(width, height);
                assertTrue(lines.size() <= height);
                assertTrue(lines.stream().allMatch(line -> line.length() <= width));
            }
        }
    }

    @Test
    void shouldAskForWhatTheKeysSay() {
        assertArrayEquals(new String[] {"top", "services", "conns", "20", "0", ""}, choice.words(20));
        keys("sbr/Web");
        assertEquals("servers by in b/s, least first  1 of 9  /Web_", choice.line(9));
        keys("\r");
        assertArrayEquals(new String[] {"top", "servers", "-in_bytes", "5", "0", "Web"}, choice.words(5));
        keys("jjj");
        choice.key(TopChoice.UP);
        assertEquals("2", choice.words(5)[4]);
        choice.atMost(2);
        assertEquals("1", choice.words(5)[4]);
        choice.key(27);
        assertEquals("", choice.words(5)[5]);
    }

    @Test
    void shouldQuitByKeyButNotWhileTyping() {
        keys("/q");
        choice.key(127);
        choice.key('\n');
        assertFalse(choice.key('q'));
        assertFalse(new TopChoice().key(3));
    }

    @Test
    void shouldSortByEveryColumnsKey() {
        for (TopColumn column : TopColumn.values()) {
            keys(Character.toString(column.key()));
            assertEquals(column, choice.sort());
        }
    }
}
