package io.weir.control.vrrp;

import io.weir.control.keepalived.KeepalivedConfig.SyncGroup;
import io.weir.control.keepalived.KeepalivedConfig.Tracking;
import io.weir.control.keepalived.VrrpSettings;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an instance needs to be more than at fault, and what that makes of its priority: its own link and source, what it tracks,
 * what its group tracks, and the rest of its group.
 *
 * <p><b>Thread</b>: {@code weir-vrrp}.
 */
final class Conditions {
    private final Tracker tracker;
    private final SyncGroups groups;

    Conditions(Tracker tracker, SyncGroups groups) {
        this.tracker = tracker;
        this.groups = groups;
    }

    /** Of this instance alone, with what its group tracks. */
    Tracker.Effect of(VrrpInstance instance) {
        final VrrpSettings settings = instance.settings();
        if (settings.lacksPeers()) {
            return Tracker.Effect.fault(settings.priority(), "unicast without a peer");
        }
        if (settings.trackPrimary() && !tracker.links().isUp(settings.interfaceName())) {
            return Tracker.Effect.fault(settings.priority(), "interface " + settings.interfaceName());
        }
        if (instance.lacksSource()) {
            return Tracker.Effect.fault(settings.priority(), "source address " + settings.source());
        }
        final @Nullable SyncGroup group = groups.of(instance);
        final List<Tracking> trackings = new ArrayList<>(List.of(settings.tracking()));
        if (group != null) {
            trackings.add(group.tracking());
        }
        return tracker.effect(settings.priority(), trackings, group == null || group.trackingWeight());
    }

    /** May one that is at fault begin? A group begins when the last of its members can. */
    boolean mayBegin(VrrpInstance instance) {
        final @Nullable SyncGroup group = groups.of(instance);
        return (group == null ? List.of(instance) : groups.members(group))
                .stream().map(this::of).noneMatch(each -> each.fault() || each.waits());
    }
}
