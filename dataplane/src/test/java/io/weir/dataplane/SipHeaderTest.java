package io.weir.dataplane;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SipHeaderTest {
    private static final int MOST = 12;

    /** Of the text r stands for CR, n for LF, _ for a blank, in angle brackets. */
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "INVITE<r><n>Call-ID:<_>one@a<r><n>; one@a",
                "INVITE<r><n>Via:<_>x<r><n>call-id<_>:one<r><n>; one",
                "INVITE<r><n>i:<_>one<r><n>; one",
                "INVITE<n>Call-ID:<_>one<n>; one",
                "INVITE<r>Call-ID:<_>one<r>; one",
                "INVITE<r><n>Call-ID:<r><n><_>one<r><n>; one",
                "INVITE<r><n><r><n>Call-ID:<_>one<r><n>; one",
                "INVITE<r><n>Call-ID:<_>bad@<r><n>i:<_>good<r><n>; good",
                "Call-ID:<_>one<r><n>; -",
                "INVITE<r><n>Call-ID:<_>one; -",
                "INVITE<r><n>Call-ID:<_>one<_>two<r><n>; -",
                "INVITE<r><n>Call-ID:<_><r><n>i:<_>one<r><n>; -",
                "INVITE<r><n>Call-ID:<_>one@<r><n>; -",
                "INVITE<r><n><_>Call-ID:<_>one<r><n>; -",
                "INVITE<r><n>Call-ID:<_>123456789012<r><n>; 123456789012",
                "INVITE<r><n>Call-ID:<_>1234567890123<r><n>; -",
                "INVITE<r><n>invite:<_>one<r><n>; -",
                "INVITE<r><n>Call-ID<r><n>; -",
                "INVITE<r><n>Call-ID:; -",
                "INVITE<r><n>; -",
                "INVITE; -",
            })
    void shouldFindTheCallIdAsTheKernelDoes(String text, String expected) {
        final String message = text.replace("<r>", "\r").replace("<n>", "\n").replace("<_>", " ");
        final UnsafeBuffer buffer = new UnsafeBuffer(message.getBytes(StandardCharsets.US_ASCII));
        final SipHeader header = new SipHeader();

        final boolean found = header.callId(buffer, 0, message.length(), MOST);

        assertEquals(expected, found ? message.substring(header.at, header.at + header.length) : "-");
    }
}
