package io.weir.sched;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The shortcut for the last entries takes the ones that walking takes. */
class PreferenceTableTest {
    @ParameterizedTest
    @CsvSource({"251,1", "251,3", "251,251", "4093,2", "4093,100", "65537,40"})
    void shouldTakeWhatWalkingTakes(int size, int destinations) {
        final Random random = new Random(size * 31L + destinations);
        for (int round = 0; round < 20; round++) {
            final int[] place = random.ints(destinations, 0, size).toArray();
            final int[] stride = random.ints(destinations, 1, size).toArray();
            final int[] turns = random.ints(size, 0, destinations).toArray();
            final PreferenceTable table = new PreferenceTable(size, place.clone(), stride);
            for (final int index : turns) {
                table.take(index);
            }
            assertEquals(Arrays.toString(walk(size, place, stride, turns)), Arrays.toString(table.entries()));
        }
    }

    private static char[] walk(int size, int[] place, int[] stride, int[] turns) {
        final int[] owner = new int[size];
        Arrays.fill(owner, -1);
        for (final int index : turns) {
            while (owner[place[index]] >= 0) {
                place[index] = (place[index] + stride[index]) % size;
            }
            owner[place[index]] = index;
        }
        final char[] entries = new char[size];
        Arrays.setAll(new int[size], i -> entries[i] = (char) owner[i]);
        return entries;
    }
}
