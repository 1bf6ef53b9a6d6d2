package io.weir.dataplane;

import static io.weir.dataplane.PathFixture.SERVER;
import static io.weir.dataplane.PathFixture.VIP;
import static io.weir.dataplane.PathFixture.fromServer;
import static io.weir.dataplane.PathFixture.parsed;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.dataplane.PathProbe.Outcome;
import io.weir.dataplane.io.PacketBatch;
import io.weir.packet.IpAddress;
import io.weir.packet.ParsedPacket;
import io.weir.packet.TcpFlags;
import io.weir.service.Destination;
import io.weir.service.Destination.Tunnel;
import io.weir.service.SlotCounters;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Handshakes of the director's own in the way of its services' traffic. */
class PathProbesTest {
    private static final String OWN = "10.20.0.1";

    private static PathProbe start(PathFixture f, int method, int port) {
        final PathProbe probe = new PathProbe(
                IpAddress.parse(VIP),
                80,
                new Destination(0, IpAddress.parse(SERVER), port, 1, method, 0, 0, Tunnel.IPIP));
        f.parts.probes().start(probe, f.nowNs);
        f.turn();
        return probe;
    }

    private static int word(byte[] frame, int at) {
        return (frame[at] & 0xFF) << 24
                | (frame[at + 1] & 0xFF) << 16
                | (frame[at + 2] & 0xFF) << 8
                | frame[at + 3] & 0xFF;
    }

    @ParameterizedTest
    @CsvSource({"0,8080", "3,80", "2,80"})
    void shouldShakeHandsAsAClientOfTheServiceAndLetGo(int method, int port) {
        final PathFixture f =
                switch (method) {
                    case 0 -> PathFixture.nat().build();
                    case 3 -> PathFixture.dr().build();
                    default -> PathFixture.tun(Tunnel.IPIP).build();
                };
        final PathProbe probe = start(f, method, port);
        assertEquals(1, f.sent.size());
        final int inner = method == 2 ? 34 + 20 : 34;
        final byte[] syn = f.sent.get(0);
        assertEquals(0x0A, syn[5], "the real server's MAC address");
        assertEquals(TcpFlags.SYN, syn[inner + 13]);
        final int sequence = word(syn, inner + 4);
        final int clientPort = word(syn, inner) >>> 16;
        assertEquals(method == 0 ? 8080 : 80, word(syn, inner) & 0xFFFF);
        assertEquals(IpAddress.parse(method == 0 ? SERVER : VIP), new IpAddress(0, IpAddress.v4(word(syn, inner - 4))));
        assertEquals(Outcome.WAITING, probe.outcome());
        assertEquals(0, f.table.size(), "no connection is left behind");
        assertEquals(0, f.load.counters().get(0, SlotCounters.CONNS));

        final List<byte[]> reset = f.run(
                fromServer()
                        .ip(method == 0 ? SERVER : VIP, OWN)
                        .tcp(port, clientPort, TcpFlags.SYN | TcpFlags.ACK)
                        .seq(4711)
                        .ack(sequence + 1),
                1);

        assertEquals(PacketBatch.CONSUMED, f.verdict());
        assertEquals(Outcome.OPEN, probe.outcome());
        assertEquals(1, reset.size());
        assertEquals(TcpFlags.RST, reset.get(0)[inner + 13]);
        assertEquals(sequence + 1, word(reset.get(0), inner + 4));
    }

    @Test
    void shouldTellARefusalFromAnOpenPort() {
        final PathFixture f = PathFixture.dr().build();
        final PathProbe probe = start(f, 3, 80);
        final ParsedPacket syn = parsed(f.sent.get(0));
        final int sequence = word(f.sent.get(0), syn.l4Offset + 4);
        f.run(
                fromServer()
                        .ip(VIP, OWN)
                        .tcp(80, syn.srcPort, TcpFlags.RST | TcpFlags.ACK)
                        .ack(sequence + 1),
                1);
        assertEquals(Outcome.REFUSED, probe.outcome());
    }

    @Test
    void shouldNotTakeWhatDoesNotAnswerTheProbe() {
        final PathFixture f = PathFixture.dr().build();
        final PathProbe probe = start(f, 3, 80);
        final ParsedPacket syn = parsed(f.sent.get(0));
        f.run(
                fromServer()
                        .ip(VIP, OWN)
                        .tcp(80, syn.srcPort, TcpFlags.SYN | TcpFlags.ACK)
                        .ack(1),
                1);
        assertEquals(PacketBatch.DROP, f.verdict());
        assertEquals(DropReason.MARTIAN.code(), f.batch.reason[0]);
        f.run(fromServer().ip(SERVER, OWN).tcp(22, syn.srcPort, TcpFlags.ACK), 1);
        assertEquals(PacketBatch.PASS, f.verdict());
        assertEquals(Outcome.WAITING, probe.outcome());
        f.parts.probes().forget(probe);
        f.run(
                fromServer()
                        .ip(VIP, OWN)
                        .tcp(80, syn.srcPort, TcpFlags.SYN | TcpFlags.ACK)
                        .ack(word(f.sent.isEmpty() ? new byte[64] : f.sent.get(0), 38) + 1),
                1);
        assertEquals(PacketBatch.DROP, f.verdict());
    }

    @Test
    void shouldSayThatFullNatCannotBeProbed() {
        assertEquals(
                Outcome.IMPOSSIBLE,
                start(PathFixture.fullNat().build(), 5, 8080).outcome());
    }

    @Test
    void shouldCountHowTheServerAnswersHandshakes() {
        final PathFixture f = PathFixture.nat().build();
        final String client = PathFixture.CLIENT;
        f.run(PathFixture.fromClient().ip(client, VIP).tcp(40000, 80, TcpFlags.SYN), 0);
        f.run(PathFixture.fromClient().ip(client, VIP).tcp(40000, 80, TcpFlags.SYN), 0);
        f.run(fromServer().ip(SERVER, client).tcp(8080, 40000, TcpFlags.SYN | TcpFlags.ACK), 1);
        f.run(PathFixture.fromClient().ip(client, VIP).tcp(40000, 80, TcpFlags.SYN), 0);
        f.run(PathFixture.fromClient().ip(client, VIP).tcp(40000, 80, TcpFlags.ACK), 0);
        f.run(PathFixture.fromClient().ip(client, VIP).tcp(40001, 80, TcpFlags.SYN), 0);
        f.run(fromServer().ip(SERVER, client).tcp(8080, 40001, TcpFlags.RST | TcpFlags.ACK), 1);
        final Answers answers = f.parts.connections().answers();
        assertEquals(1, answers.get(0, Answers.OPENED));
        assertEquals(1, answers.get(0, Answers.REFUSED));
        assertEquals(1, answers.get(0, Answers.UNANSWERED));
        assertTrue(parsed(f.run(PathFixture.fromClient().ip(client, VIP).tcp(40000, 80, TcpFlags.ACK), 0)
                                .get(0))
                        .dstPort
                == 8080);
    }
}
