package io.weir.dataplane.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.weir.dataplane.io.GuardRules.Change;
import io.weir.dataplane.io.GuardRules.Delta;
import io.weir.dataplane.io.GuardRules.Endpoint;
import io.weir.dataplane.io.linux.Bpf;
import io.weir.dataplane.route.InterfaceInfo.Prefix;
import io.weir.packet.IpAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the kernel's own run of the program says of single frames: the director's, or the host's. */
@Tag("netns")
class XdpProgramIT {
    private static final int TCP = 6;
    private static final int UDP = 17;

    private static VethPair pair;
    private static AfXdpDevice device;
    private static IngressShortcut shortcut;

    @BeforeAll
    static void open() {
        pair = new VethPair();
        device = (AfXdpDevice) pair.device("xdp:l0?frames=64&send=64");
        shortcut = Objects.requireNonNull(pair.lb().call(() -> IngressShortcut.open(List.of("l0"))));
    }

    @AfterAll
    static void close() {
        shortcut.close();
        device.close();
        pair.close();
    }

    /** 10.0.0.1 and 2001:db8::1 are VIPs, 10.0.9.0/24 too; 10.0.0.2 and 2001:db8::2 the host's own, with services. */
    @BeforeEach
    void giveRules() {
        follow(rules());
    }

    private static void follow(GuardRules rules) {
        device.follow(rules);
        shortcut.follow(rules);
    }

    private static void follow(Change change) {
        device.follow(change);
        shortcut.follow(change);
    }

    private static GuardRules rules() {
        return new GuardRules(
                List.of(
                        prefix("10.0.0.1", 32),
                        prefix("2001:db8::1", 128),
                        prefix("10.0.9.0", 24),
                        prefix("2001:db8:9::", 64)),
                List.of(at("10.0.0.2", TCP, 80), at("10.0.0.2", UDP, 0), at("2001:db8::2", TCP, 80)),
                List.of(IpAddress.parse("10.0.0.3")),
                List.of(at("10.1.0.1", TCP, 8080), at("10.1.0.2", TCP, 0), at("2001:db8:1::1", UDP, 53)),
                List.of(IpAddress.parse("10.0.0.2"), IpAddress.parse("2001:db8::2")));
    }

    private static Prefix prefix(String address, int length) {
        return new Prefix(IpAddress.parse(address), length);
    }

    private static Endpoint at(String address, int protocol, int port) {
        return new Endpoint(IpAddress.parse(address), protocol, port);
    }

    /** Of both programs; the kernel's trial of that at the ingress wants a whole IP header. */
    private static String verdict(byte[] frame) {
        final int verdict = device.attachment().verdict(frame);
        final String said =
                switch (verdict) {
                    case Bpf.XDP_PASS -> "host";
                    case Bpf.XDP_REDIRECT -> "director";
                    default -> "verdict " + verdict;
                };
        if (frame.length >= 14 + 40) {
            assertEquals(said, ingress(frame), "at the ingress");
        }
        return said;
    }

    private static String ingress(byte[] frame) {
        final int verdict = shortcut.verdict(frame);
        return switch (verdict) {
            case Bpf.INGRESS_NEXT -> "host";
            case Bpf.INGRESS_DROP -> "director";
            default -> "verdict " + verdict;
        };
    }

    private static byte[] bytes(String address) {
        return IpAddress.parse(address).toBytes();
    }

    /** Four bytes of ports in a packet of either family; options before them are zeros. */
    private static byte[] packet(
            boolean tagged, String from, int fromPort, String to, int toPort, int protocol, int fragment, int options) {
        final boolean four = !to.contains(":");
        final ByteBuffer b = ByteBuffer.allocate(256);
        b.putLong(0).putInt(0);
        if (tagged) {
            b.putInt(0x8100_0064);
        }
        b.putShort((short) (four ? 0x0800 : 0x86DD));
        if (four) {
            b.put((byte) (0x45 + options / 4))
                    .put((byte) 0)
                    .putShort((short) 60)
                    .putShort((short) 1);
            b.putShort((short) fragment).put((byte) 64).put((byte) protocol).putShort((short) 0);
            b.put(bytes(from)).put(bytes(to)).put(new byte[options]);
        } else {
            b.putInt(0x6000_0000).putShort((short) 60);
            b.put((byte) (options > 0 ? 60 : fragment > 0 ? 44 : protocol)).put((byte) 64);
            b.put(bytes(from)).put(bytes(to));
            if (options > 0) {
                b.put((byte) (fragment > 0 ? 44 : protocol))
                        .put((byte) (options / 8 - 1))
                        .put(new byte[options - 2]);
            }
            if (fragment > 0) {
                b.put((byte) protocol)
                        .put((byte) 0)
                        .putShort((short) ((fragment & 0x1FFF) << 3))
                        .putInt(1);
            }
        }
        b.putShort((short) fromPort).putShort((short) toPort).putLong(0);
        return Arrays.copyOf(b.array(), b.position());
    }

