package io.weir.dataplane;

import static io.weir.dataplane.PathFixture.CLIENT;
import static io.weir.dataplane.PathFixture.SERVER;
import static io.weir.dataplane.PathFixture.VIP;
import static io.weir.dataplane.PathFixture.fromClient;
import static io.weir.dataplane.PathFixture.fromServer;
import static io.weir.dataplane.PathFixture.parsed;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.conntrack.ConnectionTable;
import io.weir.conntrack.TcpState;
import io.weir.dataplane.io.PacketBatch;
import io.weir.packet.IpAddress;
import io.weir.packet.PacketBuilder;
import io.weir.packet.ParsedPacket;
import io.weir.packet.TcpFlags;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** FTP under NAT; what the kernel answers to whole sessions is in the corpus. */
class FtpHelperTest {
    private static final int CLIENT_SIDE = 0;
    private static final int SERVER_SIDE = 1;
    private static final int CONTROL = 40000;
    private static final String ANSWER = "227 Entering Passive Mode (10,20,0,10,200,1).\r\n";
    private static final String TOLD = "227 Entering Passive Mode (203,0,113,1,200,1).\r\n";
    private static final int LONGER = TOLD.length() - ANSWER.length();
    private static final int FIRST = 90_000;

    @TempDir
    Path folder = Path.of(".");

    private static PacketBuilder request(int flags, int sequence, int acknowledged, String text) {
        return fromClient()
                .ip(CLIENT, VIP)
                .tcp(CONTROL, 21, flags)
                .seq(sequence)
                .ack(acknowledged)
                .payload(text);
    }

    private static PacketBuilder answer(int flags, int sequence, int acknowledged, String text) {
        return fromServer()
                .ip(SERVER, CLIENT)
                .tcp(8080, CONTROL, flags)
                .seq(sequence)
                .ack(acknowledged)
                .payload(text);
    }

    private static void open(PathFixture f) {
        f.run(request(TcpFlags.SYN, 1000, 0, ""), CLIENT_SIDE);
        f.run(answer(TcpFlags.SYN | TcpFlags.ACK, FIRST - 1, 1001, ""), SERVER_SIDE);
        f.run(request(TcpFlags.ACK, 1001, FIRST, ""), CLIENT_SIDE);
    }

    private static PathFixture passive() {
        final PathFixture f = PathFixture.nat().virtualPort(21).build();
        open(f);
        f.run(request(TcpFlags.ACK, 1001, FIRST, "PASV\r\n"), CLIENT_SIDE);
        return f;
    }

    private static String text(byte[] frame) {
        final ParsedPacket p = parsed(frame);
        final int from = p.l4Offset + p.tcpHeaderLength;
        return new String(frame, from, p.l3Offset + p.l3Length - from, StandardCharsets.US_ASCII);
    }

    private static int number(byte[] frame, int offset) {
        return ByteBuffer.wrap(frame).getInt(parsed(frame).l4Offset + offset);
    }

    @Test
    void shouldTellTheVipAndShiftWhatFollows() {
        final PathFixture f = passive();

        final byte[] told =
                f.run(answer(TcpFlags.ACK, FIRST, 1007, ANSWER), SERVER_SIDE).get(0);
        assertEquals(TOLD, text(told));
        assertEquals(FIRST, number(told, 4));
        assertTrue(PathFixture.checksumHolds(told));

        final byte[] next = f.run(answer(TcpFlags.ACK, FIRST + ANSWER.length(), 1007, "150 ok\r\n"), SERVER_SIDE)
                .get(0);
        assertEquals(FIRST + TOLD.length(), number(next, 4));
        assertTrue(PathFixture.checksumHolds(next));

        final byte[] back = f.run(request(TcpFlags.ACK, 1007, FIRST + TOLD.length(), ""), CLIENT_SIDE)
                .get(0);
        assertEquals(FIRST + ANSWER.length(), number(back, 8));
        assertTrue(PathFixture.checksumHolds(back));
    }

    @Test
    void shouldTellTheVipInAPacketWhoseChecksumWasLeftToTheNic() {
        final PathFixture f = passive();
        final byte[] frame = answer(TcpFlags.ACK, FIRST, 1007, ANSWER).build();
        // A partial checksum: the sum of the pseudo header.
        final ParsedPacket p = parsed(frame);
        final int length = p.l4Length;
        long sum = (p.srcLo & 0xFFFF) + (p.srcLo >> 16 & 0xFFFF) + (p.dstLo & 0xFFFF) + (p.dstLo >> 16 & 0xFFFF);
        sum += 6 + length;
        ByteBuffer.wrap(frame).putShort(p.l4Offset + 16, (short) ((sum & 0xFFFF) + (sum >> 16)));

        final byte[] told = f.run(frame, SERVER_SIDE, p.l4Offset, 0).get(0);

        assertEquals(TOLD, text(told));
        assertTrue(PathFixture.checksumHolds(told));
    }

