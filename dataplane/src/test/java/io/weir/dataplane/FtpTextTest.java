package io.weir.dataplane;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.weir.packet.IpAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FtpTextTest {
    private final FtpText text = new FtpText();

    private static UnsafeBuffer buffer(String line) {
        final byte[] bytes = line.getBytes(StandardCharsets.US_ASCII);
        final UnsafeBuffer buffer = new UnsafeBuffer(ByteBuffer.allocateDirect(bytes.length + 1));
        buffer.putBytes(0, bytes);
        return buffer;
    }

    private String found(String line, boolean told) {
        return told
                ? line.substring(text.start, text.end) + " " + IpAddress.format(text.hi, text.lo) + " " + text.port
                : "-";
    }

    /** A tilde stands for the end of the line. */
    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            delimiter = ';',
            value = {
                "PORT 198,51,100,7,156,72~; 198,51,100,7,156,72 198.51.100.7 40008",
                "port   10,0,0,1,0,20~; 10,0,0,1,0,20 10.0.0.1 20",
                "PORT 198,51,100,300,156,80~; 198,51,100,300,156,80 198.51.100.44 40016",
                "PORT 198,51,100,7,156,72 ~; 198,51,100,7,156,72 198.51.100.7 40008",
                "PORT 198,51,100,7,156~; -",
                "PORT 198,51,100,7,156,72; -",
                "PORT 198.51.100.7.156.72~; -",
                "PORT1,2,3,4,5,6~; 1,2,3,4,5,6 1.2.3.4 1286",
                "PORT; -",
                "POR; -",
                "RETR 1,2,3,4,5,6~; -",
            })
    void shouldReadPortAsTheKernelDoes(String line, String expected) {
        final String whole = line.replace("~", "\r\n");
        assertEquals(expected, found(whole, text.plain(buffer(whole), 0, whole.length(), FtpText.PORT, ' ')));
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            delimiter = ';',
            value = {
                "4; EPRT |1|198.51.100.7|40020|~; |1|198.51.100.7|40020| 198.51.100.7 40020",
                "4; EPRT !1!198.51.100.7!40020!~; !1!198.51.100.7!40020! 198.51.100.7 40020",
                "4; EPRT |2|198.51.100.7|40020|~; -",
                "4; EPRT |1|198.51.100|40020|~; -",
                "4; EPRT |1|198.51.100.256|40020|~; -",
                "4; EPRT |1|198.51.100.7|0|~; -",
                "4; EPRT |1|198.51.100.7|40020~; -",
                "4; EPRT |||40020|~; -",
                "6; EPRT |2|2001:db8::7|40020|~; |2|2001:db8::7|40020| 2001:db8::7 40020",
                "6; EPRT |2|::|1|~; |2|::|1| :: 1",
                "6; EPRT |2|::ffff:1.2.3.4|21|~; |2|::ffff:1.2.3.4|21| 1.2.3.4 21",
                "6; EPRT |2|1:2:3:4:5:6:7:8|21|~; |2|1:2:3:4:5:6:7:8|21| 1:2:3:4:5:6:7:8 21",
                "6; EPRT |2|1:2::7:8|21|~; |2|1:2::7:8|21| 1:2::7:8 21",
                "6; EPRT |2|1::|21|~; |2|1::|21| 1:: 21",
                "6; EPRT |2|1:2:3:4:5:6:7|21|~; -",
                "6; EPRT |2|1:2:3:4:5:6:7:8:9|21|~; -",
                "6; EPRT |2|1::2::3|21|~; -",
                "6; EPRT |2|1:2:3:4:5:6:7:|21|~; -",
                "6; EPRT |2|12345::|21|~; -",
                "6; EPRT |2|2001:db8::7; -",
            })
    void shouldReadExtendedPorts(int family, String line, String expected) {
        final String whole = line.replace("~", "\r\n");
        assertEquals(
                expected,
                found(whole, text.extended(buffer(whole), 0, whole.length(), FtpText.EPRT, ' ', family == 4, false)));
    }

    @Test
    void shouldKeepTheAddressWhereTheAnswerHasNone() {
        final String line = "229 Entering (|||50000|)\r\n";
        text.hi = 0;
        text.lo = IpAddress.parse("10.20.0.10").lo();

        assertEquals(
                "|||50000| 10.20.0.10 50000",
                found(line, text.extended(buffer(line), 0, line.length(), FtpText.EXTENDED_PASSIVE, '(', true, true)));
    }

    @Test
    void shouldDoWithoutParenthesesInThePlainAnswerOnly() {
        final String plain = "227 =10,20,0,11,1,2\r\n";
        assertEquals(
                "10,20,0,11,1,2 10.20.0.11 258",
                found(plain, text.plain(buffer(plain), 0, plain.length(), FtpText.PASSIVE, '(')));
        final String extended = "229 |||50000|\r\n";
        assertEquals(
                "-",
                found(
                        extended,
                        text.extended(
                                buffer(extended), 0, extended.length(), FtpText.EXTENDED_PASSIVE, '(', true, true)));
    }
}
