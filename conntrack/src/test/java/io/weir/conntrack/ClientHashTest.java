package io.weir.conntrack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.packet.IpAddress;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ClientHashTest {
    private final ClientHash hash = new ClientHash(20261121);

    @Test
    void shouldChangeHalfOfTheTagForAnyChangedBit() {
        final Random random = new Random(1);
        final int rounds = 4000;
        for (int bit = 0; bit < 152; bit++) {
            int changed = 0;
            for (int i = 0; i < rounds; i++) {
                final long hi = (i & 1) == 0 ? 0 : random.nextLong();
                final long lo = (i & 1) == 0 ? IpAddress.v4(random.nextInt()) : random.nextLong();
                final int port = random.nextInt(65536);
                final long before = hash.bucket(6, hi, lo, port);
                changed += Integer.bitCount(HashIndex.tag(before ^ flipped(bit, 6, hi, lo, port)));
            }
            final double share = changed / (32.0 * rounds);
            assertTrue(share > 0.47 && share < 0.53, "bit=" + bit + " share=" + share);
        }
    }

    private long flipped(int bit, int protocol, long hi, long lo, int port) {
        if (bit < 64) {
            return hash.bucket(protocol, hi, lo ^ 1L << bit, port);
        }
        if (bit < 128) {
            return hash.bucket(protocol, hi ^ 1L << bit, lo, port);
        }
        return bit < 144
                ? hash.bucket(protocol, hi, lo, port ^ 1 << bit - 128)
                : hash.bucket(protocol ^ 1 << bit - 144, hi, lo, port);
    }

    @Test
    void shouldSpreadNeighboursEvenly() {
        final int[] cells = new int[1024];
        for (int n = 0; n < 1024 * 256; n++) {
            final long tag =
                    HashIndex.tag(hash.bucket(17, 0, IpAddress.v4(0x0A000000 + (n >>> 8)), n & 255)) & 0xFFFF_FFFFL;
            cells[(int) (tag >>> 22)]++;
        }
        double chi = 0;
        for (final int cell : cells) {
            chi += (cell - 256.0) * (cell - 256.0) / 256.0;
        }
        // 1023 degrees of freedom: mean 1023, deviation 45.
        assertTrue(chi > 800 && chi < 1250, "chi=" + chi);
    }

    @Test
    void shouldDependOnTheSeed() {
        assertNotEquals(hash.bucket(6, 0, 1, 2), new ClientHash(1).bucket(6, 0, 1, 2));
        assertNotEquals(hash.owner(0, IpAddress.v4(1)), new ClientHash(1).owner(0, IpAddress.v4(1)));
        assertEquals(20261121, hash.seed());
    }

    @Test
    void shouldComputeTheOwnerWithWhatAFilterProgramHas() {
        final Random random = new Random(2);
        for (int i = 0; i < 1000; i++) {
            final int address = random.nextInt();
            // The accumulator machine: ld [src]; xor #k; mul #k; tax; rsh #k; xor x; ...
            int a = address ^ hash.ownerSeed();
            a *= 0x9E3779B1;
            int x = a;
            a >>>= 15;
            a ^= x;
            a *= 0x85EBCA77;
            x = a;
            a >>>= 13;
            a ^= x;
            assertEquals(a, hash.owner(0, IpAddress.v4(address)));
            assertEquals((a & 0xFFFF_FFFFL) % 3, hash.worker(0, IpAddress.v4(address), 3));
        }
    }

    @Test
    void shouldShareClientsEvenlyAmongWorkers() {
        final int[] clients = new int[4];
        for (int n = 0; n < 40_000; n++) {
            clients[hash.worker(0x2001_0DB8L << 32, n, 4)]++;
            clients[hash.worker(0, IpAddress.v4(0xC0A80000 + n), 4)]++;
        }
        for (final int count : clients) {
            assertEquals(20_000, count, 600);
        }
    }

    @Test
    void shouldTellLocalTuplesApart() {
        final long base = hash.local(6, 0, 1, 80, 0, 2, 5000);
        assertNotEquals(base, hash.local(17, 0, 1, 80, 0, 2, 5000));
        assertNotEquals(base, hash.local(6, 0, 1, 81, 0, 2, 5000));
        assertNotEquals(base, hash.local(6, 0, 1, 80, 0, 3, 5000));
        assertNotEquals(base, hash.local(6, 0, 1, 80, 0, 2, 5001));
    }
}
