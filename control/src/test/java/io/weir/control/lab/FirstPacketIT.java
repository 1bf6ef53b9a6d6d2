package io.weir.control.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The first packet to a server whose MAC address the director does not know yet is held until it is, not lost: a client
 * of UDP would wait for its own timeout.
 */
@Tag("netns")
class FirstPacketIT {
    private static final int SMALL_DATAGRAM = 100;

    @ParameterizedTest
    @CsvSource({"DR, OFF", "DR, DEFAULT", "NAT, DEFAULT", "NAT, EGRESS_TX_OFF", "TUN, DEFAULT", "FULLNAT, DEFAULT"})
    void shouldNotLoseTheFirstDatagram(LabMethod method, Offloads offloads) {
        try (Lab lab = Lab.create(LabOptions.of(method).withServers(1).withOffloads(offloads))) {
            lab.startDirector(LabConfig.of(lab));
            final Traffic traffic = new Traffic(lab);
            traffic.startEcho();

            assertEquals(List.of("rs1"), traffic.echo(false, 1, SMALL_DATAGRAM, 1));
            assertEquals(List.of("rs1"), traffic.echo(true, 1, SMALL_DATAGRAM, 1));
        }
    }
}
