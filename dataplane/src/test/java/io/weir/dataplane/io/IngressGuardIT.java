package io.weir.dataplane.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.dataplane.io.GuardRules.Endpoint;
import io.weir.dataplane.io.linux.InterfaceControl;
import io.weir.dataplane.io.linux.LinuxConstants;
import io.weir.dataplane.io.linux.NetfilterSocket;
import io.weir.dataplane.route.InterfaceInfo.Prefix;
import io.weir.packet.IpAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A director's host between a client's network ({@code p0 - l0}, 10.9.0.0/24) and a farther one ({@code l1 - f0},
 * 10.8.0.0/24), which has the VIP 10.9.0.100 itself and forwards.
 */
@Tag("netns")
class IngressGuardIT {
    private static final String VIP = "10.9.0.100";
    private static final String OWN = "10.9.0.1";
    private static final String SERVER = "10.9.0.2";
    private static final String FAR = "10.8.0.2";
    private static final String VIP6 = "2001:db8:9::100";
    private static final String OWN6 = "2001:db8:9::1";

    @SuppressWarnings("NullAway.Init")
    private VethPair pair;

    @SuppressWarnings("NullAway.Init")
    private Netns far;

    private long directorMac;

    @BeforeEach
    void makeNetwork() {
        pair = new VethPair();
        far = new Netns("far");
        Netns.veth(pair.lb(), "l1", far, "f0");
        address(pair.lb(), "l0", OWN);
        address(pair.lb(), "l0", VIP);
        address(pair.lb(), "l1", "10.8.0.1");
        address(pair.other(), "p0", SERVER);
        address(far, "f0", FAR);
        far.exec("ip", "route", "add", "default", "via", "10.8.0.1");
        pair.lb().exec("sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv4.conf.all.rp_filter=0");
        pair.lb().exec("ping", "-c1", "-W2", FAR);
        directorMac = pair.lb().call(() -> {
            try (InterfaceControl control = new InterfaceControl("l0")) {
                return control.macAddress();
            }
        });
    }

    @AfterEach
    void deleteNetwork() {
        ended();
        pair.close();
        far.close();
    }

    private static void address(Netns netns, String interfaceName, String address) {
        netns.exec("ip", "address", "add", address + "/24", "dev", interfaceName);
    }

    private static List<IpAddress> addresses(String... texts) {
        return Stream.of(texts).map(IpAddress::parse).toList();
    }

    private static GuardRules rules() {
        return new GuardRules(
                List.of(new Prefix(IpAddress.parse(VIP), 32), new Prefix(IpAddress.parse(VIP6), 128)),
                List.of(new Endpoint(IpAddress.parse(OWN), 6, 81)),
                List.of(),
                List.of(new Endpoint(IpAddress.parse(SERVER), 6, 80)),
                addresses(OWN, OWN6, "10.8.0.1"));
    }

    private static GuardRules none() {
        return new GuardRules(List.of(), List.of(), List.of(), List.of(), List.of());
    }

    /** What follows the guard's rules, and is closed by {@link #ended}. */
    List<RuleFollower> followers() {
        return List.of();
    }

    private IngressGuard install(GuardRules rules) {
        return pair.lb().call(() -> IngressGuard.install("test-1", List.of("l0", "l1"), rules, followers()));
    }

    /** The guard, or the process that had it, has gone. */
    void ended() {}

    private void remove(IngressGuard guard) {
        ended();
        pair.lb().call(() -> {
            guard.remove();
            guard.remove();
            return 0;
        });
    }

    private boolean peerReaches(String address) {
        return pair.other().status("ping", "-c1", "-W1", address) == 0;
    }

    @Test
    void shouldKeepTheHostFromAnsweringForAVip() {
        assertTrue(peerReaches(VIP));
        final IngressGuard guard = install(rules());
        assertFalse(peerReaches(VIP));
        assertTrue(peerReaches(OWN));
        remove(guard);
        assertTrue(peerReaches(VIP));
    }

