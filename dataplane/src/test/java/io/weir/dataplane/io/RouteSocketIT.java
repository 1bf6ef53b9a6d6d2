package io.weir.dataplane.io;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.dataplane.io.linux.RouteSocket;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("netns")
class RouteSocketIT {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "link set l0 down",
                "link set l0 mtu 1400",
                "addr add 10.9.1.1/24 dev l0",
                "addr add 2001:db8::1/64 dev l0",
                "route add 10.77.0.0/16 dev l0",
                "route add 2001:db8:7::/48 dev l0"
            })
    void shouldHearOfEveryKindOfChangeOnce(String change) {
        try (VethPair pair = new VethPair();
                RouteSocket socket = pair.lb().call(RouteSocket::new)) {
            pair.lb().exec("sysctl", "-q", "-w", "net.ipv6.conf.l0.disable_ipv6=0");
            // What the pair itself brought about may still come.
            settle(socket);
            final String[] words = ("ip " + change).split(" ", -1);
            pair.lb().exec(words);
            assertTrue(socket.changed(), change);
            settle(socket);
            assertFalse(socket.changed());
        }
    }

    private static void settle(RouteSocket socket) {
        for (int quiet = 0; quiet < 5; quiet++) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
            if (socket.changed()) {
                quiet = 0;
            }
        }
    }
}
