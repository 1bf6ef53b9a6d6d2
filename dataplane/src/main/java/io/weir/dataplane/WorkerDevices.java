package io.weir.dataplane;

import io.weir.dataplane.io.PacketDevice;
import java.util.List;

/** One worker's devices in the order of the interfaces' indexes; no other worker uses them. */
public record WorkerDevices(List<PacketDevice> list) {
    public WorkerDevices {
        list = List.copyOf(list);
    }
}
