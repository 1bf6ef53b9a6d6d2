package io.weir.dataplane.io;

import java.util.List;

/** A device with somebody at its other end. */
interface DeviceHarness extends AutoCloseable {
    /** Opens a device that finds the frames given, in that order. */
    @FunctionalInterface
    interface Factory {
        DeviceHarness open(List<byte[]> input);
    }

    PacketDevice device();

    /** What has left through the device so far; waits for as many as expected. May end the device's use. */
    List<byte[]> sent(int expected);

    @Override
    void close();
}
