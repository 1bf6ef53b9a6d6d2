package io.weir.control.replay;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.control.state.ConnectionInfo;
import io.weir.packet.IpAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ReplayRunnerTest {
    private static final byte[] FROM_CLIENT = frame(1);
    private static final byte[] FROM_SERVER = frame(2);

    @TempDir
    private Path in;

    @TempDir
    private Path out;

    private FakePath path;

    @BeforeEach
    void open() {
        path = new FakePath();
    }

    @AfterEach
    void close() {
        path.close();
    }

    private static byte[] frame(int side) {
        final byte[] frame = new byte[60];
        frame[10] = (byte) side;
        return frame;
    }

    private void file(String name, String text) throws Exception {
        Files.writeString(in.resolve(name), text);
    }

    private void frames(long stepUs, byte[]... frames) throws Exception {
        final PcapFile.Writer writer = new PcapFile.Writer();
        for (int i = 0; i < frames.length; i++) {
            writer.add(5_000_000 + i * stepUs, new UnsafeBuffer(frames[i]), 0, frames[i].length);
        }
        Files.write(in.resolve("input.pcap"), writer.bytes());
    }

    private void run() throws Exception {
        new ReplayRunner(Scenario.read(in), TopologyReader.builtIn(), path)
                .run()
                .write(out);
    }

    private String written(String name) throws Exception {
        return Files.readString(out.resolve(name));
    }

    @Test
    void shouldFindTheInterfaceByTheSourcesFifthByte() throws Exception {
        frames(0, FROM_CLIENT, FROM_SERVER);
        run();
        assertEquals("out_idx,in_idx,t_us,if\n0,0,0,cli0\n1,1,125,rs0\n", written("output.csv"));
        assertEquals("idx,verdict,reason,state,expires\n0,TRANSMIT,,,\n1,TRANSMIT,,,\n", written("verdicts.csv"));
        final List<PcapFile.Frame> sent = PcapFile.read(out.resolve("output.pcap"));
        assertEquals(2, sent.size());
        assertArrayEquals(FROM_SERVER, sent.get(1).bytes());
    }

    @Test
    void shouldKeepTheCapturesTimesOnlyWhenPaced() throws Exception {
        frames(1_000_000, FROM_CLIENT, FROM_CLIENT);
        run();
        assertTrue(path.times.get(1) - path.times.get(0) < 1_000_000);
        file("options", "pace=1\n");
        path.times.clear();
        run();
        assertEquals(1_000_000_000L, path.times.get(1) - path.times.get(0));
    }

    @Test
    void shouldRunEventsBeforeTheirFrameAndTheRestAtTheEnd() throws Exception {
        frames(0, FROM_CLIENT, FROM_CLIENT);
        file("rules", "-A -t 203.0.113.1:80 -s rr\n");
        file("events", "1 @sleep 700\n1 -a -t 203.0.113.1:80 -r 10.20.0.10 -m\n9 ipvsadm -Sn\n9 @snap\n");
        run();
        assertTrue(path.times.get(1) - path.times.get(0) >= 700_000_000L);
        assertEquals(
                """
                {"at": -1, "stage": "setup", "cmd": "ipvsadm -A -t 203.0.113.1:80 -s rr", "rc": 0, "out": "", "err": ""}
                {"at": 1, "stage": "event", "cmd": "ipvsadm -a -t 203.0.113.1:80 -r 10.20.0.10 -m", "rc": 0, "out": "", "err": ""}
                {"at": 2, "stage": "event", "cmd": "ipvsadm -Sn", "rc": 0, "out": "-A -t 203.0.113.1:80 -s rr\\n-a -t 203.0.113.1:80 -r 10.20.0.10:80 -m -w 1\\n", "err": ""}
                """,
                written("commands.jsonl"));
        assertEquals("# 2\n", written("conns.txt"));
    }

    @Test
    void shouldPublishOnceForEachChange() throws Exception {
        file("rules", "ipvsadm -A -t 203.0.113.1:80 -s rr\nipvsadm -Ln\n");
        file("net", "ip link set rs0 mtu 1400\niptables-legacy -t mangle -A PREROUTING -j MARK --set-mark 7\n");
        file("sysctls", "sloppy_tcp=1\n");
        run();
        assertEquals(5, path.published.size());
        assertEquals(1400, path.published.get(4).interfaces().get(1).mtu());
        assertEquals(1, path.published.get(4).marks().size());
        assertTrue(path.published.get(4).sysctls().sloppyTcp());
    }

    @Test
    void shouldWriteConnectionsSortedWithTheirState() throws Exception {
        final IpAddress client = IpAddress.parse("198.51.100.7");
        final IpAddress vip = IpAddress.parse("203.0.113.1");
        final IpAddress server = IpAddress.parse("10.20.0.10");
        path.connections = List.of(
                new ConnectionInfo(17, false, client, 53, vip, 53, server, 53, "UDP", 300, null, null),
                new ConnectionInfo(6, false, client, 9, vip, 80, server, 80, "SYN_RECV", 60, null, null));
        frames(0, FROM_CLIENT);
        file("options", "autosnap=1\nfinal=0\n");
        run();
        assertEquals(
                """
                # 0
                TCP 198.51.100.7:9 203.0.113.1:80 10.20.0.10:80 SYN_RECV 60
                UDP 198.51.100.7:53 203.0.113.1:53 10.20.0.10:53 UDP 300
                """,
                written("conns.txt"));
        assertEquals("idx,verdict,reason,state,expires\n0,TRANSMIT,,UDP,300\n", written("verdicts.csv"));
        assertFalse(Files.exists(out.resolve("final.txt")));
    }

    @Test
    void shouldListEverythingAtTheEnd() throws Exception {
        file("rules", "-A -u 203.0.113.1:53 -s wrr\n");
        run();
        final List<String> commands = written("final.txt")
                .lines()
                .filter(line -> line.startsWith("$ "))
                .toList();
        assertEquals("$ ipvsadm -Ln", commands.get(0));
        assertEquals("$ cat /proc/net/ip_vs", commands.get(11));
        assertTrue(written("final.txt").contains("UDP  CB007101:0035 wrr  \n"));
    }

    @Test
    void shouldWriteTheSameBytesGzipped() throws Exception {
        frames(0, FROM_CLIENT);
        file("options", "gzip=1\n");
        run();
        final byte[] first = Files.readAllBytes(out.resolve("output.pcap.gz"));
        run();
        assertArrayEquals(first, Files.readAllBytes(out.resolve("output.pcap.gz")));
        assertEquals(1, PcapFile.read(out.resolve("output.pcap.gz")).size());
    }
}
