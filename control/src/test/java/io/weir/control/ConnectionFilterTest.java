package io.weir.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.conntrack.ConnectionTable;
import io.weir.conntrack.NewConnection;
import io.weir.control.state.ConnectionInfo;
import io.weir.packet.IpAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConnectionFilterTest {
    private final ConnectionTable table = ConnectionTable.create(16, 1);

    private int insert(int protocol, String client, String virtual, String server) {
        final NewConnection c = new NewConnection();
        final IpAddress from = IpAddress.parse(client);
        final IpAddress to = IpAddress.parse(virtual);
        final IpAddress real = IpAddress.parse(server);
        c.protocol = protocol;
        c.clientHi = from.hi();
        c.clientLo = from.lo();
        c.clientPort = 40000;
        c.virtualHi = to.hi();
        c.virtualLo = to.lo();
        c.virtualPort = 80;
        c.destinationHi = real.hi();
        c.destinationLo = real.lo();
        c.destinationPort = 8080;
        return table.insert(table.hash(protocol, from.hi(), from.lo(), 40000), c, 0);
    }

    @ParameterizedTest
    @CsvSource({
        "client=198.51.100.7, true",
        "client=198.51.100.7:40000, true",
        "client=198.51.100.7:40001, false",
        "client=198.51.100.0/24, true",
        "client=198.51.0.0/16, true",
        "client=198.51.100.0/30, false",
        "client=0.0.0.0/0, true",
        "client=2001:db8::/32, false",
        "virtual=203.0.113.1:80, true",
        "virtual=203.0.113.2, false",
        "server=10.0.0.1:8080, true",
        "server=10.0.0.2, false",
        "protocol=tcp, true",
        "protocol=UDP, false"
    })
    void shouldFitIpv4(String word, boolean fits) throws RunException {
        final int id = insert(6, "198.51.100.7", "203.0.113.1", "10.0.0.1");
        assertEquals(fits, ConnectionFilter.of(List.of(word)).fits(table, id));
    }

    @ParameterizedTest
    @CsvSource({
        "client=2001:db8::7, true",
        "client=[2001:db8::7]:40000, true",
        "client=[2001:db8::7]:1, false",
        "client=[2001:db8::]/32, true",
        "client=2001:db8::/64, true",
        "client=2001:db8::/127, false",
        "client=2001:db8::6/127, true",
        "client=0.0.0.0/0, false",
        "server=[fd00::/8]:8080, true"
    })
    void shouldFitIpv6(String word, boolean fits) throws RunException {
        final int id = insert(17, "2001:db8::7", "2001:db8:f::1", "fd00::1");
        assertEquals(fits, ConnectionFilter.of(List.of(word)).fits(table, id));
    }

    @Test
    void shouldWantAllItsWordsAndAnyOfItsStates() throws RunException {
        final int id = insert(17, "198.51.100.7", "203.0.113.1", "10.0.0.1");
        final ConnectionFilter filter =
                ConnectionFilter.of(List.of("client=198.51.100.0/24", "server=10.0.0.1", "state=none", "state=udp"));
        assertTrue(filter.fits(table, id));
        assertTrue(filter.fits(ConnectionInfo.of(table, id, 0)));
        assertEquals(
                List.of(false, false),
                List.of(
                        ConnectionFilter.of(List.of("client=198.51.100.7", "server=10.0.0.2"))
                                .fits(table, id),
                        ConnectionFilter.of(List.of("state=ESTABLISHED")).fits(ConnectionInfo.of(table, id, 0))));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "x=1",
                "client",
                "client=",
                "client=here",
                "client=10.0.0.1/33",
                "client=10.0.0.1/x",
                "client=::1/129",
                "client=10.0.0.1:70000",
                "client=10.0.0.1:x",
                "protocol=icmp"
            })
    void shouldRefuseWhatItDoesNotKnow(String word) {
        final RunException problem = assertThrows(RunException.class, () -> ConnectionFilter.of(List.of(word)));
        assertTrue(
                String.valueOf(problem.getMessage()).matches("weir: conns: .*must be .*, not '.*'"), problem::toString);
    }
}
