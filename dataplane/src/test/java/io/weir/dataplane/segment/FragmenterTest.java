package io.weir.dataplane.segment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.packet.InternetChecksum;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class FragmenterTest {
    private final Fragmenter fragmenter = new Fragmenter();

    static List<byte[]> cut(Fragmenter fragmenter, byte[] packet, int limit) {
        final List<byte[]> fragments = new ArrayList<>();
        final UnsafeBuffer out = new UnsafeBuffer(new byte[70_000]);
        fragmenter.begin(new UnsafeBuffer(packet), 0, packet.length, limit);
        while (fragmenter.hasNext()) {
            final byte[] fragment = new byte[fragmenter.next(out, 100)];
            out.getBytes(100, fragment);
            fragments.add(fragment);
        }
        return fragments;
    }

    @Test
    void shouldCutAt1396BytesForAnMtuOf1400AsTheKernelDoes() {
        final byte[] packet = Packets.v4(new Random(1), 1381, new byte[0]);
        final List<byte[]> fragments = cut(fragmenter, packet, 1400);
        assertEquals(2, fragments.size());
        assertEquals(1396, fragments.get(0).length);
        assertEquals(25, fragments.get(1).length);
        assertEquals(1376, Packets.parse(fragments.get(1)).fragmentOffset);
    }

    @Test
    void shouldLeaveAPacketThatFitsAlone() {
        final byte[] packet = Packets.v4(new Random(2), 100, new byte[0]);
        final List<byte[]> fragments = cut(fragmenter, packet, 120);
        assertEquals(1, fragments.size());
        assertArrayEquals(packet, fragments.get(0));
    }

    @Test
    void shouldRepeatOnlyCopiedOptionsAndKeepTheHeaderLength() {
        // Record route (7, not copied), no-operation, stream id (136, copied).
        final byte[] options = HexFormat.of().parseHex("0707040000000001880412340000");
        final byte[] padded = Arrays.copyOf(options, 16);
        final List<byte[]> fragments = cut(fragmenter, Packets.v4(new Random(3), 900, padded), 500);
        assertEquals(2, fragments.size());
        assertArrayEquals(padded, Arrays.copyOfRange(fragments.get(0), 20, 36));
        final byte[] later = HexFormat.of().parseHex("01010101010101018804123400000000");
        assertArrayEquals(later, Arrays.copyOfRange(fragments.get(1), 20, 36));
    }

    @Test
    void shouldKeepDontFragmentAndTheIdentification() {
        final byte[] packet = Packets.v4(new Random(4), 300, new byte[0]);
        packet[6] |= 0x40;
        final UnsafeBuffer b = new UnsafeBuffer(packet);
        IpHeader.computeChecksumV4(b, 0, 20);
        for (final byte[] fragment : cut(fragmenter, packet, 124)) {
            assertTrue(Packets.parse(fragment).dontFragment);
            assertEquals(IpHeader.u16(b, 4), IpHeader.u16(new UnsafeBuffer(fragment), 4));
            assertEquals(0, InternetChecksum.finish(InternetChecksum.sum(new UnsafeBuffer(fragment), 0, 20, 0)));
        }
    }

    @Test
    void shouldCutAFragmentAgain() {
        final byte[] first = cut(fragmenter, Packets.v4(new Random(5), 2000, new byte[0]), 1020)
                .get(0);
        final List<byte[]> again = cut(fragmenter, first, 420);
        assertEquals(3, again.size());
        assertEquals(800, Packets.parse(again.get(2)).fragmentOffset);
        assertTrue(Packets.parse(again.get(2)).moreFragments);
    }

    @Test
    void shouldPutTheFragmentHeaderBehindHopByHopOptions() {
        final byte[] plain = Packets.v6(new Random(6), 2008);
        // A hop-by-hop header of 8 bytes: next header UDP, PadN.
        plain[6] = 0;
        System.arraycopy(HexFormat.of().parseHex("1100010400000000"), 0, plain, 40, 8);
        IpHeader.putU16(new UnsafeBuffer(plain), 48 + 4, 2000);
        final List<byte[]> fragments = cut(fragmenter, plain, 1280);
        assertEquals(2, fragments.size());
        for (final byte[] fragment : fragments) {
            assertEquals(0, fragment[6]);
            assertEquals(44, fragment[40]);
            assertEquals(17, fragment[48]);
            assertTrue(fragment.length <= 1280);
        }
        assertFalse(Packets.parse(fragments.get(1)).moreFragments);
    }

    @Test
    void shouldGiveAWholeIpv6PacketAFragmentHeaderIfAsked() {
        final UnsafeBuffer packet = new UnsafeBuffer(Packets.v6(new Random(7), 300));
        final UnsafeBuffer out = new UnsafeBuffer(new byte[1280]);
        fragmenter.begin(packet, 0, packet.capacity(), 1280, true);
        assertEquals(packet.capacity() + 8, fragmenter.next(out, 0));
        assertFalse(fragmenter.hasNext());
        assertEquals(44, out.getByte(6));
        assertEquals(0, IpHeader.u16(out, 42));
    }
}
