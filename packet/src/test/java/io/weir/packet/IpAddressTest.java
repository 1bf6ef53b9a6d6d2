package io.weir.packet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.UnknownHostException;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IpAddressTest {
    @ParameterizedTest
    @CsvSource({
        "0.0.0.0, 0.0.0.0",
        "192.0.2.255, 192.0.2.255",
        "::, ::",
        "::1, ::1",
        "1::, 1::",
        "2001:DB8:0:0:0:0:0:1, 2001:db8::1",
        "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
        "2001:0:0:1:0:0:0:1, 2001:0:0:1::1",
        "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
        "1:2:3:4:5:6:7::, 1:2:3:4:5:6:7:0",
        "::2:3:4:5:6:7:8, 0:2:3:4:5:6:7:8",
        "0001:0:0:0:0:0:0:0, 1::",
        "::ffff:192.0.2.1, 192.0.2.1",
        "64:ff9b::192.0.2.33, 64:ff9b::c000:221",
        "1:2:3:4:5:6:1.2.3.4, 1:2:3:4:5:6:102:304",
        "fe80::a:b, fe80::a:b",
    })
    void shouldReadAndWriteText(String text, String canonical) {
        assertEquals(canonical, IpAddress.parse(text).toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "1",
                "1.2.3",
                "1.2.3.4.5",
                "1.2.3.256",
                "1.2.3.04",
                "01.2.3.4",
                "1.2.3.",
                ".1.2.3",
                "1..2.3",
                "1.2.3.4 ",
                " 1.2.3.4",
                "0x1.2.3.4",
                "1.2.3.-4",
                "1.2.3.+4",
                "1.2.3.1000",
                "localhost",
                ":",
                ":::",
                "1:2:3:4:5:6:7",
                "1:2:3:4:5:6:7:8:9",
                "1::2::3",
                ":1::",
                "1:",
                "1::2:",
                ":1:2:3:4:5:6:7:8",
                "12345::",
                "g::",
                "::1%eth0",
                "[::1]",
                "1:2:3:4:5:6:7:8::",
                "::1:2:3:4:5:6:7:8",
                "1:2:3:4::5:6:7:8",
                "::1.2.3",
                "1.2.3.4::",
                "::1.2.3.4:5",
                "1:2:3:4:5:6:7:1.2.3.4",
                "::-1",
                "::+1",
                "1.2.3.٤",
                "::1/64"
            })
    void shouldRefuseEverythingElse(String text) {
        final IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> IpAddress.parse(text));
        assertEquals("not an IP address: " + text, e.getMessage());
    }

    @Provide
    Arbitrary<IpAddress> addresses() {
        final Arbitrary<Long> groups = Arbitraries.frequencyOf(
                net.jqwik.api.Tuple.of(1, Arbitraries.just(0L)),
                net.jqwik.api.Tuple.of(1, Arbitraries.longs().between(0, 0xFFFF)));
        final Arbitrary<Long> halves = groups.list().ofSize(4).map(four -> {
            long half = 0;
            for (final long group : four) {
                half = half << 16 | group;
            }
            return half;
        });
        return Arbitraries.oneOf(
                Arbitraries.integers().map(IpAddress::ofV4),
                halves.flatMap(hi -> halves.map(lo -> new IpAddress(hi, lo))));
    }

    @Property
    void shouldReadBackWhatItWrites(@ForAll("addresses") IpAddress address) throws UnknownHostException {
        assertEquals(address, IpAddress.parse(address.toString()));
        assertEquals(address, IpAddress.ofBytes(address.toBytes()));
        // the library knows the literal and the bytes; it is asked for no name
        assertEquals(InetAddress.getByAddress(address.toBytes()), InetAddress.getByName(address.toString()));
        assertArrayEquals(
                address.toBytes(), InetAddress.getByName(address.toString()).getAddress());
        assertEquals(
                address,
                IpAddress.parse(InetAddress.getByAddress(address.toBytes()).getHostAddress()));
    }

    @Test
    void shouldTellTheFamilies() {
        assertTrue(IpAddress.parse("1.2.3.4").isV4());
        assertFalse(IpAddress.parse("::1.2.3.4").isV4());
        assertEquals(0x0102_0304, IpAddress.parse("1.2.3.4").v4Addr());
        assertTrue(IpAddress.parse("9.255.255.255").compareTo(IpAddress.parse("200.0.0.0")) < 0);
        assertTrue(IpAddress.parse("fd00::").compareTo(IpAddress.parse("200.0.0.0")) > 0);
    }

    @Test
    void shouldBracketIpv6BeforeAPort() {
        final IpAddress v6 = IpAddress.parse("fd00::1");
        assertEquals("[fd00::1]:80", IpAddress.format(v6.hi(), v6.lo(), 80));
        assertEquals("10.0.0.1:80", IpAddress.format(0, IpAddress.v4(0x0A00_0001), 80));
    }
}
