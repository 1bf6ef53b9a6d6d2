package io.weir.control.vrrp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.weir.packet.IpAddress;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class VrrpPacketTest {
    private static final IpAddress SOURCE4 = IpAddress.parse("192.0.2.1");
    private static final IpAddress GROUP4 = IpAddress.parse("224.0.0.18");
    private static final IpAddress SOURCE6 = IpAddress.parse("fe80::1");
    private static final IpAddress GROUP6 = IpAddress.parse("ff02::12");

    private static VrrpPacket packet(int version, boolean ipv6) {
        return new VrrpPacket(
                version,
                51,
                100,
                version == 2 ? 1000 : 250,
                version == 2 ? "1111" : "",
                List.of(IpAddress.parse(ipv6 ? "2001:db8::1" : "192.0.2.10")));
    }

    @Test
    void shouldReadWhatItWrites() throws VrrpPacket.Malformed {
        assertEquals(packet(2, false), VrrpPacket.decode(packet(2, false).encode(SOURCE4, GROUP4), SOURCE4, GROUP4));
        assertEquals(packet(3, false), VrrpPacket.decode(packet(3, false).encode(SOURCE4, GROUP4), SOURCE4, GROUP4));
        assertEquals(packet(3, true), VrrpPacket.decode(packet(3, true).encode(SOURCE6, GROUP6), SOURCE6, GROUP6));
    }

    @Test
    void shouldRefuseEveryPacketWithAFlippedBit() {
        for (VrrpPacket packet : List.of(packet(2, false), packet(3, false))) {
            final byte[] bytes = packet.encode(SOURCE4, GROUP4);
            for (int bit = 0; bit < bytes.length * 8; bit++) {
                final byte[] bad = bytes.clone();
                bad[bit / 8] ^= (byte) (1 << bit % 8);
                assertThrows(VrrpPacket.Malformed.class, () -> VrrpPacket.decode(bad, SOURCE4, GROUP4));
            }
        }
    }

    @Test
    void shouldRefuseGarbageAndTakeNoHarm() {
        final Random random = new Random(7);
        for (int i = 0; i < 20_000; i++) {
            final byte[] bytes = new byte[random.nextInt(64)];
            random.nextBytes(bytes);
            assertThrows(VrrpPacket.Malformed.class, () -> VrrpPacket.decode(bytes, SOURCE6, GROUP6));
        }
    }
}
