package io.weir.bench;

import io.weir.dataplane.io.PacketBatch;
import io.weir.dataplane.io.PacketDevice;

/** A device that takes frames and keeps their number and a sum over their first bytes, so that none is dead code. */
final class CountingSink implements PacketDevice {
    private final long mac;
    private long sent;
    private long sum;

    CountingSink(long mac) {
        this.mac = mac;
    }

    long sent() {
        return sent;
    }

    long sum() {
        return sum;
    }

    @Override
    public int receive(PacketBatch batch, int interfaceIndex) {
        return 0;
    }

    @Override
    public int transmit(PacketBatch batch, int interfaceIndex) {
        int n = 0;
        for (int i = 0; i < batch.size; i++) {
            if (batch.verdict[i] == PacketBatch.TRANSMIT && batch.egress[i] == interfaceIndex) {
                sum += batch.buffer[i].getLong(batch.offset[i]);
                n++;
            }
        }
        sent += n;
        return n;
    }

    @Override
    public void release() {}

    @Override
    public String uri() {
        return "bench:sink";
    }

    @Override
    public String interfaceName() {
        return "rs0";
    }

    @Override
    public boolean hasLinkLayer() {
        return true;
    }

    @Override
    public long macAddress() {
        return mac;
    }

    @Override
    public int mtu() {
        return 1500;
    }

    @Override
    public boolean carriesOffloads() {
        return false;
    }

    @Override
    public long receiveDrops() {
        return 0;
    }

    @Override
    public long transmitDrops() {
        return 0;
    }

    @Override
    public int pollDescriptor() {
        return -1;
    }

    @Override
    public void close() {}
}
