package io.weir.dataplane.segment;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.weir.packet.PacketParser;
import io.weir.packet.ParseStatus;
import io.weir.packet.ParsedPacket;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** Fragments go through as they went through the kernel: joined, then cut at the largest size that came in. */
class KernelFragmentsTest {
    private static final int ETHERNET = 14;

    private final Reassembler reassembler = new Reassembler();
    private final Fragmenter fragmenter = new Fragmenter();

    @Test
    void shouldEmitTheKernelsFragments() throws IOException {
        final List<String[]> lines = lines();
        for (int i = 0; i < lines.size(); ) {
            final String[] in = lines.get(i++);
            final List<String> wanted = new ArrayList<>();
            while (i < lines.size() && lines.get(i)[1].equals("out")) {
                wanted.add(comparable(HexFormat.of().parseHex(lines.get(i++)[2]), ETHERNET));
            }
            if (!wanted.isEmpty() && wanted.get(0).startsWith("icmp")) {
                // Larger than the way out allows: refused, which is not ours to decide.
                through(HexFormat.of().parseHex(in[2]));
                continue;
            }
            assertEquals(wanted, through(HexFormat.of().parseHex(in[2])), in[0]);
        }
    }

    private static List<String[]> lines() throws IOException {
        try (InputStream in =
                Objects.requireNonNull(KernelFragmentsTest.class.getResourceAsStream("kernel-fragments.txt"))) {
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII)
                    .lines()
                    .filter(l -> !l.startsWith("#"))
                    .map(l -> l.split(" ", -1))
                    .toList();
        }
    }

    private List<String> through(byte[] frame) {
        final ParsedPacket packet = new ParsedPacket();
        assertEquals(ParseStatus.OK, new PacketParser().parse(new UnsafeBuffer(frame), 0, frame.length, true, packet));
        final List<String> sent = new ArrayList<>();
        final int length = reassembler.offer(packet, 0);
        if (length <= 0) {
            return sent;
        }
        final UnsafeBuffer out = new UnsafeBuffer(new byte[2000]);
        fragmenter.begin(reassembler.buffer(), reassembler.offset(), length, reassembler.largestFragment());
        while (fragmenter.hasNext()) {
            final byte[] fragment = new byte[fragmenter.next(out, 0)];
            out.getBytes(0, fragment);
            sent.add(comparable(fragment, 0));
        }
        return sent;
    }

    /** Without what routing changes (TTL, IPv4 header checksum) and the random IPv6 identification. */
    private static String comparable(byte[] bytes, int l3) {
        if (bytes[l3] >>> 4 == 4) {
            bytes[l3 + 8] = 0;
            bytes[l3 + 10] = 0;
            bytes[l3 + 11] = 0;
        } else if (bytes[l3 + 6] == 58) {
            return "icmp";
        } else {
            bytes[l3 + 7] = 0;
            for (int i = 44; i < 48; i++) {
                bytes[l3 + i] = 0;
            }
        }
        return HexFormat.of().formatHex(bytes, l3, bytes.length);
    }
}
