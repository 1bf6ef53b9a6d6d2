package io.weir.dataplane.host;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.ThreadMXBean;
import io.weir.dataplane.route.InterfaceInfo;
import io.weir.dataplane.route.LocalAddresses;
import io.weir.dataplane.route.NeighbourTable;
import io.weir.dataplane.route.Route;
import io.weir.dataplane.route.RouteTable;
import io.weir.dataplane.segment.Fragmenter;
import io.weir.dataplane.segment.Reassembler;
import io.weir.dataplane.segment.TcpSegmenter;
import io.weir.packet.IpAddress;
import io.weir.packet.PacketParser;
import io.weir.packet.ParsedPacket;
import java.lang.management.ManagementFactory;
import java.util.HexFormat;
import java.util.List;
import java.util.function.IntConsumer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** Nothing of routes, host and segments allocates per packet. */
class NoAllocationTest {
    private static final int PACKETS = 200_000;
    private static final int WARM_UP = 20_000;

    private final List<InterfaceInfo> interfaces = List.of(new InterfaceInfo(
            0,
            "eth0",
            true,
            0x020000000101L,
            1500,
            List.of(new InterfaceInfo.Prefix(IpAddress.parse("10.10.0.1"), 24))));
    private final RouteTable routes = RouteTable.of(Route.connected(interfaces), interfaces);
    private final LocalAddresses own = LocalAddresses.ofInterfaces(interfaces);
    private final PacketParser parser = new PacketParser();
    private final ParsedPacket packet = new ParsedPacket();
    private final UnsafeBuffer out = new UnsafeBuffer(new byte[65_536]);

    private static void assertNoAllocation(IntConsumer step) {
        for (int i = 0; i < WARM_UP; i++) {
            step.accept(i);
        }
        final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        final long id = Thread.currentThread().getId();
        // The JIT compiler may allocate on our account while it installs or drops code: the quietest of some runs
        // counts.
        long least = Long.MAX_VALUE;
        for (int attempt = 0; attempt < 5 && least > 0; attempt++) {
            least = Math.min(least, measure(threads, id, step));
        }
        assertEquals(0, least);
    }

    private static long measure(ThreadMXBean threads, long id, IntConsumer step) {
        final long before = threads.getThreadAllocatedBytes(id);
        for (int i = 0; i < PACKETS; i++) {
            step.accept(i);
        }
        return threads.getThreadAllocatedBytes(id) - before;
    }

    private static UnsafeBuffer buffer(String hex) {
        return new UnsafeBuffer(HexFormat.of().parseHex(hex));
    }

    @Test
    void shouldAnswerWithoutAllocating() {
        final UnsafeBuffer syn =
                buffer("45000028000140003c06d892c6336407cb0071019c400051000003e80000004d5002ffffa8df0000");
        final UnsafeBuffer udp =
                buffer("4500002a000140003c11d885c6336407cb0071019c4000500016a9eb6e6f207564702073657276696365");
        final HostStack stack = new HostStack(new IcmpRateLimiter());
        assertNoAllocation(i -> {
            final UnsafeBuffer in = (i & 1) == 0 ? syn : udp;
            parser.parse(in, 0, in.capacity(), false, packet);
            stack.answer(packet, false, routes, own, out, 0, i * 1_000_000L);
        });
    }

    @Test
    void shouldRouteAndResolveWithoutAllocating() {
        final NeighbourTable neighbours = new NeighbourTable(512);
        assertNoAllocation(i -> {
            final long address = IpAddress.v4(0x0A0A0000 | i & 0xFF);
            final int route = routes.lookup(0, address);
            final long now = i * 10_000_000L;
            if (neighbours.resolve(0, 0, routes.nextHopLo(route, address), now) == NeighbourTable.UNRESOLVED) {
                neighbours.park(0, 0, address, out, 0, 64);
            }
            for (int e = neighbours.nextRequest(now); e != NeighbourTable.NONE; e = neighbours.nextRequest(now)) {
                neighbours.answered(0, 0, neighbours.requestLo(e), 0x020000000000L | i & 0xFF, true, now);
            }
            for (int slot = neighbours.parked().poll();
                    slot >= 0;
                    slot = neighbours.parked().poll()) {
                neighbours.parked().free(slot);
            }
        });
    }

    @Test
    void shouldCutAndJoinWithoutAllocating() {
        final UnsafeBuffer whole = new UnsafeBuffer(new byte[4000]);
        HostPackets.putV4(whole, 0, 4000, 0, 7, 0, 17, IpAddress.v4(0x0A0A0007), IpAddress.v4(0x0A0A0008));
        HostPackets.putU16(whole, 24, 3980);
        final UnsafeBuffer tcp = new UnsafeBuffer(new byte[4000]);
        HostPackets.putV4(tcp, 0, 4000, 0, 7, 0, 6, IpAddress.v4(0x0A0A0007), IpAddress.v4(0x0A0A0008));
        tcp.putByte(32, (byte) 0x50);
        final Fragmenter fragmenter = new Fragmenter();
        final TcpSegmenter segmenter = new TcpSegmenter();
        final Reassembler reassembler = new Reassembler(4);
        assertNoAllocation(i -> {
            fragmenter.begin(whole, 0, 4000, 1500);
            while (fragmenter.hasNext()) {
                final int length = fragmenter.next(out, 0);
                parser.parse(out, 0, length, false, packet);
                reassembler.offer(packet, i);
            }
            segmenter.begin(tcp, 0, 4000, 1448);
            while (segmenter.hasNext()) {
                segmenter.next(out, 0);
            }
        });
    }
}
