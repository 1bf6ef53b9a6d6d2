package io.weir.service;

import io.weir.packet.IpAddress;

/**
 * A real server of one virtual service: where it is, how it is reached and how much it takes.
 *
 * <p>Immutable. {@code slot} is its dense, process-wide id: it indexes {@link SlotCounters} and stands in connection
 * records; it is recycled only when no connection refers to it. Source: ip_vs_dest in the Linux kernel.
 *
 * @param slot dense id of this destination
 * @param address RIP
 * @param port RIP's port, host order; 0 takes over the packet's port
 * @param weight 0 quiesces
 * @param methodCode the forwarding method (kernel codes: 0 Masq, 1 Local, 2 Tunnel, 3 Route, 4 Bypass; 5 FullNat is ours)
 * @param upperThreshold connections at which it counts as overloaded; 0 is off
 * @param lowerThreshold connections below which that ends
 * @param tunnel how an outer header looks; used with Tunnel only
 * @param lastWeight the last weight that was not 0 since it was added, or 0
 * @param ramp how many of {@value #FULL_RAMP} parts of its weight count yet, see SlowStart; at least 1
 */
public record Destination(
        int slot,
        IpAddress address,
        int port,
        int weight,
        int methodCode,
        int upperThreshold,
        int lowerThreshold,
        Tunnel tunnel,
        int lastWeight,
        int ramp) {
    /** The parts of a weight that slow start can tell: each is one change of the scheduler. */
    public static final int FULL_RAMP = 10;

    /** One that has had but this weight, and all of it. */
    public Destination(
            int slot,
            IpAddress address,
            int port,
            int weight,
            int methodCode,
            int upperThreshold,
            int lowerThreshold,
            Tunnel tunnel) {
        this(slot, address, port, weight, methodCode, upperThreshold, lowerThreshold, tunnel, weight, FULL_RAMP);
    }

    /** This, put in the place of what it was before: of weight 0 it remembers the weight from then. */
    public Destination editedFrom(Destination before) {
        return with(weight != 0 ? weight : before.lastWeight, before.ramp);
    }

    /** The same at another point of its slow start. */
    public Destination withRamp(int newRamp) {
        return newRamp == ramp ? this : with(lastWeight, newRamp);
    }

    private Destination with(int newLastWeight, int newRamp) {
        return new Destination(
                slot,
                address,
                port,
                weight,
                methodCode,
                upperThreshold,
                lowerThreshold,
                tunnel,
                newLastWeight,
                newRamp);
    }

    /** Encapsulations of the tunnel method, with the kernel's numbers. */
    public enum TunnelType {
        IPIP,
        GUE,
        GRE
    }

    /** Checksum options of GUE and GRE ({@code --tun-nocsum --tun-csum --tun-remcsum}). */
    public enum TunnelChecksum {
        NONE,
        CSUM,
        REMCSUM
    }

    /**
     * The outer header of a tunnelled destination.
     *
     * @param port GUE's UDP destination port, host order; 0 otherwise
     */
    public record Tunnel(TunnelType type, int port, TunnelChecksum checksum) {
        /** Plain IP in IP. */
        public static final Tunnel IPIP = new Tunnel(TunnelType.IPIP, 0, TunnelChecksum.NONE);
    }
}
