package io.weir.dataplane;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.conntrack.ClientHash;
import io.weir.conntrack.ConnectionTable;
import io.weir.dataplane.io.PacketBatch;
import io.weir.dataplane.route.InterfaceInfo.Prefix;
import io.weir.dataplane.route.LocalAddresses;
import io.weir.dataplane.route.NeighbourTable;
import io.weir.packet.IpAddress;
import io.weir.service.DestinationLoad;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FanoutProgramTest {
    private static final int FRAMES = 20_000;
    private static final int ETHERNET = 14;

    private final Random random = new Random(3);

    private static ConfigSnapshot snapshot(List<IpAddress> vips, List<Prefix> prefixes, List<IpAddress> lips) {
        final ConfigSnapshot some = PathFixture.fullNat().build().snapshot;
        return new ConfigSnapshot(
                1,
                some.services(),
                some.destinations(),
                some.routes(),
                some.interfaces(),
                LocalAddresses.of(vips, prefixes),
                some.own(),
                LocalAddresses.of(lips, List.of()),
                lips,
                some.timeouts(),
                some.sysctls(),
                some.marks());
    }

    private IpAddress address(boolean v4, int range) {
        final int host = random.nextInt(range);
        return v4
                ? IpAddress.parse("203.0." + (host >> 8 & 0xFF) + "." + (host & 0xFF))
                : IpAddress.parse(
                        "2001:db8:" + Integer.toHexString(host >> 8) + "::" + Integer.toHexString(1 + (host & 0xFF)));
    }

    private ConfigSnapshot snapshot(int vips) {
        final List<IpAddress> addresses = new ArrayList<>();
        for (int i = 0; i < vips; i++) {
            addresses.add(address(random.nextBoolean(), 1 << 14));
        }
        final List<Prefix> prefixes = List.of(
                new Prefix(IpAddress.parse("203.0.64.0"), 20),
                new Prefix(IpAddress.parse("203.0.64.128"), 25),
                new Prefix(IpAddress.parse("2001:db8:7::"), 48),
                new Prefix(IpAddress.parse("2001:db8:9::8"), 125));
        final List<IpAddress> lips = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            lips.add(address(i % 2 == 0, 64));
        }
        return snapshot(addresses, prefixes, lips);
    }

    /** Anything whose owner can be seen from outside: no ICMP errors. */
    private byte[] packet(boolean v4) {
        final int[] protocols = {6, 17, 132, 50, v4 ? 1 : 58};
        final int protocol = protocols[random.nextInt(protocols.length)];
        final boolean fragment = random.nextInt(5) == 0;
        final IpAddress from = address(v4, 1 << 15);
        final IpAddress to = address(v4, random.nextBoolean() ? 64 : 1 << 15);
        final int options = v4 ? random.nextInt(3) * 4 : 0;
        final int header = v4 ? 20 + options : fragment ? 48 : 40;
        final ByteBuffer b = ByteBuffer.allocate(header + 40);
        if (v4) {
            b.put(0, (byte) (0x40 | header / 4)).putShort(2, (short) b.capacity());
            b.putShort(6, (short) (fragment ? 0x2000 + random.nextInt(3) : 0));
            b.put(8, (byte) 64).put(9, (byte) protocol);
            b.putInt(12, (int) from.lo()).putInt(16, (int) to.lo());
            for (int i = 20; i < header; i++) {
                b.put(i, (byte) 1);
            }
            int sum = 0;
            for (int i = 0; i < header; i += 2) {
                sum += b.getShort(i) & 0xFFFF;
            }
            sum = (sum & 0xFFFF) + (sum >>> 16);
            b.putShort(10, (short) ~((sum & 0xFFFF) + (sum >>> 16)));
        } else {
            b.put(0, (byte) 0x60).putShort(4, (short) (b.capacity() - 40)).put(7, (byte) 64);
            b.put(6, (byte) (fragment ? 44 : protocol));
            b.putLong(8, from.hi()).putLong(16, from.lo()).putLong(24, to.hi()).putLong(32, to.lo());
            if (fragment) {
                b.put(40, (byte) protocol).putShort(42, (short) (random.nextInt(3) << 3 | 1));
            }
        }
        final int l4 = header;
        b.putShort(l4, (short) (1 + random.nextInt(60_000))).putShort(l4 + 2, (short) (1 + random.nextInt(60_000)));
        switch (protocol) {
            case 6 -> b.put(l4 + 12, (byte) 0x50);
            case 17 -> b.putShort(l4 + 4, (short) 40);
            case 1 -> b.put(l4, (byte) 8);
            case 58 -> b.put(l4, (byte) 128);
            default -> {
                // Nothing else is read of it.
            }
        }
        return b.array();
    }

    private static WorkerParts parts(Ownership ownership) {
        return WorkerParts.create(
                ConnectionTable.create(16, 1),
                DestinationLoad.allocate(1),
                DestinationLoad.allocate(1).counters(),
                new NeighbourTable(),
                PathOptions.LIVE,
                new Shard(0, ownership));
    }

    private static int owner(Steering steering, boolean v4, byte[] packet) {
        final UnsafeBuffer frame = new UnsafeBuffer(ByteBuffer.allocateDirect(ETHERNET + packet.length));
        frame.putShort(12, (short) (v4 ? 0x0800 : 0x86DD), java.nio.ByteOrder.BIG_ENDIAN);
        frame.putBytes(ETHERNET, packet);
        final PacketBatch batch = new PacketBatch();
        batch.add(frame, 0, frame.capacity(), 0, 0);
        return steering.owner(batch, 0);
    }

    @ParameterizedTest
    @CsvSource({"2, 3, 32, 128", "3, 40, 24, 64", "16, 300, 32, 56", "5, 0, 8, 96", "7, 200, 0, 0"})
    void shouldFindTheOwnerThatTheWorkersAgreeOn(int workers, int vips, int netmask4, int netmask6) {
        final Ownership ownership = new Ownership(new ClientHash(random.nextLong()), workers, netmask4, netmask6);
        final ConfigSnapshot snapshot = snapshot(vips);
        final long[] program = FanoutProgram.of(ownership, snapshot);
        assertTrue(program.length <= ClassicBpf.MOST, "instructions: " + program.length);
        final ClassicBpfMachine kernel = new ClassicBpfMachine(program);
        final Steering steering = new Steering(parts(ownership), new HandOver(1));
        steering.snapshot(snapshot);
        final int[] shares = new int[workers];

        for (int i = 0; i < FRAMES; i++) {
            final boolean v4 = random.nextBoolean();
            final byte[] packet = packet(v4);
            final int expected = owner(steering, v4, packet);
            final int found = Integer.remainderUnsigned(kernel.run(v4 ? 0x0800 : 0x86DD, packet), workers);
            final int number = i;
            assertEquals(expected, found, () -> "packet " + number + " v4=" + v4);
            shares[expected]++;
        }
        for (int share : shares) {
            assertTrue(netmask4 < 24 || share > FRAMES / workers / 3, () -> Arrays.toString(shares));
        }
    }

    @Test
    void shouldMeetBothHalvesOfAConnection() {
        final Ownership ownership = Ownership.of(new ClientHash(9), 4);
        final IpAddress vip = IpAddress.parse("203.0.113.1");
        final ConfigSnapshot snapshot = snapshot(List.of(vip), List.of(), List.of());
        final ClassicBpfMachine kernel = new ClassicBpfMachine(FanoutProgram.of(ownership, snapshot));
        for (int i = 0; i < 1000; i++) {
            final int client = random.nextInt();
            final ByteBuffer in = ByteBuffer.allocate(40).put(0, (byte) 0x45);
            in.putInt(12, client).putInt(16, (int) vip.lo());
            final ByteBuffer out = ByteBuffer.allocate(40).put(0, (byte) 0x45);
            out.putInt(12, 0x0A14_000A).putInt(16, client);

            assertEquals(kernel.run(0x0800, in.array()), kernel.run(0x0800, out.array()));
            assertEquals(
                    new ClientHash(9).owner(0, 0xFFFF_0000_0000L | client & 0xFFFF_FFFFL),
                    kernel.run(0x0800, in.array()));
        }
    }

    @Test
    void shouldTakeAddressesTogetherWhenThereAreTooMany() {
        final List<IpAddress> vips = new ArrayList<>();
        for (int i = 0; i < 5_000; i++) {
            vips.add(address(true, 1 << 16));
        }
        final ConfigSnapshot snapshot = snapshot(vips, List.of(), List.of());
        final Ownership ownership = Ownership.of(new ClientHash(9), 4);

        final long[] program = FanoutProgram.of(ownership, snapshot);

        assertTrue(program.length <= ClassicBpf.MOST, "instructions: " + program.length);
        final ClassicBpfMachine kernel = new ClassicBpfMachine(program);
        final ByteBuffer in = ByteBuffer.allocate(40).put(0, (byte) 0x45);
        in.putInt(12, 0x0101_0101).putInt(16, (int) vips.get(7).lo());
        assertEquals(ownership.hash().owner(0, 0xFFFF_0101_0101L), kernel.run(0x0800, in.array()));
    }

    @Test
    void shouldLeaveOtherProtocolsToTheFirst() {
        final long[] program = FanoutProgram.of(Ownership.of(new ClientHash(9), 4), snapshot(3));
        assertEquals(0, new ClassicBpfMachine(program).run(0x0806, new byte[28]));
    }
}
