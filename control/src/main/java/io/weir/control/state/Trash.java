package io.weir.control.state;

import io.weir.packet.IpAddress;
import io.weir.service.Destination;
import io.weir.service.DestinationLoad;
import io.weir.service.ServiceKey;
import io.weir.service.SlotCounters;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Deleted real servers: each waits until no connection refers to it and two minutes have passed; adding it again takes it
 * back with its connections.
 *
 * <p>It looks once a minute. <b>Thread</b>: the director's. <b>Source</b>: ip_vs_trash_get_dest(),
 * ip_vs_dest_trash_expire().
 */
final class Trash {
    private static final long LOOK_EVERY_NS = TimeUnit.SECONDS.toNanos(60);
    private static final long IDLE_FOR_NS = TimeUnit.SECONDS.toNanos(120);
    private static final long NOT_IDLE = Long.MIN_VALUE;

    /** What it is found again by: there is one at most, since adding takes it back. */
    private record Key(ServiceKey service, IpAddress address, boolean ipv6, int port) {}

    private static final class Item {
        private final DestinationEntry entry;
        private long idleSinceNs = NOT_IDLE;

        Item(DestinationEntry entry) {
            this.entry = entry;
        }
    }

    private final DestinationLoad load;
    private final Map<Key, Item> items = new LinkedHashMap<>();
    /** Came in, and went, since somebody last asked. */
    private final Set<DestinationEntry> come = new LinkedHashSet<>();

    private final List<DestinationEntry> gone = new ArrayList<>();
    private long nextLookNs;

    Trash(DestinationLoad load) {
        this.load = load;
    }

    void add(DestinationEntry entry, long nowNs) {
        if (items.isEmpty()) {
            nextLookNs = nowNs + LOOK_EVERY_NS;
        }
        final Destination d = entry.value();
        items.put(new Key(entry.service().key(), d.address(), entry.isIpv6(), d.port()), new Item(entry));
        come.add(entry);
    }

    /** Takes one back, for a service of the same key. */
    @Nullable
    DestinationEntry takeBack(ServiceKey key, IpAddress address, boolean ipv6, int port) {
        if (items.isEmpty()) {
            return null;
        }
        final Item item = items.remove(new Key(key, address, ipv6, port));
        if (item == null) {
            return null;
        }
        leave(item.entry);
        return item.entry;
    }

    private void leave(DestinationEntry entry) {
        come.remove(entry);
        gone.add(entry);
    }

    /** Lets go of what nobody needs any more. */
    void advance(long nowNs, Consumer<DestinationEntry> onGone) {
        while (!items.isEmpty() && nowNs - nextLookNs >= 0) {
            look(nextLookNs, onGone);
            nextLookNs += LOOK_EVERY_NS;
        }
    }

    private void look(long nowNs, Consumer<DestinationEntry> onGone) {
        final Iterator<Item> each = items.values().iterator();
        while (each.hasNext()) {
            final Item item = each.next();
            if (isReferred(item.entry.value().slot())) {
                continue;
            }
            if (item.idleSinceNs == NOT_IDLE) {
                item.idleSinceNs = nowNs;
            } else if (nowNs - item.idleSinceNs >= IDLE_FOR_NS) {
                each.remove();
                leave(item.entry);
                onGone.accept(item.entry);
            }
        }
    }

    private boolean isReferred(int slot) {
        final SlotCounters counters = load.counters();
        return counters.get(slot, SlotCounters.ACTIVE) != 0
                || counters.get(slot, SlotCounters.INACTIVE) != 0
                || counters.get(slot, SlotCounters.PERSISTENT) != 0;
    }

    /** The deleted servers, oldest first. */
    List<DestinationEntry> entries() {
        final List<DestinationEntry> entries = new ArrayList<>();
        items.values().forEach(item -> entries.add(item.entry));
        return entries;
    }

    /** Those that have left since the last call; call before {@link #come}. */
    List<DestinationEntry> gone() {
        final List<DestinationEntry> result = List.copyOf(gone);
        gone.clear();
        return result;
    }

    /** Those that are here and were not at the last call. */
    List<DestinationEntry> come() {
        final List<DestinationEntry> result = List.copyOf(come);
        come.clear();
        return result;
    }
}
