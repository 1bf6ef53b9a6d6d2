package io.weir.control.vrrp;

import io.weir.control.keepalived.KeepalivedConfig.SyncGroup;
import io.weir.control.vrrp.Election.State;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Instances that change together: all become master only when all want to, and one that falls back, or fails, takes the
 * others along.
 *
 * <p><b>Thread</b>: {@code weir-vrrp}. <b>Source</b>: keepalived.conf(5), vrrp_sync_group.
 */
final class SyncGroups {
    private final Supplier<List<VrrpInstance>> instances;
    private List<SyncGroup> groups;
    private boolean forcing;

    SyncGroups(List<SyncGroup> groups, Supplier<List<VrrpInstance>> instances) {
        this.groups = groups;
        this.instances = instances;
    }

    void reload(List<SyncGroup> next) {
        groups = next;
    }

    List<SyncGroup> all() {
        return groups;
    }

    @Nullable
    SyncGroup of(VrrpInstance instance) {
        return groups.stream()
                .filter(group -> group.members().contains(instance.settings().name()))
                .findFirst()
                .orElse(null);
    }

    List<VrrpInstance> members(SyncGroup group) {
        return instances.get().stream()
                .filter(each -> group.members().contains(each.settings().name()))
                .toList();
    }

    /** The other members of its group. */
    List<VrrpInstance> others(VrrpInstance instance) {
        final SyncGroup group = of(instance);
        return group == null
                ? List.of()
                : members(group).stream().filter(each -> !each.equals(instance)).toList();
    }

    /** Do all others want to be master, too? */
    boolean mayBecomeMaster(VrrpInstance instance) {
        final SyncGroup group = of(instance);
        return forcing
                || group == null
                || members(group).stream()
                        .allMatch(
                                each -> each.equals(instance) || each.election().wantsMaster());
    }

    /** Takes the others of its group along; {@code told} is asked to tell of the group, once. */
    void follow(VrrpInstance instance, State to, Consumer<SyncGroup> told) {
        final SyncGroup group = of(instance);
        if (group == null || forcing) {
            return;
        }
        forcing = true;
        try {
            members(group).forEach(each -> each.election().force(to, System.nanoTime()));
            told.accept(group);
        } finally {
            forcing = false;
        }
    }
}
