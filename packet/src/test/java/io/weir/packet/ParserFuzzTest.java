package io.weir.packet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/**
 * Feeds bytes to everything that reads bytes.
 *
 * <p>In a plain build the fuzz test replays its corpus, {@code ParserFuzzTestInputs}; with {@code JAZZER_FUZZ=1} in the
 * environment it searches for a minute. A finding is added to the corpus under a name that says what it was.
 */
class ParserFuzzTest {
    private static final String CORPUS = "ParserFuzzTestInputs/shouldReadAnything/";
    private static final int ROUNDS = 20_000;

    @FuzzTest(maxDuration = "1m")
    void shouldReadAnything(byte[] data) {
        new Exerciser().everything(new UnsafeBuffer(data), 0, data.length);
    }

    @Test
    void shouldHaveASeedOfEveryKind() throws IOException {
        for (final Map.Entry<String, byte[]> seed : SeedPackets.all().entrySet()) {
            try (InputStream file = ParserFuzzTest.class.getResourceAsStream(CORPUS + seed.getKey())) {
                assertNotNull(file, seed.getKey());
                assertArrayEquals(seed.getValue(), file.readAllBytes(), seed.getKey());
            }
        }
    }

    /** A small fuzzer without feedback: seeds spliced, cut, and changed where lengths are. */
    @Test
    void shouldReadSplicedAndMutatedSeeds() {
        final long seed = System.nanoTime();
        final Random random = new Random(seed);
        final List<byte[]> seeds = new ArrayList<>(SeedPackets.all().values());
        final Exerciser exerciser = new Exerciser();
        for (int round = 0; round < ROUNDS; round++) {
            final byte[] input = splice(random, seeds);
            try {
                exerciser.everything(new UnsafeBuffer(input), 0, input.length);
            } catch (RuntimeException e) {
                throw new AssertionError("seed=" + seed + " round=" + round + " input=" + hex(input), e);
            }
        }
    }

    private static byte[] splice(Random random, List<byte[]> seeds) {
        final byte[] head = seeds.get(random.nextInt(seeds.size()));
        final byte[] tail = seeds.get(random.nextInt(seeds.size()));
        final int cut = random.nextInt(head.length + 1);
        final int from = random.nextBoolean() ? Math.min(cut, tail.length) : random.nextInt(tail.length + 1);
        final byte[] whole = PacketBuilder.join(
                List.of(java.util.Arrays.copyOf(head, cut), java.util.Arrays.copyOfRange(tail, from, tail.length)));
        final int[] edges = {0, 1, 4, 5, 0x0F, 0x45, 0x4F, 0x60, 0x7F, 0x80, 0xF0, 0xFF};
        for (int mutations = whole.length == 0 ? 0 : random.nextInt(4); mutations > 0; mutations--) {
            whole[random.nextInt(whole.length)] = (byte) edges[random.nextInt(edges.length)];
        }
        if (random.nextBoolean()) {
            ParserRobustnessPropertyTest.repairIpv4Checksum(whole);
        }
        return whole;
    }

    private static String hex(byte[] bytes) {
        return java.util.HexFormat.of().formatHex(bytes);
    }
}