    private static byte[] packet(String from, int fromPort, String to, int toPort, int protocol) {
        return packet(false, from, fromPort, to, toPort, protocol, 0, 0);
    }

    @ParameterizedTest
    @CsvSource({
        // to a VIP, whatever it is
        "192.0.2.1, 1000, 10.0.0.1, 80, 6, director",
        "192.0.2.1, 1000, 10.0.0.1, 81, 1, director",
        "192.0.2.1, 1000, 10.0.9.77, 80, 6, director",
        "192.0.2.1, 1000, 10.0.8.77, 80, 6, host",
        "2001:db8:7::1, 1000, 2001:db8::1, 80, 6, director",
        "2001:db8:7::1, 1000, 2001:db8:9::5, 80, 6, director",
        "2001:db8:7::1, 1000, 2001:db8:a::5, 80, 6, host",
        // to a local address
        "10.1.0.1, 8080, 10.0.0.3, 2000, 6, director",
        // to a service on the host's own address
        "192.0.2.1, 1000, 10.0.0.2, 80, 6, director",
        "192.0.2.1, 1000, 10.0.0.2, 22, 6, host",
        "192.0.2.1, 1000, 10.0.0.2, 80, 17, director",
        "192.0.2.1, 1000, 10.0.0.2, 99, 17, director",
        "192.0.2.1, 1000, 10.0.0.2, 80, 1, host",
        "2001:db8:7::1, 1000, 2001:db8::2, 80, 6, director",
        "2001:db8:7::1, 1000, 2001:db8::2, 22, 6, host",
        // to the host, from a server behind NAT
        "10.1.0.1, 8080, 10.0.0.2, 2000, 6, host",
        // from a server behind NAT
        "10.1.0.1, 8080, 192.0.2.1, 1000, 6, director",
        "10.1.0.1, 8081, 192.0.2.1, 1000, 6, host",
        "10.1.0.1, 8080, 192.0.2.1, 1000, 17, host",
        "10.1.0.2, 5555, 192.0.2.1, 1000, 6, director",
        "2001:db8:1::1, 53, 2001:db8:7::1, 1000, 17, director",
        "2001:db8:1::1, 54, 2001:db8:7::1, 1000, 17, host",
        // anybody else
        "10.1.0.9, 8080, 192.0.2.1, 1000, 6, host",
        "fe80::1, 0, ff02::1, 0, 58, host",
    })
    void shouldTakeWhatTheRulesSay(String from, int fromPort, String to, int toPort, int protocol, String whose) {
        assertEquals(whose, verdict(packet(from, fromPort, to, toPort, protocol)));
        assertEquals(whose, verdict(packet(true, from, fromPort, to, toPort, protocol, 0, 0)), "tagged");
        assertEquals(whose, verdict(packet(false, from, fromPort, to, toPort, protocol, 0, 8)), "with options");
    }

    @ParameterizedTest
    @CsvSource({
        "192.0.2.1, 10.0.0.1, director",
        "2001:db8:7::1, 2001:db8::1, director",
        "10.1.0.1, 192.0.2.1, director",
        "2001:db8:1::1, 2001:db8:7::1, director",
        "10.1.0.9, 192.0.2.1, host",
        // no port tells whose it is: the tap copies it
        "192.0.2.1, 10.0.0.2, host",
        "10.1.0.1, 10.0.0.2, host",
    })
    void shouldGiveLaterFragmentsToTheDirectorIfTheAddressesTell(String from, String to, String whose) {
        assertEquals(whose, verdict(packet(false, from, 0, to, 0, UDP, 100, 0)));
        assertEquals(whose, verdict(packet(false, from, 0, to, 0, UDP, 100, 16)), "with options");
    }