    @Test
    void shouldStillLetThePacketSocketSeeIt() {
        try (PacketDevice device = pair.device("afpacket:l0?slots=1024");
                RawPort peer = pair.peer()) {
            install(rules());
            peer.send(TestFrames.tcp(directorMac, SERVER, 40_000, VIP, 80, 10));
            final PacketBatch batch = new PacketBatch();
            final long deadline = System.nanoTime() + 2_000_000_000L;
            while (batch.size == 0 && System.nanoTime() - deadline < 0) {
                device.receive(batch, 0);
            }
            assertEquals(1, batch.size);
        }
    }

    @Test
    void shouldKeepTheHostFromAnsweringArpForAVipOnly() {
        install(rules());
        pair.other().exec("ip", "neighbour", "flush", "dev", "p0");
        assertFalse(peerReaches(VIP));
        assertTrue(peerReaches(OWN));
        final String neighbours = pair.other().exec("ip", "neighbour", "show", "dev", "p0");
        assertFalse(neighbours.contains(VIP + " lladdr"), neighbours);
        assertTrue(neighbours.contains(OWN + " lladdr"), neighbours);
    }

    @Test
    void shouldKeepTheHostFromAnsweringSolicitationsForAVipOnly() {
        for (final Netns netns : List.of(pair.lb(), pair.other())) {
            netns.exec("sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=0", "net.ipv6.conf.default.accept_dad=0");
        }
        for (final String address : List.of(OWN6, VIP6)) {
            pair.lb().exec("ip", "address", "add", address + "/64", "dev", "l0", "nodad");
        }
        pair.other().exec("ip", "address", "add", "2001:db8:9::2/64", "dev", "p0", "nodad");
        install(rules());
        assertFalse(peerReaches(VIP6));
        assertTrue(peerReaches(OWN6));
        final String neighbours = pair.other().exec("ip", "-6", "neighbour", "show", "dev", "p0");
        assertFalse(neighbours.contains(VIP6 + " lladdr"), neighbours);
        assertTrue(neighbours.contains(OWN6 + " lladdr"), neighbours);
    }

    @Test
    void shouldKeepTheHostFromForwardingReplies() {
        install(rules());
        try (RawPort peer = pair.peer();
                RawPort sink = far.call(() -> new RawPort("f0"))) {
            peer.send(TestFrames.tcp(directorMac, SERVER, 80, FAR, 40_000, 1));
            peer.send(TestFrames.laterFragment(directorMac, SERVER, FAR));
            peer.send(TestFrames.tcp(directorMac, SERVER, 81, FAR, 40_000, 3));
            final List<RawPort.Frame> frames = sink.receive(1);
            assertEquals(1, frames.size());
            assertEquals(54 + 3, frames.get(0).bytes().length);
            assertEquals(0, sink.drain().size());
        }
    }

    /** The health checker of the host itself talks to the same server and port. */
    @Test
    void shouldLetTheHostItselfTalkToAServer() {
        install(rules());
        try (RawPort peer = pair.peer()) {
            peer.send(TestFrames.tcp(directorMac, SERVER, 80, OWN, 40_000, 0));
            // A stray segment: the host's stack answers with a reset.
            assertEquals(1, tcpFrames(peer.receive(2)));
        }
    }

    @Test
    void shouldTakeOnlyAServicesPortOfASharedAddress() {
        install(rules());
        try (RawPort peer = pair.peer()) {
            peer.send(TestFrames.tcp(directorMac, SERVER, 40_000, OWN, 81, 0));
            peer.send(TestFrames.tcp(directorMac, SERVER, 40_000, OWN, 82, 0));
            assertEquals(1, tcpFrames(peer.receive(3)));
        }
    }

    private static long tcpFrames(List<RawPort.Frame> frames) {
        return frames.stream()
                .filter(f -> f.bytes()[12] == 8 && f.bytes()[23] == 6)
                .count();
    }

    @Test
    void shouldReplaceItsRules() {
        final IngressGuard guard = install(rules());
        assertFalse(peerReaches(VIP));
        pair.lb().call(() -> {
            guard.replace(none());
            return 0;
        });
        pair.other().exec("ip", "neighbour", "flush", "dev", "p0");
        assertTrue(peerReaches(VIP));
    }

    @Test
    void shouldCleanWhatAKilledDirectorLeft() {
        install(rules());
        ended();
        assertTrue(pair.lb().call(() -> IngressGuard.cleanLeftover("test-1")));
        assertTrue(peerReaches(VIP));
        assertFalse(pair.lb().call(() -> IngressGuard.cleanLeftover("test-1")));
        assertFalse(pair.lb().exec("nft", "list", "ruleset").contains("weir_guard"));
    }

