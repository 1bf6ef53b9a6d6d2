package io.weir.packet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class Crc32cTest {
    @Test
    void shouldGiveTheCheckValue() {
        final UnsafeBuffer buffer = new UnsafeBuffer("123456789".getBytes(StandardCharsets.US_ASCII));
        assertEquals(0xE306_9283, Crc32c.of(buffer, 0, 9));
    }

    @Property
    void shouldAgreeWithTheLibrary(@ForAll @Size(max = 300) byte[] bytes, @ForAll @IntRange(max = 7) int skip) {
        final int offset = Math.min(skip, bytes.length);
        final java.util.zip.CRC32C library = new java.util.zip.CRC32C();
        library.update(bytes, offset, bytes.length - offset);
        assertEquals((int) library.getValue(), Crc32c.of(new UnsafeBuffer(bytes), offset, bytes.length - offset));
    }

    @Test
    void shouldFillAndVerifySctp() {
        final UnsafeBuffer frame = PacketBuilder.bare()
                .ip("10.0.0.1", "10.0.0.2")
                .sctp(5000, 5001, 0)
                .chunk(ProtocolNumbers.SCTP_INIT, 0, 0, 0, 0, 1)
                .buffer();
        final SctpView sctp = new SctpView().wrap(frame, 20, frame.capacity());
        assertTrue(sctp.isChecksumValid());
        sctp.setSourcePort(7);
        assertFalse(sctp.isChecksumValid());
        sctp.rewriteDestinationPort(9);
        assertTrue(sctp.isChecksumValid());
        // the wire has the lowest byte of the CRC first
        frame.putInt(28, 0);
        final int crc = Crc32c.of(frame, 20, frame.capacity() - 20);
        assertEquals(Integer.reverseBytes(crc), Crc32c.sctp(frame, 20, frame.capacity() - 20));
    }
}
