package io.weir.bench.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.bench.wire.WireFrames.Change;
import io.weir.bench.wire.WireResult.Forwarder;
import io.weir.bench.wire.WireResult.Measured;
import io.weir.bench.wire.WireResult.Ratio;
import io.weir.packet.InternetChecksum;
import io.weir.packet.PacketParser;
import io.weir.packet.ParseStatus;
import io.weir.packet.ParsedPacket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class WireFramesTest {
    @ParameterizedTest
    @EnumSource(Change.class)
    void shouldExpectFramesWithRightChecksums(Change change) {
        for (int i = 0; i < 64; i++) {
            final byte[] bytes = WireFrames.expected(i, 7, 61, change);
            final UnsafeBuffer frame = new UnsafeBuffer(ByteBuffer.allocateDirect(bytes.length));
            frame.putBytes(0, bytes);
            final ParsedPacket p = new ParsedPacket();

            assertEquals(ParseStatus.OK, new PacketParser().parse(frame, 0, bytes.length, true, p));
            assertEquals(change == Change.NAT ? WireLab.SERVER_PORT : WireLab.VIP_PORT, p.dstPort);
            assertEquals(frame.getShort(40, ByteOrder.BIG_ENDIAN) & 0xFFFF, InternetChecksum.transport(frame, p));
        }
    }

    @Test
    void shouldSayWhichFrameIsWrong(@TempDir Path folder) throws IOException {
        final Path record = folder.resolve("record");
        WireFrames.write(record, 3, 2, 60);
        final List<String> problems = WireFrames.problems(record, 2, 60, Change.MACS);
        assertEquals(3, problems.size());
        assertTrue(problems.get(2).startsWith("frame 2: "), problems::toString);

        Files.write(record, new byte[0]);
        assertEquals(List.of("no frame arrived"), WireFrames.problems(record, 2, 60, Change.MACS));
    }

    @Test
    void shouldCompareRoundByRound() {
        final Forwarder a = new Forwarder("a", "", List.of(1.0, 4.0, 9.0), List.of(), List.of());
        final Forwarder b = new Forwarder("b", "", List.of(1.0, 2.0, 3.0), List.of(), List.of());
        final Measured measured = new Ratio("a", "b", "").measure(a, b);
        assertEquals(List.of(1.0, 2.0, 3.0), measured.ratios());
        assertEquals(2.0, measured.median());
        assertEquals(2.5, WireResult.median(List.of(3.0, 1.0, 2.0, 4.0)));
    }

    @Test
    void shouldRefuseOptionsThatBoundNothing() {
        assertEquals(1, WireCommand.run(new String[] {"--seconds", "1000"}));
        assertEquals(1, WireCommand.run(new String[] {"--only", "nobody"}));
    }
}
