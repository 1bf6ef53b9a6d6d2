package io.weir.dataplane;

import static io.weir.dataplane.PathFixture.CLIENT;
import static io.weir.dataplane.PathFixture.VIP;
import static io.weir.dataplane.PathFixture.fromClient;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.packet.InternetChecksum;
import io.weir.packet.ParsedPacket;
import io.weir.packet.TcpFlags;
import io.weir.service.Destination.Tunnel;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Frames of local stacks: checksums left to the NIC, and super-frames. */
class OffloadTest {
    private static final int TCP = 34;

    static Stream<PathFixture.Builder> methods() {
        return Stream.of(PathFixture.nat(), PathFixture.dr(), PathFixture.tun(Tunnel.IPIP), PathFixture.fullNat());
    }

    /** The frame as a local stack sends it: its checksum field holds the sum of the pseudo header. */
    private static byte[] partial(byte[] frame) {
        final ParsedPacket p = PathFixture.parsed(frame);
        final int sum = InternetChecksum.fold(
                InternetChecksum.pseudoHeader(p.srcHi, p.srcLo, p.dstHi, p.dstLo, p.protocol, p.l4Length));
        frame[TCP + 16] = (byte) (sum >> 8);
        frame[TCP + 17] = (byte) sum;
        return frame;
    }

    private static byte[] data(int payload) {
        return partial(fromClient()
                .ip(CLIENT, VIP)
                .dontFragment()
                .tcp(40000, 80, TcpFlags.ACK | TcpFlags.PSH)
                .seq(5000)
                .payload(payload)
                .build());
    }

    private static void open(PathFixture f) {
        f.run(fromClient().ip(CLIENT, VIP).tcp(40000, 80, TcpFlags.SYN), 0);
    }

    /** The TCP segment inside an IPIP packet, or the frame itself. */
    private static byte[] unwrapped(byte[] frame) {
        if (PathFixture.parsed(frame).protocol != 4) {
            return frame;
        }
        final byte[] inner = new byte[frame.length - 20];
        System.arraycopy(frame, 0, inner, 0, 14);
        System.arraycopy(frame, 34, inner, 14, frame.length - 34);
        return inner;
    }

    @ParameterizedTest
    @MethodSource("methods")
    void shouldCompleteAPartialChecksumWhereTheDeviceCannot(PathFixture.Builder how) {
        final PathFixture f = how.build();
        open(f);
        final List<byte[]> out = f.run(data(100), 0, TCP, 0);
        assertEquals(1, out.size());
        assertTrue(PathFixture.checksumHolds(unwrapped(out.get(0))));
    }

    @ParameterizedTest
    @MethodSource("methods")
    void shouldCutASuperFrameIntoSegmentsWithRightChecksums(PathFixture.Builder how) {
        final PathFixture f = how.build();
        open(f);
        final List<byte[]> out = f.run(data(10_000), 0, TCP, 1400);
        assertEquals(8, out.size());
        int seq = 5000;
        for (final byte[] frame : out) {
            final byte[] segment = unwrapped(frame);
            assertTrue(PathFixture.checksumHolds(segment));
            final ParsedPacket p = PathFixture.parsed(segment);
            final int at = p.l4Offset + 4;
            assertEquals(seq, (segment[at + 2] & 0xFF) << 8 | segment[at + 3] & 0xFF);
            seq += p.l4Length - p.tcpHeaderLength;
        }
        assertEquals(15_000, seq);
    }

    @Test
    void shouldCarryAPartialChecksumThroughNatWithItsPseudoHeaderPatched() {
        final PathFixture f = PathFixture.nat().offloads().build();
        open(f);
        final byte[] out = f.run(data(100), 0, TCP, 0).get(0);
        assertEquals(TCP, f.batch.checksumStart[0]);
        final ParsedPacket p = PathFixture.parsed(out);
        final int pseudo = InternetChecksum.fold(
                InternetChecksum.pseudoHeader(p.srcHi, p.srcLo, p.dstHi, p.dstLo, p.protocol, p.l4Length));
        assertEquals(pseudo, (out[TCP + 16] & 0xFF) << 8 | out[TCP + 17] & 0xFF);
    }

    @Test
    void shouldRefuseASuperFrameWhoseSegmentsDoNotFitTheTunnel() {
        final PathFixture f = PathFixture.tun(Tunnel.IPIP).offloads().build();
        open(f);
        final ParsedPacket error =
                PathFixture.parsed(f.run(data(10_000), 0, TCP, 1460).get(0));
        assertEquals(3, error.icmpType);
        assertEquals(4, error.icmpCode);
    }
}
