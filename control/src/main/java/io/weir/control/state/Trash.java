package io.weir.control.state;

import io.weir.packet.IpAddress;
import io.weir.service.Destination;
import io.weir.service.DestinationLoad;
import io.weir.service.ServiceKey;
import io.weir.service.SlotCounters;
import java.util.ArrayList;
import java.util.List;
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

    private record Item(DestinationEntry entry, long idleSinceNs, boolean idle) {}

    private final DestinationLoad load;
    private final List<Item> items = new ArrayList<>();
    private long nextLookNs;

    Trash(DestinationLoad load) {
        this.load = load;
    }

    void add(DestinationEntry entry, long nowNs) {
        if (items.isEmpty()) {
            nextLookNs = nowNs + LOOK_EVERY_NS;
        }
        items.add(0, new Item(entry, 0, false));
    }

    /** Takes one back, for a service of the same key. */
    @Nullable
    DestinationEntry takeBack(ServiceKey key, IpAddress address, boolean ipv6, int port) {
        for (Item item : items) {
            final Destination d = item.entry.value();
            if (d.port() == port
                    && item.entry.isIpv6() == ipv6
                    && d.address().equals(address)
                    && item.entry.service().key().equals(key)) {
                items.remove(item);
                return item.entry;
            }
        }
        return null;
    }

    /** Lets go of what nobody needs any more. */
    void advance(long nowNs, Consumer<DestinationEntry> onGone) {
        while (!items.isEmpty() && nowNs - nextLookNs >= 0) {
            look(nextLookNs, onGone);
            nextLookNs += LOOK_EVERY_NS;
        }
    }

    private void look(long nowNs, Consumer<DestinationEntry> onGone) {
        for (int i = items.size() - 1; i >= 0; i--) {
            final Item item = items.get(i);
            if (isReferred(item.entry.value().slot())) {
                continue;
            }
            if (!item.idle) {
                items.set(i, new Item(item.entry, nowNs, true));
            } else if (nowNs - item.idleSinceNs >= IDLE_FOR_NS) {
                items.remove(i);
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

    List<Destination> destinations() {
        return items.stream().map(item -> item.entry.value()).toList();
    }
}
