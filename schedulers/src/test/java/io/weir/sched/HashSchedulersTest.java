package io.weir.sched;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.weir.packet.IpAddress;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** sh, dh and mh: hash vectors, the filled tables, and who gets the flows of a destination that is not usable. */
class HashSchedulersTest {
    private static final long MH_KEY = 2654435761L;

    @ParameterizedTest
    @CsvSource({"192.0.2.1,50,214", "198.51.100.7,171,79", "10.0.0.1,39,203", "203.0.113.10,162,70"})
    void shouldPickTheKernelsBucket(String address, int bucket, int bucketWithPort40000) {
        final int key = (int) IpAddress.parse(address).lo();
        assertEquals(bucket, FlowKeys.hash32(key, 8));
        assertEquals(bucketWithPort40000, FlowKeys.hash32(key + 40000, 8));
    }

    @ParameterizedTest
    @CsvSource({
        "192.0.2.1,92889c88,2891",
        "198.51.100.7,adb98ab6,924",
        "10.0.0.1,03080ce4,3711",
        "203.0.113.10,847ad0c2,3184"
    })
    void shouldHashAsHsiphash(String address, String hash, int entry) {
        final int value = SipHash13.hash((int) IpAddress.parse(address).lo(), MH_KEY);
        assertEquals(hash, String.format("%08x", value));
        assertEquals(entry, Integer.remainderUnsigned(value, 4093));
    }

    @Test
    void shouldFoldIpv6() {
        final IpAddress address = IpAddress.parse("2001:db8:1:2:3:4:5:6");
        final int folded = 0x20010db8 ^ 0x00010002 ^ 0x00030004 ^ 0x00050006;
        assertEquals(folded, FlowKeys.fold(address.hi(), address.lo()));
    }

    @Test
    void shouldHashPortsOfTcpUdpAndSctpOnly() {
        final Flow flow = new Flow();
        flow.srcPort = 7;
        for (int protocol = 0; protocol < 256; protocol++) {
            flow.protocol = protocol;
            final boolean hasPorts = protocol == 6 || protocol == 17 || protocol == 132;
            assertEquals(hasPorts ? 7 : 0, FlowKeys.sourcePort(flow));
        }
    }

    @Test
    void shouldGiveShBucketsInRowsOfWeightAndOneToWeightZero() {
        // newest first: C takes 1, B takes 1 though its weight is 0, A takes 3
        final TestService service = new TestService("sh").add(3, 0, 1);
        final int[] expected = {2, Scheduler.NONE, 0, 0, 0};
        for (int i = 0; i < 5000; i++) {
            service.flow().srcLo = IpAddress.v4(i * 31);
            assertEquals(expected[FlowKeys.hash32(i * 31, 8) % 5], service.choose());
        }
    }

    @Test
    void shouldMoveShClientsOfAQuiescedDestinationWithFallback() {
        final TestService service = new TestService("sh", SchedulerFlags.SH_FALLBACK).add(1, 0);
        for (int i = 0; i < 1000; i++) {
            service.flow().srcLo = IpAddress.v4(i);
            assertEquals(0, service.choose());
        }
    }

    @Test
    void shouldTakeDhTurnsWhateverTheWeight() {
        final TestService service = new TestService("dh").add(9, 1, 1);
        for (int i = 0; i < 1000; i++) {
            service.flow().dstLo = IpAddress.v4(i);
            assertEquals(2 - FlowKeys.hash32(i, 8) % 3, service.choose());
        }
    }

    @Test
    void shouldFillTheMaglevTableAsTheKernelDoes() {
        final TestService service = new TestService("mh").add(1, 1, 1);
        final int[] counts = new int[3];
        final StringBuilder head = new StringBuilder();
        final int[] byEntry = new int[4093];
        Arrays.fill(byEntry, -1);
        int known = 0;
        for (int i = 0; known < 4093; i++) {
            final int entry = Integer.remainderUnsigned(SipHash13.hash(i, MH_KEY), 4093);
            if (byEntry[entry] < 0) {
                service.flow().srcLo = IpAddress.v4(i);
                byEntry[entry] = service.choose();
                counts[byEntry[entry]]++;
                known++;
            }
        }
        for (int entry = 0; entry < 16; entry++) {
            head.append(11 + byEntry[entry]).append(' ');
        }
        assertEquals("13 11 13 11 11 13 11 12 12 13 11 13 12 13 12 13 ", head.toString());
        assertEquals("1364 1364 1365", counts[0] + " " + counts[1] + " " + counts[2]);
    }

    @Test
    void shouldLeaveOtherClientsAloneWhenMhQuiescesADestination() {
        final TestService service = new TestService("mh").add(2, 1, 3);
        final int[] before = new int[3000];
        for (int i = 0; i < before.length; i++) {
            service.flow().srcLo = IpAddress.v4(i);
            before[i] = service.choose();
        }
        service.edit(1, 0);
        service.edit(0, 2);
        for (int i = 0; i < before.length; i++) {
            service.flow().srcLo = IpAddress.v4(i);
            assertEquals(before[i] == 1 ? Scheduler.NONE : before[i], service.choose());
        }
    }

    @Test
    void shouldRefuseUntilMhHasSeenAWeight() {
        final TestService service = new TestService("mh", SchedulerFlags.MH_FALLBACK).add(0, 0);
        assertEquals("--", service.choose(2));
        service.edit(1, 5);
        assertEquals("BB", service.choose(2));
    }
}