    private String failure(String interfaceName, GuardRules rules) {
        final RuntimeException e = assertThrows(RuntimeException.class, () -> pair.lb()
                .call(() -> IngressGuard.install("test", List.of(interfaceName), rules, List.of())));
        assertFalse(pair.lb().exec("nft", "list", "ruleset").contains("weir_guard"));
        return String.valueOf(e.getMessage());
    }

    @Test
    void shouldTellThatAnInterfaceIsMissing() {
        assertEquals("interface eth9: no such device", failure("eth9", rules()));
    }

    @Test
    void shouldTellInNftsWordsWhatIsWrong() {
        final GuardRules wrong = new GuardRules(
                List.of(new Prefix(IpAddress.parse(VIP), 40)), List.of(), List.of(), List.of(), List.of());
        final String message = failure("l0", wrong);
        assertTrue(message.startsWith("nft: ") && message.contains("Error"), message);
        assertEquals(1, message.lines().count());
    }

    private static GuardRules.Delta<Endpoint> servers(int from, int to, boolean add) {
        final List<Endpoint> all = new ArrayList<>();
        for (int i = from; i < to; i++) {
            all.add(new Endpoint(IpAddress.ofV4(0x0A50_0000 + i), 6, i % 7 == 0 ? 0 : 80));
            all.add(new Endpoint(IpAddress.parse("2001:db8:50::" + Integer.toHexString(i + 1)), 17, 53));
        }
        return add ? new GuardRules.Delta<>(all, List.of()) : new GuardRules.Delta<>(List.of(), all);
    }

    private static GuardRules.Delta<IpAddress> addresses(GuardRules.Delta<Endpoint> of) {
        return new GuardRules.Delta<>(
                of.added().stream().map(Endpoint::address).toList(),
                of.removed().stream().map(Endpoint::address).toList());
    }

    /** What the kernel is told in its own messages is what nft would have told it; neither knows of the other. */
    @Test
    void shouldSayToTheKernelWhatNftSays() {
        final List<Prefix> vips = new ArrayList<>();
        for (int i = 1; i < 60; i += 2) {
            vips.add(new Prefix(IpAddress.ofV4(0xC633_6400 + i), 32));
        }
        final GuardRules.Delta<Endpoint> shared =
                new GuardRules.Delta<>(List.of(new Endpoint(IpAddress.parse(OWN), 17, 53)), List.of());
        final GuardRules.Delta<Endpoint> more = servers(0, 2_500, true);
        final GuardRules.Delta<Endpoint> fewer = servers(100, 1_400, false);
        final List<GuardRules.Change> changes = List.of(
                new GuardRules.Change(vips, shared, more, addresses(more)),
                new GuardRules.Change(
                        List.of(), new GuardRules.Delta<>(List.of(), List.of()), fewer, addresses(fewer)));
        pair.lb().call(() -> {
            final IngressGuard ours = IngressGuard.install("ours", List.of("l0"), rules(), List.of());
            final IngressGuard theirs = IngressGuard.install("theirs", List.of("l1"), rules(), List.of());
            for (final GuardRules.Change change : changes) {
                final GuardBatch.Messages messages = GuardBatch.of("weir_guard_ours", change);
                try (NetfilterSocket socket = new NetfilterSocket()) {
                    assertEquals(0, socket.transact(messages.bytes(), messages.last()));
                }
                IngressGuard.nft(GuardScript.change("weir_guard_theirs", change));
                assertEquals(listed("theirs"), listed("ours"));
            }
            ours.remove();
            theirs.remove();
            return 0;
        });
    }

    @Test
    void shouldTellWhenItsSetsAreTooSmall() {
        final GuardRules.Delta<Endpoint> nothing = new GuardRules.Delta<>(List.of(), List.of());
        final List<Endpoint> all = new ArrayList<>();
        for (int i = 0; i < 140_000; i++) {
            all.add(new Endpoint(IpAddress.ofV4(0x0A50_0000 + i), 6, 80));
        }
        final GuardRules.Delta<Endpoint> many = new GuardRules.Delta<>(all, List.of());
        final GuardRules.Change change = new GuardRules.Change(List.of(), nothing, many, addresses(many));
        pair.lb().call(() -> {
            final IngressGuard guard = IngressGuard.install("large", List.of("l0"), rules(), List.of());
            assertFalse(guard.hasRoomFor(change));
            guard.replace(new GuardRules(List.of(), List.of(), List.of(), all, List.of()));
            assertTrue(guard.hasRoomFor(change));
            guard.remove();
            return 0;
        });
    }

