package io.weir.control.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.control.replay.ReplayCommand;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The frames that docs/packet-walk.md shows are those that the packet path takes and sends. */
final class PacketWalkTest {
    private static final Pattern BLOCK = Pattern.compile("(?ms)^```(?:hex|sh|text) ([\\w-]+)\n(.*?)^```$");
    private static final Pattern LINE = Pattern.compile(" ?(\\d+)  ((?:[0-9a-f]{2} )*[0-9a-f]{2})(?:  .*)?");
    private static final int FILE_HEADER = 24;
    private static final int RECORD_HEADER = 16;

    @TempDir
    private Path in;

    @TempDir
    private Path out;

    private String page;

    @BeforeEach
    void read() throws IOException {
        page = Files.readString(SourceTree.root().resolve("docs/packet-walk.md"));
    }

    @Test
    void shouldSendWhatTheWalkShowsUnderNat() throws IOException {
        assertEquals(frames("request-sent", "reply-sent"), replay("nat", "request", "reply"));
        final String listing = block("listing").strip();
        assertTrue(Files.readString(out.resolve("final.txt")).contains(listing), listing);
    }

    @Test
    void shouldSendWhatTheWalkShowsUnderTun() throws IOException {
        assertEquals(frames("request-tunnelled"), replay("tun", "request"));
    }

    private List<String> replay(String rules, String... frames) throws IOException {
        Files.writeString(in.resolve("rules"), block(rules));
        final ByteBuffer capture = ByteBuffer.allocate(1 << 12).order(ByteOrder.LITTLE_ENDIAN);
        capture.putInt(0xA1B2C3D4).putShort((short) 2).putShort((short) 4);
        capture.position(FILE_HEADER - 8);
        capture.putInt(1 << 16).putInt(1);
        for (final String frame : frames(frames)) {
            final byte[] bytes = HexFormat.of().parseHex(frame);
            capture.putLong(0).putInt(bytes.length).putInt(bytes.length).put(bytes);
        }
        final byte[] file = new byte[capture.position()];
        capture.get(0, file);
        Files.write(in.resolve("input.pcap"), file);
        assertEquals(0, new CommandLine(new ReplayCommand()).execute(in.toString(), out.toString()));
        return captured(out.resolve("output.pcap"));
    }

    private static List<String> captured(Path file) throws IOException {
        final ByteBuffer capture = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        final List<String> found = new ArrayList<>();
        for (int at = FILE_HEADER; at < capture.limit(); ) {
            final byte[] frame = new byte[capture.getInt(at + 8)];
            capture.get(at + RECORD_HEADER, frame);
            found.add(HexFormat.of().formatHex(frame));
            at += RECORD_HEADER + frame.length;
        }
        return found;
    }

    private List<String> frames(String... names) {
        final List<String> found = new ArrayList<>();
        for (final String name : names) {
            final StringBuilder hex = new StringBuilder();
            for (final String line : block(name).lines().toList()) {
                final Matcher matcher = LINE.matcher(line);
                assertTrue(matcher.matches(), name + ": " + line);
                assertEquals(hex.length() / 2, Integer.parseInt(matcher.group(1)), name + ": offset of " + line);
                hex.append(matcher.group(2).replace(" ", ""));
            }
            found.add(hex.toString());
        }
        return found;
    }

    private String block(String name) {
        final Matcher matcher = BLOCK.matcher(page);
        String found = null;
        while (matcher.find()) {
            found = matcher.group(1).equals(name) ? matcher.group(2) : found;
        }
        assertNotNull(found, "no block " + name);
        return found;
    }
}
