package io.weir.packet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.agrona.concurrent.UnsafeBuffer;

/** The fast sums and the patches against the slow and obvious sum of RFC 1071. */
class InternetChecksumPropertyTest {
    /** Sums words one by one, carrying at once. */
    private static int slow(byte[] bytes, int offset, int length) {
        int sum = 0;
        for (int i = 0; i < length; i += 2) {
            final int high = bytes[offset + i] & 0xFF;
            final int low = i + 1 < length ? bytes[offset + i + 1] & 0xFF : 0;
            sum += high << 8 | low;
            if (sum > 0xFFFF) {
                sum = (sum & 0xFFFF) + 1;
            }
        }
        return sum;
    }

    @Property(tries = 2000)
    void shouldSumAsTheSlowWayDoes(@ForAll @Size(max = 2000) byte[] bytes, @ForAll @IntRange(max = 9) int skip) {
        final int offset = Math.min(skip, bytes.length);
        final int length = bytes.length - offset;
        final UnsafeBuffer buffer = new UnsafeBuffer(bytes);
        final int expected = slow(bytes, offset, length);
        assertEquals(expected, InternetChecksum.fold(InternetChecksum.sum(buffer, offset, length, 0)));
        assertEquals(~expected & 0xFFFF, InternetChecksum.finish(InternetChecksum.sum(buffer, offset, length, 0)));
    }

    @Property
    void shouldAddPiecesOfEvenLength(@ForAll @Size(max = 200) byte[] bytes, @ForAll @IntRange(max = 200) int cut) {
        final int first = Math.min(cut, bytes.length) & ~1;
        final UnsafeBuffer buffer = new UnsafeBuffer(bytes);
        final long sum = InternetChecksum.sum(buffer, 0, first, 0);
        final long both = InternetChecksum.sum(buffer, first, bytes.length - first, sum);
        assertEquals(slow(bytes, 0, bytes.length), InternetChecksum.fold(both));
    }

    @Property
    void shouldFoldAnyAccumulator(@ForAll long value) {
        final long accumulator = value & Long.MAX_VALUE;
        final int folded = InternetChecksum.fold(accumulator);
        assertTrue(folded >= 0 && folded <= 0xFFFF);
        assertEquals(accumulator % 0xFFFF, folded % 0xFFFF);
        assertEquals(accumulator == 0, folded == 0);
    }

    @Provide
    Arbitrary<byte[]> headers() {
        // all zeros and all ones often: there are the two zeros of one's complement
        final Arbitrary<Byte> octets = Arbitraries.frequencyOf(
                net.jqwik.api.Tuple.of(3, Arbitraries.just((byte) 0)),
                net.jqwik.api.Tuple.of(3, Arbitraries.just((byte) 0xFF)),
                net.jqwik.api.Tuple.of(4, Arbitraries.bytes()));
        return octets.array(byte[].class).ofSize(40).filter(InternetChecksumPropertyTest::isNotZero);
    }

    private static boolean isNotZero(byte[] bytes) {
        // byte 0 plays the version nibble: no header that is patched is ever all zero
        return bytes[0] != 0;
    }

    private static int full(byte[] bytes) {
        return ~slow(bytes, 0, bytes.length) & 0xFFFF;
    }

    @Property(tries = 5000)
    void shouldPatch16BitsAsIfComputedAnew(
            @ForAll("headers") byte[] bytes, @ForAll @IntRange(min = 1, max = 19) int word, @ForAll short random) {
        for (final int value : new int[] {random & 0xFFFF, 0, 0xFFFF}) {
            final UnsafeBuffer buffer = new UnsafeBuffer(bytes.clone());
            final int at = word * 2;
            final int old = buffer.getShort(at, java.nio.ByteOrder.BIG_ENDIAN) & 0xFFFF;
            buffer.putShort(at, (short) value, java.nio.ByteOrder.BIG_ENDIAN);
            assertEquals(full(buffer.byteArray()), InternetChecksum.update16(full(bytes), old, value));
        }
    }

    @Property(tries = 2000)
    void shouldPatchAtOddPlaces(
            @ForAll("headers") byte[] bytes, @ForAll @IntRange(min = 1, max = 18) int word, @ForAll short value) {
        final UnsafeBuffer buffer = new UnsafeBuffer(bytes.clone());
        final int at = word * 2 + 1;
        final int old = buffer.getShort(at, java.nio.ByteOrder.BIG_ENDIAN) & 0xFFFF;
        buffer.putShort(at, value, java.nio.ByteOrder.BIG_ENDIAN);
        assertEquals(full(buffer.byteArray()), InternetChecksum.update16Odd(full(bytes), old, value));
    }

    @Property(tries = 5000)
    void shouldPatch32BitsAsIfComputedAnew(
            @ForAll("headers") byte[] bytes, @ForAll @IntRange(min = 1, max = 9) int word, @ForAll int random) {
        for (final int value : new int[] {random, 0, -1, 0xFFFF, 0xFFFF_0000}) {
            final UnsafeBuffer buffer = new UnsafeBuffer(bytes.clone());
            final int old = buffer.getInt(word * 4, java.nio.ByteOrder.BIG_ENDIAN);
            buffer.putInt(word * 4, value, java.nio.ByteOrder.BIG_ENDIAN);
            assertEquals(full(buffer.byteArray()), InternetChecksum.update32(full(bytes), old, value));
        }
    }

    @Provide
    Arbitrary<IpAddress> addresses() {
        final Arbitrary<Long> halves = Arbitraries.oneOf(Arbitraries.longs(), Arbitraries.of(0L, -1L, 1L, 0xFFFFL));
        final Arbitrary<Integer> words = Arbitraries.oneOf(Arbitraries.integers(), Arbitraries.of(0, -1, 0xFFFF));
        return Arbitraries.oneOf(
                words.map(IpAddress::ofV4), halves.flatMap(hi -> halves.map(lo -> new IpAddress(hi, lo))));
    }

    /** What a segment's checksum would be with these addresses, the slow way and each family by its own rule. */
    private static int segment(IpAddress a, IpAddress b, byte[] payload) {
        final byte[] pseudo = PacketBuilder.join(java.util.List.of(
                a.toBytes(), b.toBytes(), new byte[] {0, 6}, new byte[] {0, (byte) payload.length}, payload));
        return ~slow(pseudo, 0, pseudo.length) & 0xFFFF;
    }

    @Property(tries = 3000)
    void shouldPatchAddressesAcrossFamilies(
            @ForAll("addresses") IpAddress from,
            @ForAll("addresses") IpAddress old,
            @ForAll("addresses") IpAddress now,
            @ForAll @Size(min = 20, max = 60) byte[] payload) {
        final UnsafeBuffer buffer = new UnsafeBuffer(payload);
        final long pseudo = InternetChecksum.pseudoHeader(from.hi(), from.lo(), old.hi(), old.lo(), 6, payload.length);
        final int before = InternetChecksum.finish(InternetChecksum.sum(buffer, 0, payload.length, pseudo));
        assertEquals(segment(from, old, payload), before);
        assertEquals(
                segment(from, now, payload),
                InternetChecksum.updateAddress(before, old.hi(), old.lo(), now.hi(), now.lo()));
    }
}
