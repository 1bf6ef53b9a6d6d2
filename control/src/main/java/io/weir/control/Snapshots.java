package io.weir.control;

import io.weir.control.state.DirectorState;
import io.weir.dataplane.ConfigSnapshot;
import io.weir.dataplane.MarkRules;
import io.weir.dataplane.io.GuardRules;
import io.weir.dataplane.io.IngressGuard;
import io.weir.dataplane.route.InterfaceInfo;
import io.weir.dataplane.route.LocalAddresses;
import io.weir.dataplane.route.Route;
import io.weir.dataplane.route.RouteTable;
import io.weir.packet.IpAddress;
import io.weir.service.ServiceKey;
import io.weir.service.ServiceTable;
import io.weir.service.VirtualService;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts what the director knows together into the immutable value its worker runs on.
 *
 * <p>An address stays a VIP when its last service goes: connections to it live on, and in IPVS, too, it is the host's
 * until somebody takes it off the interface.
 *
 * <p><b>Thread</b>: the director's.
 */
final class Snapshots {
    private static final Logger LOG = LoggerFactory.getLogger(Snapshots.class);

    private final DirectorState state;
    private MarkRules marks;
    private List<InterfaceInfo.Prefix> moreVips;
    private final Set<IpAddress> vips = new LinkedHashSet<>();
    private final GuardBook book = new GuardBook();
    private Set<IpAddress> elsewhere = Set.of();
    private Set<IpAddress> electable = Set.of();
    /** Null when they must be gathered again; the same object for as long as it says the same. */
    private @Nullable Set<IpAddress> here;

    private LocalAddresses local = LocalAddresses.EMPTY;
    private boolean withdrawn;
    private boolean guardWanting;
    private ServiceTable latest = ServiceTable.EMPTY;
    private long epoch;

    /**
     * Starts with epoch 0.
     *
     * @param moreVips answered for besides the addresses of services
     */
    Snapshots(DirectorState state, MarkRules marks, List<InterfaceInfo.Prefix> moreVips) {
        this.state = state;
        this.marks = marks;
        this.moreVips = moreVips;
    }

    /** Takes other marks and addresses from the next snapshot on; true if they are others. */
    boolean reconfigure(MarkRules newMarks, List<InterfaceInfo.Prefix> newMoreVips) {
        final boolean changed = !newMarks.equals(marks) || !newMoreVips.equals(moreVips);
        if (!newMoreVips.equals(moreVips)) {
            book.forget();
            here = null;
        }
        marks = newMarks;
        moreVips = newMoreVips;
        return changed;
    }

    /** Tells which addresses move by election: a new one is elsewhere until it is won. */
    void electable(Set<IpAddress> addresses) {
        if (!addresses.equals(electable)) {
            final Set<IpAddress> all = new LinkedHashSet<>(addresses);
            all.removeAll(electable);
            all.addAll(elsewhere);
            electable = Set.copyOf(addresses);
            elsewhere(all);
        }
    }

    /** Tells which addresses are another director's for now: they are neither answered for nor served. */
    void elsewhere(Set<IpAddress> addresses) {
        withdrawn |= !elsewhere.containsAll(addresses);
        elsewhere = Set.copyOf(addresses);
        here = null;
    }

    /** The addresses that are another director's for now. */
    Set<IpAddress> elsewhere() {
        return elsewhere;
    }

    /** The virtual addresses that are this director's now. */
    Set<IpAddress> here() {
        Set<IpAddress> known = here;
        if (known == null) {
            final Set<IpAddress> found = new LinkedHashSet<>(vips);
            found.removeAll(elsewhere);
            known = Collections.unmodifiableSet(found);
            local = LocalAddresses.of(known, moreHere());
            here = known;
        }
        return known;
    }

    private LocalAddresses localHere() {
        here();
        return local;
    }

    /** A local address moves with its VIP if it is in the same VRRP instance. */
    private List<IpAddress> localsHere() {
        return state.localAddresses().stream()
                .filter(address -> !elsewhere.contains(address))
                .toList();
    }

    private List<InterfaceInfo.Prefix> moreHere() {
        return moreVips.stream()
                .filter(prefix -> !elsewhere.contains(prefix.address()))
                .toList();
    }

    /** The next snapshot. */
    ConfigSnapshot next(List<InterfaceInfo> interfaces, List<Route> routes) {
        final DirectorState.Tables tables = state.tables();
        if (!tables.services().hasKeysOf(latest)) {
            for (VirtualService service : tables.services().services()) {
                final ServiceKey key = service.key();
                final boolean known =
                        latest.isVip(key.address().hi(), key.address().lo());
                if (key.fwmark() == 0 && !known && vips.add(key.address())) {
                    here = null;
                }
            }
        }
        latest = tables.services();
        final List<IpAddress> locals = state.localAddresses();
        return new ConfigSnapshot(
                ++epoch,
                tables.services(),
                tables.destinations(),
                RouteTable.of(routes, interfaces),
                interfaces,
                localHere(),
                LocalAddresses.ofInterfaces(interfaces),
                LocalAddresses.of(localsHere(), List.of()),
                locals,
                state.timeouts(),
                state.sysctls(),
                marks,
                state.syncRoles());
    }

    /**
     * Lets the guard know what the host's stack must not see from the latest snapshot on. One that cannot be changed is
     * written anew; one that cannot be written either is left to {@link #lookAfter}.
     */
    void guard(IngressGuard guard, List<InterfaceInfo> interfaces) {
        try {
            if (withdrawn) {
                book.forgetVips();
            }
            final GuardRules.Change change = book.update(guarded(), here(), interfaces, localsHere());
            if (change == null || withdrawn || guardWanting || !guard.hasRoomFor(change)) {
                guard.replace(book.rules(moreHere()));
            } else {
                change(guard, change);
            }
            withdrawn = false;
            guardWanting = false;
        } catch (RuntimeException e) {
            if (!guardWanting) {
                LOG.error("event=guard problem=\"{}\" until=\"it can be written\"", e.getMessage());
            }
            guardWanting = true;
        }
    }

    /** Writes the guard again where it could not be written, or where somebody flushed all tables of nftables. */
    void lookAfter(IngressGuard guard, List<InterfaceInfo> interfaces) {
        final boolean gone = guard.isGone();
        if (gone) {
            LOG.warn("event=guard problem=\"somebody removed it\" action=\"written anew\"");
        }
        if (gone || guardWanting) {
            book.forget();
            guard(guard, interfaces);
        }
    }

    private void change(IngressGuard guard, GuardRules.Change change) {
        try {
            guard.change(change);
        } catch (RuntimeException e) {
            LOG.warn("event=guard problem=\"{}\" action=\"written anew\"", e.getMessage());
            guard.replace(book.rules(moreHere()));
        }
    }

    /** What {@link #guard} does, but for telling the kernel; how many bytes it would be told. */
    int rehearse(List<InterfaceInfo> interfaces) {
        final GuardRules.Change change = book.update(guarded(), here(), interfaces, localsHere());
        return change == null || change.isEmpty() ? 0 : IngressGuard.rehearse(change);
    }

    /** A backup that is not to work leaves its services to the host. */
    private List<VirtualService> guarded() {
        final boolean passive = state.syncRoles().backup() && state.sysctls().backupOnly();
        return passive ? List.of() : latest.services();
    }

    /** The rules to install the guard with. */
    GuardRules firstRules(List<InterfaceInfo> interfaces) {
        book.update(guarded(), here(), interfaces, localsHere());
        return book.rules(moreHere());
    }
}
