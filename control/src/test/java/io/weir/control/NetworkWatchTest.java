package io.weir.control;

import static org.junit.jupiter.api.Assertions.assertThrows;

import io.weir.control.config.ConfigException;
import io.weir.control.config.ConfigReader;
import io.weir.control.config.WeirConfig;
import java.util.List;
import org.junit.jupiter.api.Test;

class NetworkWatchTest {
    /** An interface that is being renamed, for example: the kernel may not tell a second time. */
    @Test
    void shouldLookAgainAtOnceAfterALookThatFailed() throws ConfigException {
        final WeirConfig config =
                ConfigReader.parse("f.yaml", "interfaces:\n  - device: afpacket:gone0\nservices: []\n");
        final Network before = new Network(List.of(), List.of());
        try (NetworkWatch watch = new NetworkWatch()) {
            for (int i = 0; i < 3; i++) {
                assertThrows(RunException.class, () -> watch.changed(config, before));
            }
        }
    }
}
