package io.weir.packet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** What a worker calls for every packet allocates nothing. */
class NoAllocationTest {
    private static final int PACKETS = 1_000_000;

    private final PacketParser parser = new PacketParser();
    private final ParsedPacket p = new ParsedPacket();
    private final Ipv4View ip = new Ipv4View();
    private final TcpView tcp = new TcpView();
    private long sum;

    @Test
    void shouldNotAllocatePerPacket() {
        final UnsafeBuffer tcp4 = PacketBuilder.ethernet()
                .ip("10.0.0.1", "10.0.0.2")
                .tcp(1, 2, TcpFlags.SYN)
                .mss(1460)
                .payload(64)
                .buffer();
        final UnsafeBuffer udp6 = PacketBuilder.ethernet()
                .ip("fd00::1", "fd00::2")
                .extension(ProtocolNumbers.HOP_BY_HOP, 8)
                .udp(1, 2)
                .buffer();
        work(tcp4, udp6, 20_000);
        final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        // The JIT compiler may allocate on our account while it installs or drops code: the quietest of some runs
        // counts.
        long least = Long.MAX_VALUE;
        for (int attempt = 0; attempt < 5 && least > 0; attempt++) {
            final long before = threads.getCurrentThreadAllocatedBytes();
            work(tcp4, udp6, PACKETS);
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        assertEquals(0, least);
        assertTrue(sum != 0);
        assertEquals(ParseStatus.OK, parser.parse(tcp4, 0, tcp4.capacity(), true, p));
        assertTrue(InternetChecksum.transportValid(tcp4, p));
    }

    private void work(UnsafeBuffer tcp4, UnsafeBuffer udp6, int packets) {
        for (int i = 0; i < packets; i++) {
            sum += parser.parse(udp6, 0, udp6.capacity(), true, p) + p.l4Length;
            sum += parser.parse(tcp4, 0, tcp4.capacity(), true, p) + p.srcPort;
            ip.wrap(tcp4, p.l3Offset, p.l3Offset + p.l3Length);
            tcp.wrap(tcp4, p.l4Offset, p.l4Offset + p.l4Length);
            ip.rewriteDestinationAddrForTransport(i, tcp);
            tcp.rewriteDestinationPort(i & 0xFFFF);
            sum += tcp.maximumSegmentSize() + InternetChecksum.transport(tcp4, p);
            sum += Crc32c.of(tcp4, 0, 32);
        }
    }
}
