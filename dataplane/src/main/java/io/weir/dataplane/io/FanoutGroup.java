package io.weir.dataplane.io;

import java.util.ArrayList;
import java.util.List;

/**
 * The receiving sockets of several workers on one interface: the kernel gives each frame to one of them, as a classic BPF
 * program says.
 *
 * <p>The members join in the order of the workers, on every interface alike, so that a number means the same worker
 * everywhere. Nothing is received before {@link #start}.
 *
 * <p><b>Thread</b>: the control side's. The members are closed by who uses them. <b>Source</b>: PACKET_FANOUT in packet(7).
 */
public final class FanoutGroup {
    private final List<AfPacketDevice> members;

    private FanoutGroup(List<AfPacketDevice> members) {
        this.members = List.copyOf(members);
    }

    /** Opens {@code afpacket:IFNAME} so many times; all or none. */
    public static FanoutGroup open(String uri, int workers) {
        final DeviceUri parsed = DeviceUri.parse(uri);
        final List<AfPacketDevice> opened = new ArrayList<>();
        try {
            int group = AfPacketDevice.NEW_GROUP;
            for (int i = 0; i < workers; i++) {
                final AfPacketDevice member = AfPacketDevice.openSilent(parsed);
                opened.add(member);
                group = member.join(group);
            }
            return new FanoutGroup(opened);
        } catch (RuntimeException e) {
            for (int i = opened.size() - 1; i >= 0; i--) {
                opened.get(i).close();
            }
            throw e;
        }
    }

    /** By worker. */
    public List<AfPacketDevice> members() {
        return members;
    }

    /** Installs a program, at once and for all members; struct sock_filter as longs. */
    public void program(long[] program) {
        members.get(0).fanoutProgram(program);
    }

    /** Lets frames come. */
    public void start() {
        members.forEach(AfPacketDevice::listen);
    }
}
