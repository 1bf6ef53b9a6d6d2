package io.weir.dataplane;

import static io.weir.dataplane.PathFixture.CLIENT;
import static io.weir.dataplane.PathFixture.SERVER;
import static io.weir.dataplane.PathFixture.VIP;
import static io.weir.dataplane.PathFixture.fromClient;
import static io.weir.dataplane.PathFixture.fromServer;
import static io.weir.dataplane.PathFixture.parsed;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.dataplane.io.PacketBatch;
import io.weir.packet.IpAddress;
import io.weir.packet.ParsedPacket;
import io.weir.packet.TcpFlags;
import io.weir.service.SlotCounters;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What becomes of the connections of a real server that was deleted, if they are not to die slowly. */
class EndingsTest {
    private static final int[] SLOT = {0};

    private static void establish(PathFixture f, boolean replies) {
        f.run(fromClient().ip(CLIENT, VIP).tcp(40000, 80, TcpFlags.SYN).seq(100), 0);
        if (replies) {
            f.run(
                    fromServer()
                            .ip(SERVER, CLIENT)
                            .tcp(8080, 40000, TcpFlags.SYN | TcpFlags.ACK)
                            .seq(900)
                            .ack(101),
                    1);
        }
        f.run(fromClient().ip(CLIENT, VIP).tcp(40000, 80, TcpFlags.ACK).seq(101).ack(901), 0);
    }

    private static void end(PathFixture f, PathFixture.Builder how, boolean reset) {
        f.withoutServers(how);
        f.parts.endings().begin(SLOT, reset);
        f.turn();
    }

    private static int word(byte[] frame, int at) {
        return (frame[at] & 0xFF) << 24
                | (frame[at + 1] & 0xFF) << 16
                | (frame[at + 2] & 0xFF) << 8
                | frame[at + 3] & 0xFF;
    }

    @ParameterizedTest
    @CsvSource({"nat,true", "dr,false"})
    void shouldAskTheClientAndThenResetBothEndsExactly(String method, boolean replies) {
        final PathFixture.Builder how = method.equals("nat") ? PathFixture.nat() : PathFixture.dr();
        final PathFixture f = how.build();
        establish(f, replies);
        end(f, how, true);
        assertEquals(1, f.sent.size(), "the client is asked");
        final ParsedPacket question = parsed(f.sent.get(0));
        assertEquals(TcpFlags.ACK, question.tcpFlags);
        assertEquals(CLIENT, IpAddress.format(question.dstHi, question.dstLo));
        assertEquals(VIP, IpAddress.format(question.srcHi, question.srcLo));
        assertTrue(PathFixture.checksumHolds(f.sent.get(0)));

        final List<byte[]> resets = f.run(
                fromClient()
                        .ip(CLIENT, VIP)
                        .tcp(40000, 80, TcpFlags.ACK)
                        .seq(555)
                        .ack(777),
                0);

        assertEquals(2, resets.size());
        final ParsedPacket toClient = parsed(resets.get(0));
        assertEquals(TcpFlags.RST, toClient.tcpFlags);
        assertEquals(777, word(resets.get(0), toClient.l4Offset + 4));
        assertEquals(40000, toClient.dstPort);
        final ParsedPacket toServer = parsed(resets.get(1));
        assertEquals(TcpFlags.RST, toServer.tcpFlags);
        assertEquals(555, word(resets.get(1), toServer.l4Offset + 4));
        assertEquals(CLIENT, IpAddress.format(toServer.srcHi, toServer.srcLo));
        assertEquals(replies ? SERVER : VIP, IpAddress.format(toServer.dstHi, toServer.dstLo));
        assertEquals(0x0A, resets.get(1)[5], "the real server's MAC address");
        assertTrue(PathFixture.checksumHolds(resets.get(1)));
        assertEquals(0, f.table.size());
        assertEquals(0, f.load.counters().get(0, SlotCounters.ACTIVE));
        assertEquals(1, f.parts.endings().resets());
    }

    @Test
    void shouldForgetFlowsAtOnceWhoseNextPacketIsThenANewOne() {
        final PathFixture.Builder how = PathFixture.nat().udp();
        final PathFixture f = how.build();
        f.run(fromClient().ip(CLIENT, VIP).udp(40000, 80).payload(8), 0);
        assertEquals(1, f.table.size());
        end(f, how, false);
        assertEquals(List.of(), f.sent);
        assertEquals(0, f.table.size());
        assertEquals(0, f.load.counters().get(0, SlotCounters.INACTIVE));
        assertEquals(1, f.parts.endings().ended());
    }

    @Test
    void shouldForgetAHandshakeSoThatTheRepeatedSynGoesElsewhere() {
        final PathFixture f = PathFixture.nat().build();
        f.run(fromClient().ip(CLIENT, VIP).tcp(40000, 80, TcpFlags.SYN).seq(100), 0);
        end(f, PathFixture.nat(), true);
        assertEquals(0, f.table.size());
    }

    @Test
    void shouldLeaveAConnectionAloneWhoseServerIsBack() {
        final PathFixture f = PathFixture.nat().build();
        establish(f, true);
        f.parts.endings().begin(SLOT, true);
        f.turn();
        assertEquals(1, f.table.size());
        assertEquals(List.of(), f.sent);
        assertEquals(
                1,
                f.run(fromClient().ip(CLIENT, VIP).tcp(40000, 80, TcpFlags.ACK), 0)
                        .size());
    }

    @Test
    void shouldDropWhatComesForADeletedServerUnlessAskedToReset() {
        final PathFixture f = PathFixture.nat().build();
        establish(f, true);
        f.withoutServers(PathFixture.nat());
        assertEquals(List.of(), f.run(fromClient().ip(CLIENT, VIP).tcp(40000, 80, TcpFlags.ACK), 0));
        assertEquals(PacketBatch.DROP, f.verdict());
        assertEquals(DropReason.DESTINATION_GONE.code(), f.batch.reason[0]);
    }
}
