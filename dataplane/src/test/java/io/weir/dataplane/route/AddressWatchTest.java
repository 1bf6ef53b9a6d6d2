package io.weir.dataplane.route;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.weir.dataplane.route.AddressWatch.Kind;
import io.weir.packet.IpAddress;
import io.weir.packet.PacketBuilder;
import java.nio.ByteBuffer;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class AddressWatchTest {
    private static final long OURS = 0x0200_0000_0001L;
    private static final long OTHER = 0x0200_0000_0099L;
    private static final IpAddress VIP = IpAddress.parse("203.0.113.1");
    private static final IpAddress OWN = IpAddress.parse("10.0.0.1");
    private static final InterfaceInfo[] INTERFACES = {new InterfaceInfo(0, "eth0", true, OURS, 1500, List.of())};
    private static final LocalAddresses VIPS = LocalAddresses.of(List.of(VIP), List.of());
    private static final LocalAddresses ADDRESSES = LocalAddresses.of(List.of(OWN), List.of());

    private final AddressWatch watch = new AddressWatch();

    private void arp(int operation, long mac, String sender, String target, long nowNs) {
        final byte[] frame = PacketBuilder.ethernet()
                .macs(mac, 0xFFFF_FFFF_FFFFL)
                .arp(operation, mac, sender, 0, target)
                .build();
        final UnsafeBuffer buffer = new UnsafeBuffer(ByteBuffer.allocateDirect(frame.length));
        buffer.putBytes(0, frame);
        watch.arp(buffer, 14, frame.length - 14, 0, INTERFACES, VIPS, ADDRESSES, nowNs);
    }

    @Test
    void shouldNoteWhoElseClaimsAVirtualOrAnOwnAddress() {
        arp(2, OTHER, VIP.toString(), "0.0.0.0", 1);
        arp(1, OTHER, VIP.toString(), "10.0.0.7", 2);
        arp(1, OTHER, OWN.toString(), OWN.toString(), 3);
        assertEquals(
                List.of(
                        new AddressWatch.Claim(Kind.VIRTUAL, VIP, OTHER, 0, 2, 2),
                        new AddressWatch.Claim(Kind.OWN, OWN, OTHER, 0, 1, 3)),
                watch.claims());
    }

    @Test
    void shouldNotMindTheDirectorItselfOrAProbeOrAnybodyElsesAddress() {
        arp(2, OURS, VIP.toString(), "10.0.0.7", 1);
        arp(1, OTHER, "0.0.0.0", VIP.toString(), 2);
        arp(1, OTHER, "10.0.0.7", VIP.toString(), 3);
        assertEquals(List.of(), watch.claims());
    }

    @Test
    void shouldNoteANeighbourThatMovesToAndFroButNotOneThatMovesOnce() {
        final NeighbourTable table = new NeighbourTable();
        final IpAddress server = IpAddress.parse("10.0.0.9");
        table.asked(0, server.hi(), server.lo(), OTHER, 0);
        table.asked(0, server.hi(), server.lo(), OTHER + 1, 1);
        assertEquals(List.of(), table.watch().claims());
        table.asked(0, server.hi(), server.lo(), OTHER, 2);
        table.asked(0, server.hi(), server.lo(), OTHER + 1, 3);
        assertEquals(
                List.of(new AddressWatch.Claim(Kind.MOVING, server, OTHER + 1, 0, 1, 3)),
                table.watch().claims());
    }

    @Test
    void shouldKeepToItsRoomUnderAFloodOfLies() {
        for (int i = 0; i < 10_000; i++) {
            arp(2, OTHER + i, VIP.toString(), "0.0.0.0", i);
        }
        assertEquals(64, watch.claims().size());
    }
}
