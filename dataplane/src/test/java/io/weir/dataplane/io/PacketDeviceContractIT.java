package io.weir.dataplane.io;

import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The contract, for the devices of a real kernel. */
@Tag("netns")
@ParameterizedClass(name = "{0}")
@MethodSource("devices")
class PacketDeviceContractIT extends PacketDeviceContract {
    PacketDeviceContractIT(String name, DeviceHarness.Factory factory) {
        super(name, factory);
    }

    static Stream<Arguments> devices() {
        return DeviceHarnesses.privileged().entrySet().stream().map(e -> Arguments.of(e.getKey(), e.getValue()));
    }
}