    @Test
    void shouldLeaveTheHostWhatIsCutOff() {
        for (final byte[] whole : List.of(
                packet("10.1.0.1", 8080, "192.0.2.1", 1000, TCP),
                packet("2001:db8:1::1", 53, "2001:db8:7::1", 1000, UDP))) {
            final int ports = whole.length - 12;
            // The kernel does not run programs on less than an Ethernet header.
            for (int length = 14; length < ports + 4; length++) {
                assertEquals("host", verdict(Arrays.copyOf(whole, length)), "length " + length);
            }
            assertEquals("director", verdict(Arrays.copyOf(whole, ports + 4)));
        }
    }

    @Test
    void shouldLeaveTheHostWhatIsNotIp() {
        final byte[] arp = new byte[60];
        ByteBuffer.wrap(arp).putShort(12, (short) 0x0806);
        assertEquals("host", verdict(arp));
    }

    @Test
    void shouldFollowChanges() {
        final byte[] toNew = packet("192.0.2.1", 1000, "10.0.0.50", 80, TCP);
        final byte[] toShared = packet("192.0.2.1", 1000, "10.0.0.2", 443, TCP);
        final byte[] fromNew = packet("10.1.0.77", 80, "192.0.2.1", 1000, TCP);
        final byte[] fromOld = packet("10.1.0.1", 8080, "192.0.2.1", 1000, TCP);
        follow(new Change(
                List.of(prefix("10.0.0.50", 32)),
                new Delta<>(List.of(at("10.0.0.2", TCP, 443)), List.of()),
                new Delta<>(List.of(at("10.1.0.77", TCP, 80)), List.of(at("10.1.0.1", TCP, 8080))),
                new Delta<>(List.of(), List.of())));
        assertEquals("director", verdict(toNew));
        assertEquals("director", verdict(toShared));
        assertEquals("director", verdict(fromNew));
        assertEquals("host", verdict(fromOld));
        follow(rules());
        assertEquals("host", verdict(toNew));
        assertEquals("host", verdict(toShared));
        assertEquals("host", verdict(fromNew));
        assertEquals("director", verdict(fromOld));
    }

    /** What was refused is not taken for written. */
    @Test
    void shouldFollowAgainAfterAMapWasFull() {
        final List<Endpoint> tooMany = new ArrayList<>();
        for (int i = 0; i <= XdpFilter.MOST_ENDPOINTS; i++) {
            tooMany.add(new Endpoint(IpAddress.ofV4(0x0B00_0000 + (i >> 10)), TCP, 1 + i % 1024));
        }
        final Delta<Endpoint> none = new Delta<>(List.of(), List.of());
        final Change full =
                new Change(List.of(), none, new Delta<>(tooMany, List.of()), new Delta<>(List.of(), List.of()));
        assertThrows(RuntimeException.class, () -> device.follow(full));

        final Endpoint last = tooMany.get(tooMany.size() - 1);
        follow(new GuardRules(List.of(), List.of(), List.of(), List.of(last), List.of()));

        final String address = last.address().toString();
        assertEquals("director", verdict(packet(address, last.port(), "192.0.2.1", 1000, TCP)));
        assertEquals("host", verdict(packet("11.0.0.0", 1, "192.0.2.1", 1000, TCP)));
    }

    @Test
    void shouldLeaveEverythingToTheHostWithoutRules() {
        follow(new GuardRules(List.of(), List.of(), List.of(), List.of(), List.of()));
        assertEquals("host", verdict(packet("192.0.2.1", 1000, "10.0.0.1", 80, TCP)));
        assertEquals("host", verdict(packet("192.0.2.1", 1000, "10.0.9.1", 80, TCP)));
        assertEquals("host", verdict(packet("10.1.0.1", 8080, "192.0.2.1", 1000, TCP)));
        assertEquals(List.of(), device.attachment().filter().rolesText());
    }
}
