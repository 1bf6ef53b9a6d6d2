package io.weir.control.state;

import io.weir.conntrack.StateTimeouts;
import io.weir.conntrack.Timeouts;
import io.weir.control.state.StateException.Reason;
import io.weir.dataplane.Sysctls;
import io.weir.dataplane.sync.SyncRoles;
import io.weir.packet.IpAddress;
import io.weir.sched.MemoryLimits;
import io.weir.sched.Scheduler;
import io.weir.sched.Schedulers;
import io.weir.service.Destination.TunnelType;
import io.weir.service.DestinationLoad;
import io.weir.service.DestinationTable;
import io.weir.service.OverloadRule;
import io.weir.service.ServiceKey;
import io.weir.service.ServiceTable;
import io.weir.service.SlotCounters;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The mutable master copy of the configuration. It takes changes by the kernel's rules and makes the immutable tables that
 * are published to the worker.
 *
 * <p>A command either changes everything it says or throws and changes nothing. {@link #revision} grows with each change
 * that the worker must learn of.
 *
 * <p><b>Thread</b>: the director's. <b>Source</b>: ip_vs_ctl.c of the Linux kernel.
 */
public final class DirectorState {
    private static final String SIP = "sip";
    private final DestinationLoad load;
    private final SlotCounters serviceCounters;
    private int workers = 1;
    private final SlotAllocator destinationSlots;
    private final SlotAllocator serviceSlots;
    private final Trash trash;
    private final Estimates estimates;
    private final TimedServices timed;
    private final ShadowLanes lanes;
    private final PublishedTables published;
    private final Map<ServiceKey, ServiceEntry> services = new HashMap<>();
    private final ServiceOrder order = new ServiceOrder();
    private final SyncDaemons daemons = new SyncDaemons();
    private final List<IpAddress> localAddresses = new ArrayList<>();
    private Surroundings surroundings = Surroundings.NONE;
    private Timeouts timeouts = Timeouts.DEFAULTS;
    private StateTimeouts stateTimeouts = StateTimeouts.NONE;
    private boolean ownTimeouts; // of a service or a server, ever
    private Sysctls sysctls = Sysctls.DEFAULTS;
    private long nowNs;
    private long revision;

    /**
     * Starts empty.
     *
     * @param load the counts of the destinations; their number bounds the servers
     * @param serviceCounters the counts of the services
     * @param seed for schedulers that draw lots
     * @param nowNs from which on the two-second ticks count
     */
    public DirectorState(DestinationLoad load, SlotCounters serviceCounters, long seed, long nowNs) {
        this.load = load;
        this.serviceCounters = serviceCounters;
        this.destinationSlots = new SlotAllocator(load.counters().capacity());
        this.serviceSlots = new SlotAllocator(serviceCounters.capacity());
        this.trash = new Trash(load);
        this.published = new PublishedTables(serviceCounters.capacity());
        this.lanes = new ShadowLanes(load.counters().capacity(), seed);
        this.nowNs = nowNs;
        this.estimates = new Estimates(serviceCounters, load.counters(), nowNs);
        this.timed = new TimedServices(nowNs);
    }

    /** Which interfaces there are. */
    public Surroundings surroundings() {
        return surroundings;
    }

    /** Deleted servers that connections may still refer to, oldest first. */
    public List<DestinationEntry> deletedServers() {
        return trash.entries();
    }

    /** Tells which interfaces there are. */
    public void surroundings(Surroundings newSurroundings) {
        surroundings = newSurroundings;
    }

    /** Lets time pass: rates are computed, deleted servers are forgotten. Call before each command and now and then. */
    public void advance(long newNowNs) {
        nowNs = newNowNs;
        estimates.advance(newNowNs, sysctls.value("run_estimation") != 0);
        if (timed.advance(order.services(), nowNs, memoryLimits())) {
            revision++;
        }
        trash.advance(newNowNs, gone -> {
            destinationSlots.release(gone.value().slot());
            revision++;
        });
    }

    private MemoryLimits memoryLimits() {
        return new MemoryLimits(
                TimeUnit.SECONDS.toNanos(sysctls.value("lblc_expiration")),
                TimeUnit.SECONDS.toNanos(sysctls.value("lblcr_expiration")));
    }

    /** Says how many workers there are; some things need one that sees everything. */
    public void workers(int count) {
        workers = count;
    }

    /** {@code -A}. */
    public void addService(ServiceSpec spec) throws StateException {
        if (services.containsKey(spec.key())) {
            throw new StateException(Reason.EXISTS);
        }
        final Scheduler scheduler = schedulerFor(spec);
        final int slot = serviceSlots.take();
        if (slot == SlotAllocator.NONE) {
            throw new StateException(Reason.NO_MEMORY);
        }
        final ServiceEntry entry = new ServiceEntry(slot, spec, scheduler, new Traffic(serviceCounters, slot), lanes);
        entry.advance(nowNs, memoryLimits());
        services.put(spec.key(), entry);
        order.add(entry);
        estimates.add(entry);
        touch(entry);
    }

    /** The worker must learn of it. */
    private void touch(ServiceEntry service) {
        timed.changed(service);
        revision++;
    }

    private Scheduler schedulerFor(ServiceSpec spec) throws StateException {
        if (!Schedulers.isKnown(spec.scheduler()) || (spec.engine() != null && !SIP.equals(spec.engine()))) {
            throw new StateException(Reason.NO_ENTRY);
        }
        if (workers > 1 && (spec.engine() != null || !spec.tuning().shadows().isEmpty())) {
            throw new StateException(Reason.ONE_WORKER);
        }
        ownTimeouts |= !spec.timeouts().isEmpty();
        return Schedulers.create(spec.scheduler(), spec.tuning().options(lanes.seed()));
    }

    /** {@code -E}: what the command does not say is reset, as everywhere in IPVS. */
    public void editService(ServiceSpec spec) throws StateException {
        final ServiceEntry service = service(spec.key());
        final Scheduler scheduler = schedulerFor(spec);
        if (service.destinations().size() > scheduler.mostDestinations()) {
            throw new StateException(Reason.INVALID);
        }
        service.edit(spec, scheduler, nowNs);
        service.advance(nowNs, memoryLimits());
        touch(service);
    }

    /** {@code -D}. */
    public void deleteService(ServiceKey key) throws StateException {
        delete(service(key));
    }

    private void delete(ServiceEntry entry) {
        for (DestinationEntry destination : List.copyOf(entry.destinations())) {
            discard(entry, destination);
        }
        estimates.remove(entry);
        timed.removed(entry);
        services.remove(entry.key());
        order.remove(entry);
        serviceSlots.release(entry.slot());
        revision++;
    }

    /** {@code -C}. */
    public void clear() {
        order.services().forEach(this::delete);
    }

    private ServiceEntry service(ServiceKey key) throws StateException {
        final ServiceEntry entry = services.get(key);
        if (entry == null) {
            throw new StateException(Reason.NO_SERVICE);
        }
        return entry;
    }

    /** {@code -a}: the new server becomes the first of the list. */
    public void addServer(ServiceKey key, ServerSpec spec) throws StateException {
        final ServiceEntry service = service(key);
        check(service, spec);
        if (service.find(spec.address(), spec.ipv6(), spec.port()) != null) {
            throw new StateException(Reason.EXISTS);
        }
        if (!service.hasRoom()) {
            throw new StateException(Reason.NO_MEMORY);
        }
        final DestinationEntry known = trash.takeBack(key, spec.address(), spec.ipv6(), spec.port());
        if (known != null) {
            known.bind(service);
            clearOverload(known, spec);
            known.addAgain(spec);
        }
        final DestinationEntry entry = known == null ? create(service, spec) : known;
        service.add(entry, nowNs);
        estimates.add(entry);
        touch(service);
    }

    private DestinationEntry create(ServiceEntry service, ServerSpec spec) throws StateException {
        if (!surroundings.isUnicast(spec.address(), spec.ipv6())) {
            throw new StateException(Reason.INVALID);
        }
        final int slot = destinationSlots.take();
        if (slot == SlotAllocator.NONE) {
            throw new StateException(Reason.NO_MEMORY);
        }
        load.setOverloaded(slot, false);
        return new DestinationEntry(slot, service, spec, new Traffic(load.counters(), slot));
    }

    private void check(ServiceEntry service, ServerSpec spec) throws StateException {
        if (spec.ipv6() != service.key().ipv6() && !daemons.isEmpty()) {
            throw new StateException(Reason.INVALID);
        }
        if (spec.weight() < 0 || Integer.compareUnsigned(spec.lowerThreshold(), spec.upperThreshold()) > 0) {
            throw new StateException(Reason.RANGE);
        }
        if (spec.tunnel().type() == TunnelType.GUE && spec.tunnel().port() == 0) {
            throw new StateException(Reason.INVALID);
        }
        ownTimeouts |= !spec.timeouts().isEmpty();
    }

    private void clearOverload(DestinationEntry entry, ServerSpec spec) {
        if (OverloadRule.clearsAtEdit(entry.value().upperThreshold(), spec.upperThreshold())) {
            load.setOverloaded(entry.value().slot(), false);
        }
    }

    /** {@code -e}. */
    public void editServer(ServiceKey key, ServerSpec spec) throws StateException {
        final ServiceEntry service = service(key);
        check(service, spec);
        final DestinationEntry entry = service.find(spec.address(), spec.ipv6(), spec.port());
        if (entry == null) {
            throw new StateException(Reason.NO_ENTRY);
        }
        final int weightBefore = entry.value().weight();
        clearOverload(entry, spec);
        entry.edit(spec);
        service.edited(entry, weightBefore, nowNs);
        touch(service);
    }

    /** {@code -d}: its connections stay, and find it again if it is added again in time. */
    public void deleteServer(ServiceKey key, IpAddress address, boolean ipv6, int port) throws StateException {
        final ServiceEntry service = service(key);
        final DestinationEntry entry = service.find(address, ipv6, port);
        if (entry == null) {
            throw new StateException(Reason.NO_ENTRY);
        }
        discard(service, entry);
        touch(service);
    }

    private void discard(ServiceEntry service, DestinationEntry entry) {
        service.remove(entry, nowNs);
        estimates.remove(entry);
        trash.add(entry, nowNs);
    }

    /** {@code -P}: restricts a service to certain FULLNAT local addresses, one by one. */
    public void addLocalAddress(ServiceKey key, IpAddress address) throws StateException {
        final List<IpAddress> own = service(key).mutableLocalAddresses();
        if (own.contains(address)) {
            throw new StateException(Reason.EXISTS);
        }
        own.add(address);
        addLocalAddress(address);
    }

    /** {@code -Q}. */
    public void deleteLocalAddress(ServiceKey key, IpAddress address) throws StateException {
        if (!service(key).mutableLocalAddresses().remove(address)) {
            throw new StateException(Reason.NO_ENTRY);
        }
        revision++;
    }

    /** Adds a FULLNAT local address for all services; one that is there already stays where it is. */
    public void addLocalAddress(IpAddress address) {
        if (!localAddresses.contains(address)) {
            localAddresses.add(address);
        }
        revision++;
    }

    /** {@code -Z}, for all services. */
    public void zero() {
        services.values().forEach(ServiceEntry::zero);
    }

    /** {@code -Z}, for one service. */
    public void zero(ServiceKey key) throws StateException {
        service(key).zero();
    }

    /** {@code --set}: seconds; 0 leaves a value as it is. */
    public void setTimeouts(int tcp, int tcpFin, int udp) {
        timeouts = timeouts.withSet(tcp, tcpFin, udp);
        revision++;
    }

    /** Replaces the timeouts of single states that hold for all; those of {@code --set} stay. */
    public void stateTimeouts(StateTimeouts changes) {
        timeouts = Timeouts.DEFAULTS
                .with(changes)
                .withSet(timeouts.tcpSeconds(), timeouts.tcpFinSeconds(), timeouts.udpSeconds());
        stateTimeouts = changes;
        revision++;
    }

    public StateTimeouts stateTimeouts() {
        return stateTimeouts;
    }

    /** {@code --start-daemon}. {@code asked.maxLength} 0 is the default. */
    public void startDaemon(SyncDaemon asked) throws StateException {
        if (services.values().stream().anyMatch(DirectorState::isMixed)) {
            throw new StateException(Reason.INVALID);
        }
        daemons.start(asked, surroundings, sysctls);
        revision++;
    }

    private static boolean isMixed(ServiceEntry service) {
        return service.destinations().stream()
                .anyMatch(d -> d.isIpv6() != service.key().ipv6());
    }

    /** {@code --stop-daemon}. */
    public void stopDaemon(boolean master) throws StateException {
        daemons.stop(master);
        revision++;
    }

    /** Stops those that run. */
    public void stopDaemons() {
        daemons.stopAll();
        revision++;
    }

    /** From now on daemons run here; those that are listed already are started. */
    public void daemonHost(DaemonHost host) throws StateException {
        daemons.runOn(host, sysctls);
    }

    /** Sets a net.ipv4.vs setting; IllegalArgumentException has a line for the user. */
    public void sysctl(String name, String value) {
        sysctls = sysctls.with(name, value);
        revision++;
    }

    /** Sets a net.ipv4.vs setting. */
    public void sysctl(String name, int value) {
        sysctl(name, Integer.toString(value));
    }

    /** Replaces all net.ipv4.vs settings. */
    public void sysctls(Sysctls all) {
        sysctls = all;
        revision++;
    }

    public Sysctls sysctls() {
        return sysctls;
    }

    /** Those of all, in which those of single servers lie. */
    public Timeouts timeouts() {
        return ownTimeouts ? SlotTimeouts.of(timeouts, services.values()) : timeouts;
    }

    /** What the worker must know of the daemons; the number of ports is that of when the first was started. */
    public SyncRoles syncRoles() {
        return daemons.roles();
    }

    /** Master first. */
    public List<SyncDaemon> daemons() {
        return daemons.list();
    }

    /** FULLNAT local addresses; their positions do not change. */
    public List<IpAddress> localAddresses() {
        return List.copyOf(localAddresses);
    }

    /** The services in the order of the kernel's unsorted listing. */
    public List<ServiceEntry> services() {
        return order.services();
    }

    /** The service with this key, or null. */
    public @Nullable ServiceEntry find(ServiceKey key) {
        return services.get(key);
    }

    /** Active, inactive and persistent connections of each server. */
    public DestinationLoad load() {
        return load;
    }

    /** Grows with each change that the worker must learn of. */
    public long revision() {
        return revision;
    }

    /** The tables for the worker. */
    public Tables tables() {
        return published.next(order.services(), localAddresses, trash);
    }

    /**
     * What is published of the services.
     *
     * @param destinations also has the deleted servers that connections may still refer to
     */
    public record Tables(ServiceTable services, DestinationTable destinations) {}
}
