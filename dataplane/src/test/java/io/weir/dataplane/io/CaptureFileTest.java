package io.weir.dataplane.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pcap4j.core.PcapHandle;
import org.pcap4j.core.Pcaps;

class CaptureFileTest {
    private static final byte[] FRAME = TestFrames.numbered(true, 5, 77);
    private static final long TIME_NS = 1_700_000_000_123_456_789L;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private Path file(ByteOrder order, int magic, int linkType, int cutBytes) throws IOException {
        final ByteBuffer b = ByteBuffer.allocate(40 + FRAME.length).order(order);
        b.putInt(magic).putShort((short) 2).putShort((short) 4).putInt(0).putInt(0);
        b.putInt(65_535).putInt(linkType);
        b.putInt(1_700_000_000).putInt(magic == CaptureFile.MAGIC_NANOS ? 123_456_789 : 123_456);
        b.putInt(FRAME.length).putInt(FRAME.length + 9).put(FRAME);
        final Path file = folder.resolve("capture");
        final byte[] bytes = new byte[b.capacity() - cutBytes];
        b.get(0, bytes);
        return Files.write(file, bytes);
    }

    private static byte[] frame(CaptureReader reader) {
        final byte[] bytes = new byte[reader.length()];
        reader.buffer().getBytes(reader.offset(), bytes);
        return bytes;
    }

    @ParameterizedTest
    @CsvSource({"true,true", "true,false", "false,true", "false,false"})
    void shouldReadBothByteOrdersAndBothResolutions(boolean big, boolean nanos) throws IOException {
        final Path file = file(
                big ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN,
                nanos ? CaptureFile.MAGIC_NANOS : CaptureFile.MAGIC_MICROS,
                1,
                0);
        try (CaptureReader reader = CaptureFile.open(file)) {
            assertEquals(CaptureFile.LINK_ETHERNET, reader.linkType());
            assertTrue(reader.next());
            assertEquals(nanos ? TIME_NS : TIME_NS / 1000 * 1000, reader.timestampNs());
            assertArrayEquals(FRAME, frame(reader));
            assertEquals(FRAME.length + 9, reader.originalLength());
            assertEquals(1, reader.number());
            assertFalse(reader.next());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {12, 101})
    void shouldKnowBothNumbersOfRawIp(int linkType) throws IOException {
        try (CaptureReader reader =
                CaptureFile.open(file(ByteOrder.LITTLE_ENDIAN, CaptureFile.MAGIC_NANOS, linkType, 0))) {
            assertEquals(CaptureFile.LINK_RAW, reader.linkType());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"out.pcap", "out.pcap.gz"})
    void shouldReadWhatItWrote(String name) throws IOException {
        final Path file = folder.resolve(name);
        try (CaptureWriter writer = CaptureFile.create(file, CaptureFile.LINK_ETHERNET)) {
            writer.write(TIME_NS, new UnsafeBuffer(FRAME), 0, FRAME.length);
            writer.write(TIME_NS + 1, new UnsafeBuffer(FRAME), 10, 30);
        }
        try (CaptureReader reader = CaptureFile.open(file)) {
            assertTrue(reader.next());
            assertArrayEquals(FRAME, frame(reader));
            assertTrue(reader.next());
            assertEquals(30, reader.length());
            assertEquals(TIME_NS + 1, reader.timestampNs());
            assertFalse(reader.next());
        }
    }

    @Test
    void shouldWriteWhatLibpcapReads() throws Exception {
        final Path file = folder.resolve("out.pcap");
        try (CaptureWriter writer = CaptureFile.create(file, CaptureFile.LINK_ETHERNET)) {
            writer.write(TIME_NS, new UnsafeBuffer(FRAME), 0, FRAME.length);
        }
        try (PcapHandle handle = Pcaps.openOffline(file.toString(), PcapHandle.TimestampPrecision.NANO)) {
            assertArrayEquals(FRAME, handle.getNextRawPacketEx());
            assertEquals(TIME_NS % 1_000_000_000, handle.getTimestamp().getNanos());
        }
    }

    @Test
    void shouldPutATagBack() throws IOException {
        final PacketBatch batch = new PacketBatch();
        batch.add(new UnsafeBuffer(FRAME), 0, FRAME.length, 0, 0);
        batch.vlanTci[0] = 0x2042;
        final Path file = folder.resolve("tagged");
        try (CaptureWriter writer = CaptureFile.create(file, CaptureFile.LINK_ETHERNET)) {
            writer.write(0, batch, 0);
        }
        try (CaptureReader reader = CaptureFile.open(file)) {
            assertTrue(reader.next());
            final ByteBuffer tagged = ByteBuffer.wrap(frame(reader));
            assertEquals(FRAME.length + 4, tagged.capacity());
            assertEquals(0x8100_2042, tagged.getInt(12));
            assertEquals((short) TestFrames.ETHERTYPE_IPV4, tagged.getShort(16));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 80})
    void shouldTellThatAFileEndsTooEarly(int cut) throws IOException {
        try (CaptureReader reader = CaptureFile.open(file(ByteOrder.BIG_ENDIAN, CaptureFile.MAGIC_MICROS, 1, cut))) {
            final IOException e = assertThrows(IOException.class, reader::next);
            assertTrue(String.valueOf(e.getMessage()).endsWith("ends within frame 1"), e.getMessage());
        }
    }

    @Test
    void shouldRefuseWhatIsNoCapture() throws IOException {
        final Path file = Files.write(folder.resolve("x"), new byte[100]);
        assertThrows(IOException.class, () -> CaptureFile.open(file));
        final Path shorter = Files.write(folder.resolve("y"), new byte[1]);
        assertThrows(IOException.class, () -> CaptureFile.open(shorter));
    }
}