    @Test
    void shouldLetTheClientConnectFromAPortUnknownBefore() {
        final PathFixture f = passive();
        f.run(answer(TcpFlags.ACK, FIRST, 1007, ANSWER), SERVER_SIDE);
        assertEquals(2, f.table.size());

        final byte[] data = f.run(fromClient().ip(CLIENT, VIP).tcp(40001, 51201, TcpFlags.SYN), CLIENT_SIDE)
                .get(0);
        final ParsedPacket p = parsed(data);

        assertEquals(SERVER, IpAddress.format(p.dstHi, p.dstLo));
        assertEquals(51201, p.dstPort);
        assertEquals(2, f.table.size());
        final int id = f.batch.connection[0];
        assertEquals(40001, f.table.clientPort(id));
        assertEquals(TcpState.SYN_RECV, f.table.state(id));
        assertEquals(1, f.table.controlled(f.table.controller(id)));
        // A second one is no part of what was announced.
        f.run(fromClient().ip(CLIENT, VIP).tcp(40002, 51201, TcpFlags.SYN), CLIENT_SIDE);
        assertEquals(2, f.table.size());
    }

    @Test
    void shouldLetTheRealServerConnectToTheClient() {
        final PathFixture f = PathFixture.nat().virtualPort(21).build();
        open(f);
        f.run(request(TcpFlags.ACK, 1001, FIRST, "PORT 198,51,100,7,156,72\r\n"), CLIENT_SIDE);

        final byte[] data = f.run(fromServer().ip(SERVER, CLIENT).tcp(8079, 40008, TcpFlags.SYN), SERVER_SIDE)
                .get(0);
        final ParsedPacket p = parsed(data);

        assertEquals(VIP, IpAddress.format(p.srcHi, p.srcLo));
        assertEquals(20, p.srcPort);
    }

    @Test
    void shouldDropWhatHasAWrongChecksum() {
        final PathFixture f = passive();
        final byte[] frame = answer(TcpFlags.ACK, FIRST, 1007, ANSWER).build();
        frame[frame.length - 5] ^= 1;

        assertEquals(0, f.run(frame, SERVER_SIDE, -1, 0).size());

        assertEquals(PacketBatch.DROP, f.verdict());
        assertEquals(DropReason.FTP_REFUSED.code(), f.batch.reason[0]);
    }

    @Test
    void shouldGoOnAfterTheDirectorWasKilled() throws IOException {
        final Path file = folder.resolve("live");
        final PathFixture before = PathFixture.nat()
                .virtualPort(21)
                .table(ConnectionTable.open(file, 1024, 7, 64))
                .build();
        open(before);
        before.run(request(TcpFlags.ACK, 1001, FIRST, "PASV\r\n"), CLIENT_SIDE);
        before.run(answer(TcpFlags.ACK, FIRST, 1007, ANSWER), SERVER_SIDE);
        final Path left = Files.copy(file, folder.resolve("left"));

        final PathFixture f = PathFixture.nat()
                .virtualPort(21)
                .table(ConnectionTable.open(left, 1024, 7, 64))
                .build();
        assertEquals(2, f.parts.connections().adopt(f.snapshot));
        final byte[] next = f.run(answer(TcpFlags.ACK, FIRST + ANSWER.length(), 1007, "150 ok\r\n"), SERVER_SIDE)
                .get(0);
        assertEquals(FIRST + ANSWER.length() + LONGER, number(next, 4));
        final byte[] data = f.run(fromClient().ip(CLIENT, VIP).tcp(40001, 51201, TcpFlags.SYN), CLIENT_SIDE)
                .get(0);
        assertEquals(51201, parsed(data).dstPort);
    }

    /** What the real server of a FULLNAT connection is told, and says, bears the local end. */
    private static PacketBuilder fullNatAnswer(PathFixture f, int flags, int sequence, int acknowledged, String text) {
        return fromServer()
                .ip(SERVER, PathFixture.LIP)
                .tcp(8080, f.table.localPort(control(f)), flags)
                .seq(sequence)
                .ack(acknowledged)
                .payload(text);
    }

    private static int control(PathFixture f) {
        final IpAddress client = IpAddress.parse(CLIENT);
        final IpAddress vip = IpAddress.parse(VIP);
        return f.table.find(
                f.table.hash(6, client.hi(), client.lo(), CONTROL),
                6,
                client.hi(),
                client.lo(),
                CONTROL,
                vip.hi(),
                vip.lo(),
                21);
    }

    private static PathFixture.Builder fullNat() {
        return PathFixture.fullNat().virtualPort(21);
    }

    private static void openFullNat(PathFixture f) {
        f.run(request(TcpFlags.SYN, 1000, 0, ""), CLIENT_SIDE);
        f.run(fullNatAnswer(f, TcpFlags.SYN | TcpFlags.ACK, FIRST - 1, 1001, ""), SERVER_SIDE);
        f.run(request(TcpFlags.ACK, 1001, FIRST, ""), CLIENT_SIDE);
    }

