package io.weir.control.state;

import io.weir.conntrack.StateTimeouts;
import io.weir.service.Destination;

/**
 * A real server in the master copy: in a service's list, or in the trash.
 *
 * <p><b>Thread</b>: the director's.
 */
public final class DestinationEntry {
    private final int slot;
    private final boolean ipv6;
    private final Traffic traffic;
    private ServiceEntry service;
    private Destination value;
    private StateTimeouts timeouts;

    DestinationEntry(int slot, ServiceEntry service, ServerSpec spec, Traffic traffic) {
        this.slot = slot;
        this.ipv6 = spec.ipv6();
        this.traffic = traffic;
        this.service = service;
        this.value = valueOf(spec);
        this.timeouts = spec.timeouts();
    }

    private Destination valueOf(ServerSpec spec) {
        return new Destination(
                slot,
                spec.address(),
                spec.port(),
                spec.weight(),
                spec.methodCode(),
                spec.upperThreshold(),
                spec.lowerThreshold(),
                spec.tunnel());
    }

    /** {@code -e}; of weight 0 it keeps what it had before in mind, for mh. */
    void edit(ServerSpec spec) {
        value = valueOf(spec).editedFrom(value);
        timeouts = spec.timeouts();
    }

    /** {@code -a} of one that was deleted: it begins anew, but for its slot and its connections. */
    void addAgain(ServerSpec spec) {
        value = valueOf(spec);
        timeouts = spec.timeouts();
    }

    /** Sets how many parts of its weight count; says whether that is new. */
    boolean ramp(int parts) {
        final boolean changed = value.ramp() != parts;
        value = value.withRamp(parts);
        return changed;
    }

    /** Moves it from the trash into a service; under another one than before it counts from zero. */
    void bind(ServiceEntry newService) {
        if (newService != service) {
            traffic.zero();
            service = newService;
        }
    }

    /** The service it belongs, or last belonged to. */
    public ServiceEntry service() {
        return service;
    }

    /** As it is published. */
    public Destination value() {
        return value;
    }

    /** Of its connections, where they are others than its service's. */
    public StateTimeouts timeouts() {
        return timeouts;
    }

    public boolean isIpv6() {
        return ipv6;
    }

    public Traffic traffic() {
        return traffic;
    }
}
