package io.weir.control.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.weir.packet.IpAddress;
import org.junit.jupiter.api.Test;

final class TopologyReaderTest {
    @Test
    void shouldHaveTheRecordingsTopologyBuiltIn() throws Exception {
        final Topology topology = TopologyReader.builtIn();
        assertEquals(2, topology.interfaces().size());
        assertEquals(0x020000000201L, topology.interfaces().get(1).mac());
        assertEquals(2 * (1 + 8 + 253), topology.neighbours().size());
        final Topology.Neighbour last =
                topology.neighbours().get(topology.neighbours().size() - 1);
        assertEquals(IpAddress.parse("fd00:20::fe"), last.address());
        assertEquals(0x0200000002feL, last.mac());
        assertEquals(4 + 4, topology.allRoutes().size());
    }

    @Test
    void shouldNameWhatIsMissing() {
        assertEquals("t.yaml: no interfaces", message("routes: []"));
        assertEquals(
                "t.yaml: no such interface: x",
                message("interfaces: [{name: a, mac: '02:00:00:00:00:01'}]\nroutes: [{to: 0.0.0.0/0, interface: x}]"));
        assertEquals("not a MAC address: 02", message("interfaces: [{name: a, mac: '02'}]"));
    }

    private static String message(String yaml) {
        return String.valueOf(assertThrows(ReplayException.class, () -> TopologyReader.parse("t.yaml", yaml))
                .getMessage());
    }
}
