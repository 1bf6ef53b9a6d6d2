package io.weir.dataplane.segment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class ReassemblerTest {
    private static final long SECOND_NS = 1_000_000_000L;

    private final Reassembler reassembler = new Reassembler(4);
    private final Fragmenter fragmenter = new Fragmenter();

    private byte[] taken(int length) {
        final byte[] packet = new byte[length];
        reassembler.buffer().getBytes(reassembler.offset(), packet);
        return packet;
    }

    private int offer(byte[] fragment, long nowNs) {
        return reassembler.offer(Packets.parse(fragment), nowNs);
    }

    @RepeatedTest(300)
    void shouldGiveBackWhatWasCutWhateverSizesOrdersAndDuplicates(RepetitionInfo info) {
        final Random random = new Random(info.getCurrentRepetition());
        final boolean v4 = random.nextBoolean();
        final int payload = 64 + random.nextInt(random.nextBoolean() ? 3000 : 60_000);
        final byte[] packet =
                v4 ? Packets.v4(random, payload, new byte[4 * random.nextInt(11)]) : Packets.v6(random, payload);
        final int limit = Math.max(120, packet.length / (2 + random.nextInt(40)));
        final List<byte[]> fragments = FragmenterTest.cut(fragmenter, packet, limit);
        final List<byte[]> sent = new ArrayList<>(fragments);
        final byte[] last = sent.remove(random.nextInt(sent.size()));
        for (int i = random.nextInt(3); i > 0 && !sent.isEmpty(); i--) {
            sent.add(sent.get(random.nextInt(sent.size())));
        }
        Collections.shuffle(sent, random);
        for (final byte[] fragment : sent) {
            assertEquals(Reassembler.HELD, offer(fragment, 0));
        }
        final int length = offer(last, 0);
        assertEquals(packet.length, length);
        assertArrayEquals(packet, taken(length));
        assertEquals(fragments.stream().mapToInt(f -> f.length).max().orElseThrow(), reassembler.largestFragment());
        assertTrue(reassembler.headroom() >= Reassembler.HEADROOM);
        assertEquals(1, reassembler.reassembled());
    }

    @Test
    void shouldKeepDontFragmentIfTheLargestFragmentHadIt() {
        final byte[] packet = Packets.v4(new Random(1), 1000, new byte[0]);
        packet[6] |= 0x40;
        IpHeader.computeChecksumV4(new UnsafeBuffer(packet), 0, 20);
        int length = 0;
        for (final byte[] fragment : FragmenterTest.cut(fragmenter, packet, 500)) {
            length = offer(fragment, 0);
        }
        assertTrue(reassembler.dontFragment());
        assertArrayEquals(packet, taken(length));
    }

    @Test
    void shouldDropThePacketWhenFragmentsOverlap() {
        final byte[] packet = Packets.v4(new Random(2), 1000, new byte[0]);
        final List<byte[]> wide = FragmenterTest.cut(fragmenter, packet, 420);
        final List<byte[]> narrow = FragmenterTest.cut(fragmenter, packet, 300);
        assertEquals(Reassembler.HELD, offer(wide.get(0), 0));
        assertEquals(Reassembler.DROPPED, offer(narrow.get(1), 0));
        assertEquals(0, reassembler.held());
        assertEquals(1, reassembler.failures());
    }

    @Test
    void shouldKeepPacketsOfDifferentIdentificationsApart() {
        final byte[] one = Packets.v4(new Random(3), 500, new byte[0]);
        final byte[] two = Packets.v4(new Random(4), 500, new byte[0]);
        final List<byte[]> ones = FragmenterTest.cut(fragmenter, one, 300);
        final List<byte[]> twos = FragmenterTest.cut(fragmenter, two, 300);
        assertEquals(Reassembler.HELD, offer(ones.get(0), 0));
        assertEquals(Reassembler.HELD, offer(twos.get(1), 0));
        assertArrayEquals(two, taken(offer(twos.get(0), 0)));
        assertArrayEquals(one, taken(offer(ones.get(1), 0)));
    }

    @Test
    void shouldForgetAPacketAfterThirtySecondsAndTellItsFirstFragment() {
        final List<byte[]> fragments =
                FragmenterTest.cut(fragmenter, Packets.v4(new Random(5), 1000, new byte[0]), 500);
        offer(fragments.get(0), 0);
        assertEquals(Reassembler.HELD, reassembler.expire(29 * SECOND_NS));
        final int entry = reassembler.expire(30 * SECOND_NS);
        assertTrue(entry >= 0);
        assertEquals(fragments.get(0).length, reassembler.firstFragmentLength(entry));
        final byte[] first = new byte[fragments.get(0).length];
        reassembler.buffer().getBytes(reassembler.l3Offset(entry), first);
        assertArrayEquals(fragments.get(0), first);
        reassembler.release(entry);
        assertEquals(Reassembler.HELD, reassembler.expire(30 * SECOND_NS));
        assertEquals(0, reassembler.held());
        assertEquals(1, reassembler.timeouts());
    }

    @Test
    void shouldLetAnIpv6PacketWaitSixtySeconds() {
        final List<byte[]> fragments = FragmenterTest.cut(fragmenter, Packets.v6(new Random(6), 1000), 500);
        offer(fragments.get(1), 0);
        offer(fragments.get(2), 59 * SECOND_NS);
        assertEquals(1, reassembler.held());
        assertEquals(Reassembler.HELD, offer(fragments.get(0), 60 * SECOND_NS));
        assertEquals(1, reassembler.timeouts());
    }

    @Test
    void shouldLetTheOldestGoWhenAllEntriesAreInUse() {
        for (int i = 0; i < 5; i++) {
            offer(
                    FragmenterTest.cut(fragmenter, Packets.v4(new Random(10 + i), 500, new byte[0]), 300)
                            .get(0),
                    i);
        }
        assertEquals(1, reassembler.evictions());
        assertEquals(4, reassembler.held());
        final List<byte[]> first = FragmenterTest.cut(fragmenter, Packets.v4(new Random(10), 500, new byte[0]), 300);
        assertEquals(Reassembler.HELD, offer(first.get(1), 5));
    }

    @Test
    void shouldRefuseMoreThan65535Bytes() {
        final byte[] packet = Packets.v4(new Random(7), 800, new byte[0]);
        final byte[] last = FragmenterTest.cut(fragmenter, packet, 420).get(1);
        IpHeader.putU16(new UnsafeBuffer(last), 6, 0x1FFF);
        IpHeader.computeChecksumV4(new UnsafeBuffer(last), 0, 20);
        assertEquals(Reassembler.DROPPED, offer(last, 0));
        assertEquals(0, reassembler.held());
    }

    @Test
    void shouldJoinCongestionMarksAndRefuseMixedOnes() {
        final List<byte[]> fragments = marked(2, 3);
        offer(fragments.get(0), 0);
        final int length = offer(fragments.get(1), 0);
        assertEquals(3, taken(length)[1] & 3);
        final List<byte[]> mixed = marked(0, 3);
        offer(mixed.get(0), 0);
        assertEquals(Reassembler.DROPPED, offer(mixed.get(1), 0));
        assertFalse(reassembler.held() > 0);
    }

    private List<byte[]> marked(int first, int second) {
        final List<byte[]> fragments = FragmenterTest.cut(fragmenter, Packets.v4(new Random(8), 500, new byte[0]), 300);
        fragments.get(0)[1] = (byte) first;
        fragments.get(1)[1] = (byte) second;
        for (final byte[] f : fragments) {
            IpHeader.computeChecksumV4(new UnsafeBuffer(f), 0, 20);
        }
        return fragments;
    }
}