    @Test
    void shouldNameTheLocalAddressToTheServerUnderFullNat() {
        final PathFixture f = fullNat().build();
        openFullNat(f);
        final String port = "PORT 198,51,100,7,200,9\r\n";

        final byte[] told =
                f.run(request(TcpFlags.ACK, 1001, FIRST, port), CLIENT_SIDE).get(0);

        assertEquals(2, f.table.size());
        final IpAddress client = IpAddress.parse(CLIENT);
        final int data = f.table.findLocal(
                6,
                f.table.destinationHi(control(f)),
                f.table.destinationLo(control(f)),
                8079,
                IpAddress.parse(PathFixture.LIP).hi(),
                IpAddress.parse(PathFixture.LIP).lo(),
                numberIn(text(told)));
        assertEquals(51209, f.table.clientPort(data));
        assertEquals(client.lo(), f.table.clientLo(data));
        assertEquals(control(f), f.table.controller(data));
        assertTrue(text(told).startsWith("PORT 10,20,0,200,"), text(told));
        assertTrue(PathFixture.checksumHolds(told));
        final int grown = text(told).length() - port.length();

        final byte[] answer = f.run(
                        fullNatAnswer(f, TcpFlags.ACK, FIRST, 1001 + text(told).length(), "200 ok\r\n"), SERVER_SIDE)
                .get(0);
        assertEquals(1001 + port.length(), number(answer, 8));
        assertTrue(PathFixture.checksumHolds(answer));
        final byte[] next = f.run(request(TcpFlags.ACK, 1001 + port.length(), FIRST + 8, "RETR x\r\n"), CLIENT_SIDE)
                .get(0);
        assertEquals(1001 + port.length() + grown, number(next, 4));
        assertTrue(PathFixture.checksumHolds(next));

        // The real server connects, and the client hears the VIP's port 20.
        final byte[] syn = f.run(
                        fromServer().ip(SERVER, PathFixture.LIP).tcp(8079, f.table.localPort(data), TcpFlags.SYN),
                        SERVER_SIDE)
                .get(0);
        final ParsedPacket p = parsed(syn);
        assertEquals(VIP, IpAddress.format(p.srcHi, p.srcLo));
        assertEquals(CLIENT, IpAddress.format(p.dstHi, p.dstLo));
        assertEquals(20, p.srcPort);
        assertEquals(51209, p.dstPort);
    }

    private static int numberIn(String port) {
        final String[] numbers = port.trim().split(",", -1);
        return Integer.parseInt(numbers[4]) << 8 | Integer.parseInt(numbers[5]);
    }

    @Test
    void shouldTellTheVipUnderFullNatAndGoOnWithItsTableFile() throws IOException {
        final Path file = folder.resolve("table");
        final int clientsPort;
        try (ConnectionTable table = ConnectionTable.open(file, 1024, 7, 1024)) {
            final PathFixture f = fullNat().toa().table(table).build();
            openFullNat(f);
            f.run(request(TcpFlags.ACK, 1001, FIRST, "PASV\r\n"), CLIENT_SIDE);
            final byte[] told = f.run(fullNatAnswer(f, TcpFlags.ACK, FIRST, 1007, ANSWER), SERVER_SIDE)
                    .get(0);
            assertEquals(TOLD, text(told));
            final byte[] data = f.run(fromClient().ip(CLIENT, VIP).tcp(40001, 51201, TcpFlags.SYN), CLIENT_SIDE)
                    .get(0);
            final ParsedPacket p = parsed(data);
            assertEquals(PathFixture.LIP, IpAddress.format(p.srcHi, p.srcLo));
            assertEquals(SERVER, IpAddress.format(p.dstHi, p.dstLo));
            assertEquals(51201, p.dstPort);
            clientsPort = f.table.clientPort(f.batch.connection[0]);
            assertEquals(40001, clientsPort);
        }
        try (ConnectionTable table = ConnectionTable.open(file, 1024, 7, 1024)) {
            assertEquals(2, table.recovered());
            final PathFixture f = fullNat().toa().table(table).build();

            final byte[] next = f.run(
                            fullNatAnswer(f, TcpFlags.ACK, FIRST + ANSWER.length(), 1007, "150 ok\r\n"), SERVER_SIDE)
                    .get(0);

            assertEquals(FIRST + TOLD.length(), number(next, 4));
            assertTrue(PathFixture.checksumHolds(next));
        }
    }

    /** The first packet after a snapshot teaches the way to its server: not the way of one that goes elsewhere. */
    @Test
    void shouldNotSendAServersPacketsWhereItsDataConnectionGoes() {
        final PathFixture f = passive();
        f.run(answer(TcpFlags.ACK, FIRST, 1007, "227 Entering Passive Mode (192,0,2,77,200,1).\r\n"), SERVER_SIDE);
        f.reconfigure(PathFixture.nat().virtualPort(21));

        final byte[] data = f.run(fromClient().ip(CLIENT, VIP).tcp(40001, 51201, TcpFlags.SYN), CLIENT_SIDE)
                .get(0);
        assertEquals("192.0.2.77", IpAddress.format(parsed(data).dstHi, parsed(data).dstLo));
        f.run(request(TcpFlags.ACK, 1007, FIRST, ""), CLIENT_SIDE);

        assertEquals(PacketBatch.TRANSMIT, f.verdict());
        assertEquals(SERVER_SIDE, f.batch.egress[0]);
    }
}
