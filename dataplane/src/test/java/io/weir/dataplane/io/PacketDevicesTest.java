package io.weir.dataplane.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PacketDevicesTest {
    private static String failure(String uri) {
        return String.valueOf(assertThrows(RuntimeException.class, () -> PacketDevices.open(uri))
                .getMessage());
    }

    @Test
    void shouldNameTheSchemesThereAreWhenOneIsUnknown() {
        assertEquals(
                "unknown kind of device, allowed: afpacket, xdp, auto, tun, pcap, mem: device=foo:eth0",
                failure("foo:eth0"));
    }

    @Test
    void shouldTellHowADeviceIsWritten() {
        assertTrue(failure("eth0").startsWith("a device is written scheme:name"));
    }

    @Test
    void shouldNameTheOptionsThereAreWhenOneIsUnknown() {
        assertEquals("unknown option of tun, allowed: mtu: option=mut", failure("tun:weir0?mut=9000"));
    }

    @Test
    void shouldTellTheBoundsOfANumber() {
        assertEquals("option mtu of mem is a number from 68 to 65535: mtu=x", failure("mem:a?mtu=x"));
        assertEquals("option mtu of mem is a number from 68 to 65535: mtu=9", failure("mem:a?mtu=9"));
    }

    @Test
    void shouldHaveAContractTestForEveryScheme() {
        final Set<String> tested = Stream.concat(
                        DeviceHarnesses.unprivileged().keySet().stream(),
                        DeviceHarnesses.privileged().keySet().stream())
                .map(name -> name.substring(0, name.indexOf(':')))
                .collect(Collectors.toSet());
        assertEquals(PacketDevices.schemes(), tested);
    }

    @Test
    void shouldTellInOneLineThatThereIsNoSuchInterface() {
        assertEquals("interface eth9: no such device", failure("afpacket:eth9"));
    }

    @Test
    void shouldTellThatAnInterfaceNameIsTooLong() {
        assertEquals(
                "an interface name has 1 to 15 characters: name=sixteencharacter",
                failure("afpacket:sixteencharacter"));
    }

    @Test
    void shouldTellWhichCaptureIsMissing() {
        assertTrue(failure("pcap:/nowhere/in.pcap").contains("/nowhere/in.pcap"), failure("pcap:/nowhere/in.pcap"));
    }

    @Test
    void shouldRefuseARingThatItCannotMap() {
        assertEquals(
                "a ring has less than 2 GiB: blocks=4096 block=1048576",
                failure("afpacket:lo?v3&blocks=4096&block=1048576"));
    }

    @Test
    void shouldRefuseTheSameOptionsInAPairAsAlone() {
        final List<String> pair = List.of("auto:lo?slotz=9", "auto:lo");
        final RuntimeException e = assertThrows(RuntimeException.class, () -> PacketDevices.openTogether(pair));
        assertEquals(failure("auto:lo?slotz=9"), e.getMessage());
    }
}
