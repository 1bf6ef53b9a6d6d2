package io.weir.packet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.agrona.concurrent.UnsafeBuffer;

/** A frame rewritten in place is byte for byte the frame that would have been built with the new values. */
class RewritePropertyTest {
    private final Ipv4View ipv4 = new Ipv4View();
    private final Ipv6View ipv6 = new Ipv6View();
    private final TcpView tcp = new TcpView();
    private final UdpView udp = new UdpView();

    @Property(tries = 2000)
    void shouldMasqueradeTcpAsIfBuiltSo(@ForAll long seed, @ForAll @IntRange(max = 3) int nops) {
        final Random random = new Random(seed);
        final int ttl = 2 + random.nextInt(250);
        final int ports = random.nextInt();
        final int sequence = random.nextInt();
        final int newValue = random.nextInt();
        final int segmentSize = random.nextInt(65536);
        final byte[] payload = new byte[random.nextInt(30)];
        random.nextBytes(payload);
        final UnsafeBuffer frame = tcp(addr(random.nextInt()), ttl, ports, sequence, nops, 1460, payload);
        ipv4.wrap(frame, 0, frame.capacity());
        tcp.wrap(frame, 20, frame.capacity());
        final int address = random.nextInt(4) == 0 ? 0 : random.nextInt();
        ipv4.rewriteDestinationAddrForTransport(address, tcp);
        ipv4.decrementTtl();
        tcp.rewriteSourcePort(newValue >>> 16);
        tcp.rewriteDestinationPort(newValue & 0xFFFF);
        tcp.rewriteSequenceNumber(~sequence);
        assertTrue(tcp.rewriteMaximumSegmentSize(segmentSize));
        final UnsafeBuffer expected = tcp(addr(address), ttl - 1, newValue, ~sequence, nops, segmentSize, payload);
        assertArrayEquals(expected.byteArray(), frame.byteArray());
    }

    private static IpAddress addr(int address) {
        return IpAddress.ofV4(address);
    }

    private static UnsafeBuffer tcp(
            IpAddress destination, int ttl, int ports, int sequence, int nops, int segmentSize, byte[] payload) {
        final PacketBuilder b = PacketBuilder.bare()
                .ip(IpAddress.parse("192.0.2.7"), destination)
                .ttl(ttl)
                .tcp(ports >>> 16, ports & 0xFFFF, TcpFlags.SYN)
                .seq(sequence);
        for (int i = 0; i < nops; i++) {
            b.optionBytes(ProtocolNumbers.TCP_OPTION_NOP);
        }
        return b.mss(segmentSize).payload(payload).buffer();
    }

    @Property(tries = 2000)
    void shouldMasqueradeUdpOverIpv6AsIfBuiltSo(@ForAll long seed) {
        final Random random = new Random(seed);
        final IpAddress oldSource = new IpAddress(random.nextLong(), random.nextLong());
        final IpAddress newSource = new IpAddress(random.nextLong() | 1, random.nextInt(3) - 1);
        final IpAddress client = IpAddress.parse("2001:db8::1");
        final UnsafeBuffer frame = PacketBuilder.bare()
                .ip(v6(oldSource), client)
                .udp(53, 1000)
                .payload(5)
                .buffer();
        ipv6.wrap(frame, 0, frame.capacity());
        udp.wrap(frame, 40, frame.capacity());
        final int port = random.nextInt(65536);
        ipv6.rewriteSourceForTransport(newSource.hi(), newSource.lo(), udp);
        ipv6.decrementHopLimit();
        udp.rewriteSourcePort(port);
        final byte[] expected = PacketBuilder.bare()
                .ip(newSource, client)
                .ttl(63)
                .udp(port, 1000)
                .payload(5)
                .build();
        assertArrayEquals(expected, frame.byteArray());
    }

    private static IpAddress v6(IpAddress address) {
        return address.isV4() ? IpAddress.ANY6 : address;
    }

    @Property
    void shouldKeepTheHeaderChecksumWithEveryRewrite(@ForAll long seed) {
        final Random random = new Random(seed);
        final UnsafeBuffer frame = PacketBuilder.bare()
                .ip(addr(random.nextInt()), addr(random.nextInt()))
                .buffer();
        ipv4.wrap(frame, 0, frame.capacity());
        ipv4.rewriteTos(random.nextInt(256));
        ipv4.rewriteIdentification(random.nextInt(65536));
        ipv4.rewriteFragmentField(random.nextInt(65536));
        ipv4.rewriteTotalLengthBytes(random.nextInt(65536));
        ipv4.rewriteSourceAddr(random.nextInt());
        ipv4.rewriteDestinationAddr(random.nextInt());
        ipv4.rewriteTimeToLive(random.nextInt(256));
        assertTrue(ipv4.isHeaderChecksumValid());
        final int patched = ipv4.headerChecksum();
        ipv4.fillHeaderChecksum();
        assertEquals(ipv4.headerChecksum(), patched);
    }

    @Property
    void shouldKeepTheIcmpChecksumWithEveryRewrite(@ForAll long seed) {
        final Random random = new Random(seed);
        final UnsafeBuffer four = PacketBuilder.bare()
                .ip("10.0.0.1", "10.0.0.2")
                .icmp(3, 4, random.nextInt())
                .payload(random.nextInt(50))
                .buffer();
        final Icmpv4View icmp = new Icmpv4View().wrap(four, 20, four.capacity());
        icmp.rewriteIdentifier(random.nextInt(65536));
        icmp.rewriteNextHopMtu(random.nextInt(65536));
        icmp.rewriteTypeAndCode(random.nextInt(256), random.nextInt(256));
        assertTrue(icmp.isChecksumValid());

        final UnsafeBuffer six = PacketBuilder.bare()
                .ip("fd00::1", "fd00::2")
                .icmp(2, 0, random.nextInt())
                .payload(random.nextInt(50))
                .buffer();
        final Icmpv6View icmp6 = new Icmpv6View().wrap(six, 40, six.capacity());
        icmp6.rewriteMtu(random.nextInt());
        icmp6.rewriteTypeAndCode(random.nextInt(128), random.nextInt(256));
        final long hi = random.nextLong();
        ipv6.wrap(six, 0, six.capacity()).rewriteDestinationForTransport(hi, 9, icmp6);
        assertTrue(icmp6.isChecksumValid(ipv6.sourceHi(), ipv6.sourceLo(), hi, 9));
    }
}
