package io.weir.control.golden;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.control.golden.Classifier.Choice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The scorer sees what is different, and only that. */
final class ScorerTest {
    /** A SYN from 198.51.100.7:40000 to 203.0.113.1:80 behind its MAC addresses, and parts of other frames. */
    private static final String TCP = "9c40005000000000000000005002ffff00000000";

    private static final String SYN = "020000000101" + "0200000001fe" + ipv4("06", "40", "c6336407", "cb007101") + TCP;
    private static final String OWN = "0a140001";
    private static final int IDENTIFICATION = 18;

    @TempDir
    private Path mine;

    @SuppressWarnings("NullAway.Init") // set before each test
    private Path recorded;

    @BeforeEach
    void find() throws Exception {
        recorded = Path.of(Objects.requireNonNull(ScorerTest.class.getResource("/corpus/forward/mixed-modes"))
                .toURI());
    }

    private static String ipv4(String protocol, String ttl, String source, String destination) {
        return "0800" + "45000028" + "12340000" + ttl + protocol + "abcd" + source + destination;
    }

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex);
    }

    private static Choice classify(String out, String egress) {
        return Classifier.classify(bytes(SYN), bytes(out), egress);
    }

    /** Copies the recorded answers as if the director had given them. */
    private void answerAsRecorded() throws IOException {
        for (String name : List.of("output.pcap", "output.csv", "conns.txt", "final.txt", "commands.jsonl")) {
            for (String file : List.of(name, name + ".gz")) {
                if (Files.exists(recorded.resolve(file))) {
                    Files.copy(recorded.resolve(file), mine.resolve(file));
                }
            }
        }
        final StringBuilder verdicts = new StringBuilder("idx,verdict,reason,state,expires\n");
        for (int i = 0; i < new ScenarioFiles(recorded).frames("input.pcap").size(); i++) {
            verdicts.append(i).append(",TRANSMIT,,,\n");
        }
        Files.writeString(mine.resolve("verdicts.csv"), verdicts);
    }

    @Test
    void shouldFindTheRecordedAnswersWhole() throws Exception {
        answerAsRecorded();
        final ScenarioScore score = ScenarioScore.of("forward", recorded, mine);
        assertTrue(score.whole(), () -> score.differences().toString());
        assertTrue(score.units() > 20);
    }

    @Test
    void shouldGiveNothingForNothing() throws Exception {
        assertEquals(0, ScenarioScore.of("forward", recorded, mine).equalUnits());
    }

    @Test
    void shouldLoseOneUnitForOneByte() throws Exception {
        answerAsRecorded();
        final Path file = mine.resolve("output.pcap");
        final byte[] capture = Files.readAllBytes(file);
        capture[capture.length - 1] ^= 1;
        Files.write(file, capture);
        assertEquals(
                1, ScenarioScore.of("forward", recorded, mine).differences().size());
    }

    @Test
    void shouldTellForwardingMethodsApart() {
        final String toServer = "020000000214" + "020000000201";
        assertEquals(
                new Choice("dr", "10.20.0.20", "80"),
                classify(toServer + ipv4("06", "3f", "c6336407", "cb007101") + TCP, "rs0"));
        assertEquals(
                new Choice("nat", "10.20.0.20", "80"),
                classify(toServer + ipv4("06", "3f", "c6336407", "0a140014") + TCP, "rs0"));
        assertEquals(
                new Choice("tun-ipip", "10.20.0.20", ""),
                classify(toServer + ipv4("04", "3f", OWN, "0a140014") + SYN.substring(28), "rs0"));
        assertEquals(
                new Choice("tun-gre", "10.20.0.20", ""),
                classify(toServer + ipv4("2f", "3f", OWN, "0a140014") + "00000800" + SYN.substring(28), "rs0"));
        assertEquals(
                new Choice("icmp-error", "", ""),
                classify(toServer + ipv4("01", "3f", "cb007101", "c6336407") + "0303000000000000", "cli0"));
    }

    @Test
    void shouldMaskOnlyTheDirectorsOwnIdentification() {
        final byte[] own = bytes(SYN.substring(0, 24) + ipv4("2f", "40", OWN, "0a140014") + "00000800");
        final byte[] masked = FrameMask.masked(own);
        assertEquals(0, masked[IDENTIFICATION]);
        assertEquals(own[IDENTIFICATION - 1], masked[IDENTIFICATION - 1]);
        assertArrayEquals(bytes(SYN), FrameMask.masked(bytes(SYN)));
    }

    @Test
    void shouldAllowOneSecond() {
        assertTrue(Listings.near("60+119", "59+120"));
        assertFalse(Listings.near("60", "58"));
        assertFalse(Listings.near("-", "60"));
        assertTrue(Listings.sameConnections(List.of("b 01:00", "a 5"), List.of("a 5", "b 00:59", "")));
        assertFalse(Listings.sameConnections(List.of("a 5"), List.of("a 7")));
    }
}
