package io.weir.control.keepalived;

import io.weir.control.keepalived.ServiceSettings.FailureAction;
import io.weir.control.keepalived.ServiceSettings.PanicRule;
import io.weir.control.keepalived.ServiceSettings.ServerSettings;
import io.weir.packet.IpAddress;
import io.weir.sched.Schedulers;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the {@code virtual_server} blocks, with the groups they name. */
final class ServiceReader {
    private static final int DEFAULT_PERSISTENCE = 360;
    private static final int MOST_SECONDS = 31_536_000;
    private static final long DRAIN_MS = 600_000;
    private static final List<String> FAILURES = List.of("remove", "keep", "drain", "reset", "move");
    private static final List<String> FLAGS =
            List.of("flag-1", "flag-2", "flag-3", "sh-port", "sh-fallback", "mh-port", "mh-fallback");

    private final Block top;
    private final Map<String, CheckKind> kinds;
    private final GlobalSettings global;
    private final Map<String, List<IpAddress>> localGroups;
    private final Map<String, Block> groups = new LinkedHashMap<>();
    private final Map<String, String> files = new HashMap<>();

    ServiceReader(
            Block top, Map<String, CheckKind> kinds, GlobalSettings global, Map<String, List<IpAddress>> localGroups) {
        this.top = top;
        this.kinds = kinds;
        this.global = global;
        this.localGroups = localGroups;
    }

    List<ServiceSettings> read() {
        for (Block group : top.blocks("virtual_server_group")) {
            group.statement().block().forEach(top.report()::used);
            final List<String> name = group.statement().arguments();
            groups.put(name.isEmpty() ? "" : name.get(0), group);
        }
        for (Block file : top.blocks("track_file", "vrrp_track_file")) {
            final List<String> name = file.statement().arguments();
            files.put(name.isEmpty() ? "" : name.get(0), file.text("file", ""));
        }
        final List<ServiceSettings> services = new ArrayList<>();
        for (Block block : top.blocks("virtual_server")) {
            final ServiceSettings service = service(block);
            if (service != null) {
                services.add(service);
            }
        }
        return services;
    }

    private @Nullable ServiceSettings service(Block block) {
        final String protocol = block.word("protocol", List.of("TCP", "UDP", "SCTP"), "TCP");
        final String family = block.word("ip_family", List.of("inet", "inet6"), "inet");
        final VirtualKeys keys = VirtualKeys.read(block, protocol, family.equals("inet6"), groups);
        final ServerReader servers = new ServerReader(block, kinds, global, keys, files);
        final String options = options(block);
        final int quorum = block.integer("quorum", 1, Integer.MAX_VALUE, 1);
        final int hysteresis = block.integer("hysteresis", 0, Integer.MAX_VALUE, 0);
        final Statement hysteresisLine = block.last("hysteresis");
        if (hysteresisLine != null && hysteresis >= quorum) {
            block.report().changed(hysteresisLine, "must be below quorum: taken as " + (quorum - 1));
        }
        final FailureAction failure = failure(block);
        final List<ServerSettings> list = new ArrayList<>();
        for (Block server : block.blocks("real_server")) {
            final ServerSettings read = servers.server(server, failure == FailureAction.KEEP);
            if (read != null) {
                list.add(read);
            }
        }
        final ServiceSettings service = new ServiceSettings(
                block.statement().file(),
                block.statement().line(),
                keys.name(),
                keys.keys(),
                options,
                localAddresses(block),
                list,
                servers.sorry(),
                quorum,
                Math.min(hysteresis, quorum - 1),
                block.flag("omega", false),
                block.flag("ha_suspend", false),
                block.flag("smtp_alert", global.mailForServices()),
                ScriptWords.read(block, "quorum_up"),
                ScriptWords.read(block, "quorum_down"),
                failure,
                block.milliseconds("drain_timeout", 0, DRAIN_MS),
                block.word("panic", List.of("none", "all"), "none").equals("all") ? PanicRule.ALL : PanicRule.NONE);
        ignored(block);
        block.end();
        return keys.keys().isEmpty() ? null : service;
    }

    private static FailureAction failure(Block block) {
        final String word = block.word("on_failure", FAILURES, "remove");
        return block.flag("inhibit_on_failure", false)
                ? FailureAction.KEEP
                : FailureAction.valueOf(word.toUpperCase(Locale.ROOT));
    }

    private List<IpAddress> localAddresses(Block block) {
        final Statement line = block.last("laddr_group_name");
        if (line == null) {
            return List.of();
        }
        final String name = line.arguments().isEmpty() ? "" : line.arguments().get(0);
        final List<IpAddress> found = localGroups.get(name);
        if (found == null) {
            block.report().wrong(line, "there is no local_address_group " + name);
            return List.of();
        }
        return found;
    }

    private static String options(Block block) {
        final StringBuilder options = new StringBuilder("-s ");
        final Statement scheduler = block.last("lb_algo", "lvs_sched");
        final String name = scheduler == null || scheduler.arguments().isEmpty()
                ? "wlc"
                : scheduler.arguments().get(0).toLowerCase(Locale.ROOT);
        if (scheduler != null && !Schedulers.isKnown(name)) {
            block.report().wrong(scheduler, "must be one of " + String.join(", ", Schedulers.names()));
        }
        options.append(name);
        final String flags = String.join(",", FLAGS.stream().filter(block::has).toList());
        if (!flags.isEmpty()) {
            options.append(" -b ").append(flags);
        }
        final int persistence = persistence(block);
        if (persistence > 0) {
            options.append(" -p ").append(persistence);
        }
        final String mask = block.text("persistence_granularity");
        if (mask != null && persistence > 0) {
            options.append(" -M ").append(mask);
        }
        final String engine = block.text("persistence_engine");
        if (engine != null) {
            options.append(" --pe ").append(engine);
        }
        return options + (block.has("ops") ? " -o" : "");
    }

    private static int persistence(Block block) {
        final Statement line = block.last("persistence_timeout");
        if (line == null) {
            return 0;
        }
        return line.arguments().isEmpty()
                ? DEFAULT_PERSISTENCE
                : block.integer(line, 1, 0, MOST_SECONDS, DEFAULT_PERSISTENCE);
    }

    private static void ignored(Block block) {
        final Statement mask = block.last("nat_mask");
        if (mask != null) {
            block.report()
                    .ignored(mask, "keepalived has dropped it: the mask of a NAT network has had no effect since 2.4");
        }
        block.ignore("Weir has metrics instead of SNMP", "snmp_name");
        block.ignore(
                "DPVS only",
                "establish_timeout",
                "daddr_group_name",
                "allow_address_group",
                "deny_address_group",
                "quic",
                "bps",
                "limit_proportion",
                "vip_bind_dev",
                "syn_proxy",
                "proxy_protocol",
                "hash_target",
                "expire_quiescent_conn");
    }
}
