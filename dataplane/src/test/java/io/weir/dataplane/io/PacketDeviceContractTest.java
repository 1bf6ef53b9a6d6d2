package io.weir.dataplane.io;

import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The contract, for the devices that need no privilege. */
@ParameterizedClass(name = "{0}")
@MethodSource("devices")
class PacketDeviceContractTest extends PacketDeviceContract {
    PacketDeviceContractTest(String name, DeviceHarness.Factory factory) {
        super(name, factory);
    }

    static Stream<Arguments> devices() {
        return DeviceHarnesses.unprivileged().entrySet().stream().map(e -> Arguments.of(e.getKey(), e.getValue()));
    }
}
