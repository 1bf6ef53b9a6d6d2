package io.weir.control.lab;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/** What passes one interface of a lab, taken by tcpdump from {@link #start} to {@link #close}. */
public final class Capture implements AutoCloseable {
    private static final Duration READY_LIMIT = Duration.ofSeconds(10);
    private static final int FILE_HEADER_BYTES = 24;
    private static final int RECORD_HEADER_BYTES = 16;
    private static final int INCLUDED_LENGTH = 8;
    /** tcpdump's words for a wrong IP, TCP, UDP, ICMP or ICMPv6 checksum. */
    private static final Pattern WRONG = Pattern.compile("incorrect|bad (udp|icmp6?)? ?cksum|wrong (icmp )?cksum");

    private final Background tcpdump;
    private final Path file;

    private Capture(Background tcpdump, Path file) {
        this.tcpdump = tcpdump;
        this.file = file;
    }

    /**
     * Starts one; it misses nothing that comes after this returns.
     *
     * @param filter in pcap's language, one word each
     */
    public static Capture start(Lab lab, Namespace where, String interfaceName, String... filter) {
        final String name = where.role() + "-" + interfaceName;
        final Path file = lab.folder().resolve(name + ".pcap");
        // -U and immediate mode: what came is in the file when it is stopped; -Z root: it may write there.
        final List<String> command = new ArrayList<>(List.of("tcpdump", "-i", interfaceName, "-n", "-U", "-s", "0"));
        command.addAll(List.of("-B", "16384", "--immediate-mode", "-Z", "root", "-w", file.toString()));
        command.addAll(Arrays.asList(filter));
        final Background tcpdump = lab.start(where, "tcpdump-" + interfaceName, command);
        tcpdump.awaitUntil(READY_LIMIT, () -> tcpdump.output().contains("listening on"));
        return new Capture(tcpdump, file);
    }

    /** Where the capture file is. */
    public Path file() {
        return file;
    }

    /** All frames so far. */
    public List<byte[]> frames() {
        final ByteBuffer bytes;
        try {
            bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.nativeOrder());
        } catch (IOException e) {
            throw new LabException("cannot read " + file + ": " + e.getMessage(), e);
        }
        final List<byte[]> frames = new ArrayList<>();
        int at = FILE_HEADER_BYTES;
        while (at + RECORD_HEADER_BYTES <= bytes.limit()) {
            final int length = bytes.getInt(at + INCLUDED_LENGTH);
            at += RECORD_HEADER_BYTES;
            if (length < 0 || length > bytes.limit() - at) {
                break;
            }
            final byte[] frame = new byte[length];
            bytes.get(at, frame);
            frames.add(frame);
            at += length;
        }
        return frames;
    }

    /** The lines of {@code tcpdump -vv} that find a checksum wrong; for wires without offloads. */
    public List<String> wrongChecksums() {
        return Shell.must("tcpdump", "-n", "-vv", "-r", file.toString())
                .lines()
                .filter(line -> WRONG.matcher(line).find())
                .toList();
    }

    @Override
    public void close() {
        tcpdump.close();
    }
}