    /** Sets are listed in no order. */
    private static Set<String> listed(String name) {
        final String text = IngressGuard.nft("list table netdev weir_guard_" + name + "\n");
        final int chains = text.indexOf("chain ");
        assertTrue(chains > 0, text);
        return new TreeSet<>(Arrays.asList(text.substring(text.indexOf('\n'), chains)
                .replaceAll("\\s+", " ")
                .split("(?=set )|, |[{}]")));
    }

    @Test
    void shouldLeaveToNftWhatTheKernelRefuses() {
        final GuardRules wide = new GuardRules(
                List.of(new Prefix(IpAddress.parse("198.51.100.0"), 24)), List.of(), List.of(), List.of(), List.of());
        final GuardRules.Change within = new GuardRules.Change(
                List.of(
                        new Prefix(IpAddress.parse("198.51.100.7"), 32),
                        new Prefix(IpAddress.parse("203.0.113.7"), 32)),
                new GuardRules.Delta<>(List.of(), List.of()),
                new GuardRules.Delta<>(List.of(), List.of()),
                new GuardRules.Delta<>(List.of(), List.of()));
        pair.lb().call(() -> {
            final IngressGuard guard = IngressGuard.install("wide", List.of("l0"), wide, List.of());
            guard.change(within);
            final String text = IngressGuard.nft("list set netdev weir_guard_wide taken4\n");
            assertTrue(text.contains("198.51.100.0/24") && text.contains("203.0.113.7"), text);
            guard.remove();
            return 0;
        });
    }

    private static GuardRules.Change reply(String address, boolean add) {
        final GuardRules.Delta<Endpoint> none = new GuardRules.Delta<>(List.of(), List.of());
        final List<Endpoint> one = List.of(new Endpoint(IpAddress.parse(address), 6, 80));
        final GuardRules.Delta<Endpoint> delta =
                add ? new GuardRules.Delta<>(one, List.of()) : new GuardRules.Delta<>(List.of(), one);
        return new GuardRules.Change(List.of(), none, delta, addresses(delta));
    }

    /** The kernel answers the messages of a batch one by one, those of a refused one, too. */
    @Test
    void shouldNotTakeTheAnswerToARefusedBatchForThatToTheNext() {
        pair.lb().call(() -> {
            final IngressGuard guard = IngressGuard.install("test-1", List.of("l0"), rules(), List.of());
            try (NetfilterSocket socket = new NetfilterSocket()) {
                for (int i = 0; i < 3; i++) {
                    final GuardBatch.Messages unknown =
                            GuardBatch.of("weir_guard_test_1_nowhere", reply("10.9.0.3", true));
                    assertEquals(LinuxConstants.ENOENT, socket.transact(unknown.bytes(), unknown.last()));
                    final GuardBatch.Messages gone =
                            GuardBatch.of(IngressGuard.tableName("test-1"), reply("10.9.0.77", false));
                    assertEquals(LinuxConstants.ENOENT, socket.transact(gone.bytes(), gone.last()));
                    final GuardBatch.Messages good =
                            GuardBatch.of(IngressGuard.tableName("test-1"), reply("10.9.0.4", i % 2 == 0));
                    assertEquals(0, socket.transact(good.bytes(), good.last()));
                }
            }
            guard.remove();
            return 0;
        });
    }

    @Test
    void shouldSeeThatSomebodyRemovedIt() {
        final IngressGuard guard = install(rules());
        assertFalse(pair.lb().call(guard::isGone));
        pair.lb().exec("nft", "flush", "ruleset");
        assertTrue(pair.lb().call(guard::isGone));
        pair.lb().call(() -> {
            guard.replace(rules());
            return 0;
        });
        assertFalse(pair.lb().call(guard::isGone));
        assertFalse(peerReaches(VIP));
        remove(guard);
    }
}
