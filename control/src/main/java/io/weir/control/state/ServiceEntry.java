package io.weir.control.state;

import io.weir.packet.IpAddress;
import io.weir.sched.MemoryLimits;
import io.weir.sched.Scheduler;
import io.weir.service.Destination;
import io.weir.service.ServiceKey;
import io.weir.service.VirtualService;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A virtual service in the master copy, with its real servers in the kernel's list order: newest first.
 *
 * <p><b>Thread</b>: the director's.
 */
public final class ServiceEntry {
    private final int slot;
    private final Traffic traffic;
    private final List<DestinationEntry> destinations = new ArrayList<>();
    private final List<IpAddress> localAddresses = new ArrayList<>();
    private final WarmUp warmUp = new WarmUp();
    private final ShadowList shadows;
    private ServiceSpec spec;
    private Scheduler scheduler;
    private @Nullable VirtualService published;
    private long version;

    ServiceEntry(int slot, ServiceSpec spec, Scheduler scheduler, Traffic traffic, ShadowLanes lanes) {
        this.slot = slot;
        this.spec = spec;
        this.traffic = traffic;
        this.scheduler = scheduler.withDestinations(List.of(), spec.schedulerFlags());
        this.shadows = new ShadowList(lanes);
        shadows.attach(spec.tuning().shadows(), List.of(), spec.schedulerFlags());
    }

    /** Replaces the options; another scheduler starts afresh, the same one goes on where it was. */
    void edit(ServiceSpec newSpec, Scheduler candidate, long nowNs) {
        final boolean sameScheduler =
                newSpec.scheduler().equals(spec.scheduler()) && newSpec.tuning().makesTheSame(spec.tuning());
        final boolean sameFlags = newSpec.schedulerFlags() == spec.schedulerFlags();
        spec = newSpec;
        touch();
        shadows.attach(newSpec.tuning().shadows(), values(), spec.schedulerFlags());
        if (!sameScheduler) {
            scheduler = candidate;
        }
        if (!sameScheduler || !sameFlags) {
            reschedule(nowNs);
        }
    }

    void add(DestinationEntry destination, long nowNs) {
        destinations.add(0, destination);
        warmUp.added(destination, nowNs);
        reschedule(nowNs);
    }

    void remove(DestinationEntry destination, long nowNs) {
        destinations.remove(destination);
        warmUp.removed(destination);
        reschedule(nowNs);
    }

    /** One of the servers was edited. */
    void edited(DestinationEntry destination, int weightBefore, long nowNs) {
        warmUp.edited(destination, weightBefore, nowNs);
        reschedule(nowNs);
    }

    /** Lets time pass; says whether the data plane must learn of what that did. */
    boolean advance(long nowNs, MemoryLimits limits) {
        scheduler.advance(nowNs, limits);
        shadows.advance(nowNs, limits);
        final boolean warmer = warmUp.advance(destinations, slowStartNs(), nowNs);
        if (warmer) {
            reschedule(nowNs);
        }
        return warmer;
    }

    /** Will time change its servers' weights? */
    boolean isWarming() {
        return warmUp.isGoingOn();
    }

    private long slowStartNs() {
        return TimeUnit.SECONDS.toNanos(spec.tuning().slowStartSeconds());
    }

    /** Is there room for one more server? */
    boolean hasRoom() {
        return destinations.size() < scheduler.mostDestinations();
    }

    /** Tells the scheduler that one thing about the list has changed. */
    private void reschedule(long nowNs) {
        touch();
        warmUp.advance(destinations, slowStartNs(), nowNs);
        final List<Destination> values = values();
        scheduler = scheduler.withDestinations(values, spec.schedulerFlags());
        shadows.update(values, spec.schedulerFlags());
    }

    private List<Destination> values() {
        return List.of(array());
    }

    /** Without a stream: a large table makes it a million times, before anything is compiled. */
    private Destination[] array() {
        final Destination[] values = new Destination[destinations.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = destinations.get(i).value();
        }
        return values;
    }

    @Nullable
    DestinationEntry find(IpAddress address, boolean ipv6, int port) {
        for (DestinationEntry entry : destinations) {
            final Destination d = entry.value();
            if (d.port() == port && entry.isIpv6() == ipv6 && d.address().equals(address)) {
                return entry;
            }
        }
        return null;
    }

    private void touch() {
        published = null;
        version++;
    }

    /** Grows with every change of the service or its servers. */
    public long version() {
        return version;
    }

    List<IpAddress> mutableLocalAddresses() {
        touch();
        return localAddresses;
    }

    /**
     * The immutable value for the data plane; the same one as long as nothing of the service changes.
     *
     * @param allLocal the FULLNAT local addresses of the director; the value names them by position
     */
    VirtualService publish(List<IpAddress> allLocal) {
        if (published == null) {
            published = value(allLocal);
        }
        return published;
    }

    private VirtualService value(List<IpAddress> allLocal) {
        return new VirtualService(
                slot,
                spec.key(),
                spec.persistenceSeconds(),
                spec.netmask(),
                spec.onePacket(),
                spec.schedulerFlags(),
                spec.engine(),
                spec.toa(),
                localAddresses.stream().mapToInt(allLocal::indexOf).toArray(),
                array(),
                scheduler,
                shadows.publish());
    }

    public ServiceSpec spec() {
        return spec;
    }

    public ServiceKey key() {
        return spec.key();
    }

    /** Newest first. */
    public List<DestinationEntry> destinations() {
        return Collections.unmodifiableList(destinations);
    }

    /** The FULLNAT local addresses of this service alone; empty if it uses all. */
    public List<IpAddress> localAddresses() {
        return Collections.unmodifiableList(localAddresses);
    }

    public Traffic traffic() {
        return traffic;
    }

    int slot() {
        return slot;
    }

    /** {@code -Z}: the counters of the service and its servers begin again. */
    void zero() {
        destinations().forEach(d -> d.traffic().zero());
        traffic().zero();
    }
}
