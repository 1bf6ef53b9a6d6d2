package io.weir.control.ipvsadm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.weir.control.state.DirectorState;
import io.weir.service.DestinationLoad;
import io.weir.service.SlotCounters;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tables with what is odd about ipvsadm's: its order, its widths, its numbers; recorded from ipvsadm 1.31. */
final class ListingOrderTest {
    private static final int SLOTS = 64;

    private final SlotCounters serverCounters = new SlotCounters(memory(SLOTS * SlotCounters.ROW_BYTES));
    private final SlotCounters serviceCounters = new SlotCounters(memory(SLOTS * SlotCounters.ROW_BYTES));
    private DirectorState state;
    private Ipvsadm ipvsadm;

    private static UnsafeBuffer memory(int bytes) {
        return new UnsafeBuffer(ByteBuffer.allocateDirect(bytes));
    }

    @BeforeEach
    void open() {
        state = new DirectorState(new DestinationLoad(serverCounters, memory(SLOTS)), serviceCounters, 1, 0);
        ipvsadm = new Ipvsadm(state, new FixedNames(Map.of()), List::of);
    }

    private String run(String line) {
        final Ipvsadm.Result result = ipvsadm.runLine(line);
        assertEquals("", result.err());
        return result.out();
    }

    @Test
    void shouldCompareByDifferencesThatOverflow() {
        run("-A -t 203.0.113.1:80 -s rr");
        for (String server : List.of("127.0.0.1", "240.0.0.1", "10.20.0.1", "130.20.0.1", "129.20.0.1", "1.20.0.1")) {
            run("-a -t 203.0.113.1:80 -m -r " + server);
        }
        for (String server : List.of(
                "[fd00::1]", "[2001:db8::1]", "[2001:db8::8000:0]", "[2001:db8:1111:2222:3333:4444:5555:6666]")) {
            run("-a -t 203.0.113.1:80 -i -r " + server + ":80");
        }
        assertEquals(
                """
                Prot LocalAddress:Port Scheduler Flags
                  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn
                TCP  203.0.113.1:80 rr
                  -> [fd00::1]:80                 Tunnel  1      0          0        \s
                  -> 1.20.0.1:80                  Masq    1      0          0        \s
                  -> 10.20.0.1:80                 Masq    1      0          0        \s
                  -> [2001:db8::1]:80             Tunnel  1      0          0        \s
                  -> [2001:db8::8000:0]:80        Tunnel  1      0          0        \s
                  -> [2001:db8:1111:2222:3333:4444:5555:6666]:80 Tunnel  1      0          0        \s
                  -> 127.0.0.1:80                 Masq    1      0          0        \s
                  -> 129.20.0.1:80                Masq    1      0          0        \s
                  -> 130.20.0.1:80                Masq    1      0          0        \s
                  -> 240.0.0.1:80                 Masq    1      0          0        \s
                """,
                run("-Ln -t 203.0.113.1:80"));
    }

    @Test
    void shouldSortServicesByMarkFamilyProtocolAddressAndPort() {
        for (String service : List.of(
                "-f 5 -6",
                "-f 5",
                "-f 4294967295",
                "-t [fd00::1]:80",
                "-u 10.0.0.1:53",
                "-t 10.0.0.1:80",
                "-t 203.0.113.1:80",
                "-t 203.0.113.1:8",
                "-f 1")) {
            run("-A " + service + " -s rr");
        }
        assertEquals(
                """
                -A -f -1 -s rr
                -A -t 203.0.113.1:8 -s rr
                -A -t 203.0.113.1:80 -s rr
                -A -t 10.0.0.1:80 -s rr
                -A -u 10.0.0.1:53 -s rr
                -A -t [fd00::1]:80 -s rr
                -A -f 1 -s rr
                -A -f 5 -s rr
                -A -f 5 -6 -s rr
                """,
                run("-Sn"));
    }

    @Test
    void shouldShortenLargeNumbersUnlessAskedForAll() {
        run("-A -t 203.0.113.1:80 -s rr");
        serviceCounters.add(0, SlotCounters.CONNS, 99_999_999L);
        serviceCounters.add(0, SlotCounters.IN_PKTS, 100_000_000L);
        serviceCounters.add(0, SlotCounters.OUT_PKTS, 1_000_000_000L);
        serviceCounters.add(0, SlotCounters.IN_BYTES, 100_000_000_000L);
        serviceCounters.add(0, SlotCounters.OUT_BYTES, 100_000_000_000_000L);
        state.advance(2_000_000_000L);
        assertEquals(
                "TCP  203.0.113.1:80               99999999  100000K    1000M     100G     100T",
                run("-Ln --stats -t 203.0.113.1:80").lines().skip(2).findFirst().orElse(""));
        assertEquals(
                "TCP  203.0.113.1:80               99999999 100000000 1000000000 100000000000 100000000000000",
                run("-Ln --stats --exact -t 203.0.113.1:80")
                        .lines()
                        .skip(2)
                        .findFirst()
                        .orElse(""));
    }

    @Test
    void shouldSaveWhatRestoresItself() {
        for (String line : List.of(
                "-A -t 203.0.113.1:80 -s sh -p 60 -M 255.255.0.0 -b sh-fallback,sh-port --toa",
                "-P -t 203.0.113.1:80 -z 10.9.0.1",
                "-a -t 203.0.113.1:80 -r 10.20.0.10:8080 -b -w 3",
                "-A -f 9 -6 -s rr -o",
                "-a -f 9 -6 -r [fd00:20::a]:0 -i -w 1 --tun-type gre --tun-csum")) {
            run(line);
        }
        final String saved = run("-Sn");
        assertEquals(
                """
                -A -t 203.0.113.1:80 -s sh -p 60 -M 255.255.0.0 -b sh-fallback,sh-port --toa
                -P -t 203.0.113.1:80 -z 10.9.0.1
                -a -t 203.0.113.1:80 -r 10.20.0.10:8080 -b -w 3
                -A -f 9 -6 -s rr -o
                -a -f 9 -6 -r [fd00:20::a]:0 -i -w 1 --tun-type gre --tun-csum
                """,
                saved);
        run("-C");
        assertEquals(0, ipvsadm.run(List.of("-R"), saved).status());
        assertEquals(saved, run("-Sn"));
    }

    @Test
    void shouldLookLikeTheKernelsFile() {
        run("-A -u 203.0.113.1:5060 -s rr -p 70 -M 255.255.0.0 --pe sip -o");
        run("-A -t [2001:db8:f::1]:80 -s rr -p 60 -M 64");
        run("-A -f 5 -6 -s sh -p 70 -M 64 -o -b sh-port");
        run("-a -t [2001:db8:f::1]:80 -r [fd00:20::c]:80 -m");
        final String text = ProcListing.services(state);
        assertEquals(
                true,
                text.contains("UDP  CB007101:13C4 rr ops  persistent 7000 FFFF0000\n")
                        && text.contains("TCP  [2001:0db8:000f:0000:0000:0000:0000:0001]:0050 rr persistent 6000"
                                + " 40000000\n  -> [fd00:0020:0000:0000:0000:0000:0000:000c]:0050      Masq    1  "
                                + "    0          0         \n")
                        && text.contains("FWM  00000005 sh ops persistent 7000 40000000\n"),
                text);
    }
}
