package io.weir.packet;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.agrona.concurrent.UnsafeBuffer;

/** No bytes of any length make the parser, a view after its check, or the printer throw or read outside the frame. */
class ParserRobustnessPropertyTest {
    private final Exerciser exerciser = new Exerciser();

    @Property(tries = 3000)
    void shouldTakeAnyBytes(@ForAll @Size(max = 2000) byte[] bytes) {
        readAsFrame(bytes);
    }

    @Property(tries = 1500)
    void shouldTakeMutatedPackets(@ForAll long seed) {
        final Random random = new Random(seed);
        final byte[] frame = new RandomPackets(seed).next();
        for (int mutations = 1 + random.nextInt(6); mutations > 0; mutations--) {
            // headers are at the front, and that is where mutations are interesting
            final int at = random.nextInt(random.nextBoolean() ? Math.min(frame.length, 80) : frame.length);
            frame[at] = (byte) (random.nextBoolean() ? random.nextInt(256) : frame[at] ^ 1 << random.nextInt(8));
        }
        repairIpv4Checksum(frame);
        readAsFrame(frame);
    }

    @Property(tries = 200)
    void shouldTakePacketsCutAtEveryByte(@ForAll long seed) {
        final byte[] frame = new RandomPackets(seed).next();
        final int most = Math.min(frame.length, 200);
        for (int length = 0; length <= most; length++) {
            readAsFrame(Arrays.copyOf(frame, length));
        }
    }

    @Property(tries = 5000)
    void shouldWalkAnyTcpOptions(@ForAll long seed) {
        final Random random = new Random(seed);
        final byte[] segment = new byte[20 + 4 * random.nextInt(11)];
        segment[12] = (byte) (segment.length << 2);
        final int[] kinds = {0, 1, 2, 2, 3, 8, 8, 10, 4, 40, 255};
        for (int at = 20; at < segment.length; at++) {
            segment[at] = (byte) kinds[random.nextInt(kinds.length)];
        }
        final TcpView view = new TcpView().wrap(new UnsafeBuffer(segment), 0, segment.length);
        assertEquals(ParseStatus.OK, view.check());
        view.maximumSegmentSize();
        view.timestampValue();
        view.timestampEchoReply();
        view.rewriteMaximumSegmentSize(1400);
    }

    /** The same bytes are read the same wherever they are and whatever is around them. */
    private void readAsFrame(byte[] bytes) {
        final UnsafeBuffer exact = new UnsafeBuffer(bytes.clone());
        final long expected = exerciser.everything(exact, 0, bytes.length);
        final int before = 7;
        final byte[] surrounded = new byte[before + bytes.length + 64];
        Arrays.fill(surrounded, (byte) 0xFF);
        System.arraycopy(bytes, 0, surrounded, before, bytes.length);
        assertEquals(expected, exerciser.everything(new UnsafeBuffer(surrounded), before, bytes.length));
        // and at the end of a buffer, where reading one byte further throws
        final UnsafeBuffer last = new UnsafeBuffer(Arrays.copyOf(surrounded, before + bytes.length));
        assertEquals(expected, exerciser.everything(last, before, bytes.length));
    }

    /** Most mutations break the header checksum, behind which the parser would never look. */
    static void repairIpv4Checksum(byte[] frame) {
        final UnsafeBuffer buffer = new UnsafeBuffer(frame);
        final EthernetView ethernet = new EthernetView().wrap(buffer, 0, frame.length);
        if (ethernet.check() == ParseStatus.OK && ethernet.etherType() == ProtocolNumbers.ETHERTYPE_IPV4) {
            final Ipv4View view = new Ipv4View().wrap(buffer, ethernet.headerLengthBytes(), frame.length);
            if (view.check() == ParseStatus.OK) {
                view.fillHeaderChecksum();
            }
        }
    }
}
