package io.weir.control.keepalived;

import io.weir.control.keepalived.GlobalSettings.VrrpDefaults;
import io.weir.control.keepalived.KeepalivedConfig.Notify;
import io.weir.control.keepalived.KeepalivedConfig.Script;
import io.weir.control.keepalived.KeepalivedConfig.SyncGroup;
import io.weir.control.keepalived.KeepalivedConfig.TrackFile;
import io.weir.control.keepalived.KeepalivedConfig.TrackScript;
import io.weir.control.keepalived.KeepalivedConfig.Tracked;
import io.weir.control.keepalived.KeepalivedConfig.Tracking;
import io.weir.control.keepalived.KeepalivedConfig.VirtualAddress;
import io.weir.control.keepalived.VrrpSettings.Garp;
import io.weir.control.keepalived.VrrpSettings.Peer;
import io.weir.packet.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads {@code vrrp_instance}, {@code vrrp_sync_group}, {@code vrrp_script} and {@code track_file}. */
final class VrrpReader {
    private static final int PRIORITY = 100;
    private static final int OWNER = 255;
    private static final int MOST_WEIGHT = 254;
    private static final int TTL = 255;
    private static final int BURST = 255;
    private static final int PASSWORD = 8;
    private static final long SECOND_MS = 1000;
    private static final double SHORTEST_ADVERT = 0.01;

    private final LineReport report;
    private final GlobalSettings global;
    private final VrrpDefaults defaults;

    VrrpReader(LineReport report, GlobalSettings global) {
        this.report = report;
        this.global = global;
        this.defaults = global.vrrp();
    }

    void instance(Block block, List<VrrpSettings> into) {
        final String name = name(block);
        final List<VirtualAddress> advertised = addresses(block, "virtual_ipaddress");
        final List<Peer> peers = peers(block);
        final boolean ipv6 = block.flag("native_ipv6", false)
                || !advertised.isEmpty() && !advertised.get(0).address().isV4();
        final String device = block.text("interface", "");
        if (device.isEmpty()) {
            report.wrong(block.statement(), "'interface' is missing");
        }
        for (VirtualAddress each : advertised) {
            if (each.address().isV4() == ipv6) {
                report.wrong(
                        block.statement(),
                        "IPv4 and IPv6 in one virtual_ipaddress: put one family into virtual_ipaddress_excluded");
                break;
            }
        }
        final IpAddress group = block.address("mcast_dst_ip");
        final int priority = block.integer("priority", 1, OWNER, PRIORITY);
        final boolean master =
                block.word("state", List.of("MASTER", "BACKUP"), "BACKUP").equals("MASTER");
        final boolean preempt = preempt(block, master);
        final int version = ipv6 ? 3 : block.integer("version", 2, 3, defaults.version());
        final VrrpSettings settings = new VrrpSettings(
                block.statement().line(),
                name,
                master,
                device,
                block.integer("virtual_router_id", 1, OWNER, 0),
                priority,
                block.milliseconds("advert_int", SHORTEST_ADVERT, SECOND_MS),
                version,
                password(block, version),
                source(block),
                group == null ? IpAddress.parse(ipv6 ? defaults.group6() : defaults.group4()) : group,
                peers,
                block.integer("unicast_ttl", 0, TTL, TTL),
                block.flag("check_unicast_src", defaults.checkUnicastSource()),
                block.flag("skip_check_adv_addr", defaults.skipCheckAdvertised()),
                advertised,
                addresses(block, "virtual_ipaddress_excluded"),
                block.entries("virtual_routes").stream()
                        .map(each -> String.join(" ", each.words()))
                        .toList(),
                preempt,
                block.milliseconds("preempt_delay", 0, 0),
                block.integer("down_timer_adverts", 1, 100, defaults.downTimerAdverts()),
                block.flag("lower_prio_no_advert", defaults.lowerPriorityNoAdvert()),
                block.flag("higher_prio_send_advert", defaults.higherPrioritySendAdvert()),
                !block.flag("dont_track_primary", false),
                garp(block),
                tracking(block),
                notify(block));
        if (!block.has("virtual_router_id")) {
            report.wrong(block.statement(), "'virtual_router_id' is missing");
        }
        ignored(block);
        block.end();
        into.add(settings);
    }

    private boolean preempt(Block block, boolean master) {
        final Statement stay = block.last("nopreempt");
        if (stay != null && master) {
            report.changed(stay, "without effect with state MASTER, as in keepalived");
        }
        block.all("preempt");
        return stay == null || master;
    }

    private @Nullable IpAddress source(Block block) {
        return block.address("mcast_src_ip", "unicast_src_ip");
    }

    private @Nullable String password(Block block, int version) {
        String password = null;
        for (Block each : block.blocks("authentication")) {
            final Statement type = each.last("auth_type");
            final String word = each.word("auth_type", List.of("PASS", "AH"), "PASS");
            password = each.text("auth_pass");
            if (word.equals("AH") && type != null) {
                report.wrong(type, "AH is not supported; keepalived advises against it, too: use PASS");
            } else if (version == 3) {
                report.ignored(each.statement(), "VRRP version 3 has no authentication");
            }
            each.end();
        }
        if (version == 3 || password == null) {
            return null;
        }
        return password.substring(0, Math.min(PASSWORD, password.length()));
    }

    private List<Peer> peers(Block block) {
        final List<Peer> peers = new ArrayList<>();
        for (Statement each : block.entries("unicast_peer")) {
            final IpAddress address = block.address(each, 0);
            final int min = each.words().indexOf("min_ttl");
            final int max = each.words().indexOf("max_ttl");
            if (address != null) {
                peers.add(new Peer(
                        address,
                        min < 0 ? 0 : block.integer(each, min + 1, 0, TTL, 0),
                        max < 0 ? TTL : block.integer(each, max + 1, 0, TTL, TTL)));
            }
        }
        return peers;
    }

    private List<VirtualAddress> addresses(Block block, String keyword) {
        final List<VirtualAddress> found = new ArrayList<>();
        for (Statement each : block.entries(keyword)) {
            final String text = each.keyword();
            final int slash = text.indexOf('/');
            try {
                final IpAddress address = IpAddress.parse(slash < 0 ? text : text.substring(0, slash));
                final int longest = address.isV4() ? 32 : 128;
                final int length = slash < 0 ? longest : Integer.parseInt(text.substring(slash + 1));
                if (length < 0 || length > longest) {
                    report.wrong(each, "prefix length must be 0 to " + longest);
                    continue;
                }
                final int device = each.words().indexOf("dev");
                final boolean has = device > 0 && device + 1 < each.words().size();
                found.add(new VirtualAddress(address, length, has ? each.words().get(device + 1) : null));
            } catch (IllegalArgumentException e) {
                report.wrong(each, "must be an IP address, not '" + text + "'");
            }
        }
        return found;
    }

    private Garp garp(Block block) {
        final long delay = block.milliseconds("garp_master_delay", 0, defaults.garpDelayMs());
        final int repeat = block.integer("garp_master_repeat", 0, BURST, defaults.garpRepeat());
        return new Garp(
                delay,
                repeat,
                block.milliseconds("garp_lower_prio_delay", 0, defaults.garpLowerDelayMs()),
                block.integer("garp_lower_prio_repeat", 0, BURST, defaults.garpLowerRepeat()),
                block.milliseconds("garp_master_refresh", 0, defaults.garpRefreshMs()),
                block.integer("garp_master_refresh_repeat", 0, BURST, defaults.garpRefreshRepeat()),
                defaults.garpIntervalMs());
    }

    private Tracking tracking(Block block) {
        return new Tracking(
                tracked(block, "track_interface"), tracked(block, "track_script"), tracked(block, "track_file"));
    }

    /** A weight that is not said is {@link Integer#MIN_VALUE}: the script's or file's own counts then. */
    private static List<Tracked> tracked(Block block, String keyword) {
        final List<Tracked> found = new ArrayList<>();
        for (Statement each : block.entries(keyword)) {
            final int weight = each.words().indexOf("weight");
            found.add(new Tracked(
                    each.keyword(),
                    weight < 0 ? Integer.MIN_VALUE : block.integer(each, weight + 1, -MOST_WEIGHT, MOST_WEIGHT, 0),
                    each.words().contains("reverse")));
        }
        return found;
    }

    private Notify notify(Block block) {
        return new Notify(
                ScriptWords.read(block, "notify_master"),
                ScriptWords.read(block, "notify_backup"),
                ScriptWords.read(block, "notify_fault"),
                ScriptWords.read(block, "notify_stop"),
                ScriptWords.read(block, "notify"),
                ScriptWords.read(block, "notify_master_rx_lower_pri"),
                block.flag("smtp_alert", global.mailForVrrp()));
    }

    SyncGroup group(Block block) {
        final List<String> members = new ArrayList<>();
        block.entries("group").forEach(each -> members.addAll(each.words()));
        final SyncGroup group = new SyncGroup(
                name(block),
                members,
                tracking(block),
                notify(block),
                block.has("sync_group_tracking_weight", "global_tracking"),
                block.statement().line());
        block.ignore("not supported", "track_process", "track_bfd", "notify_priority_changes", "notify_deleted");
        block.end();
        return group;
    }

    TrackScript script(Block block) {
        final Script script = ScriptWords.read(block, "script");
        final Statement weight = block.last("weight");
        final Statement user = block.last("user");
        final long interval = block.milliseconds("interval", SHORTEST_ADVERT, SECOND_MS);
        final TrackScript track = new TrackScript(
                name(block),
                script == null
                        ? new Script(List.of("/bin/false"), null, null)
                        : new Script(script.command(), word(user, 1, script.user()), word(user, 2, script.group())),
                interval,
                block.milliseconds("timeout", SHORTEST_ADVERT, interval),
                block.integer("weight", -MOST_WEIGHT, MOST_WEIGHT, 0),
                weight != null && weight.words().contains("reverse"),
                block.integer("rise", 1, Integer.MAX_VALUE, 1),
                block.integer("fall", 1, Integer.MAX_VALUE, 1),
                block.flag("init_fail", false));
        if (script == null) {
            report.wrong(block.statement(), "'script' is missing");
        }
        block.end();
        return track;
    }

    private static @Nullable String word(@Nullable Statement line, int index, @Nullable String fallback) {
        return line == null || line.words().size() <= index
                ? fallback
                : line.words().get(index);
    }

    TrackFile file(Block block) {
        final Statement weight = block.last("weight");
        final TrackFile file = new TrackFile(
                name(block),
                block.text("file", ""),
                weight == null ? 1 : block.integer(weight, 1, Integer.MIN_VALUE, Integer.MAX_VALUE, 1),
                weight != null && weight.words().contains("reverse"));
        block.ignore("Weir writes no track file", "init_file");
        block.end();
        return file;
    }

    private String name(Block block) {
        final List<String> words = block.statement().arguments();
        if (words.isEmpty()) {
            report.wrong(block.statement(), "a name is missing");
            return "";
        }
        return words.get(0);
    }

    private static void ignored(Block block) {
        block.ignore(
                "Weir uses the interface's own MAC address, as keepalived does without use_vmac",
                "use_vmac",
                "use_vmac_addr",
                "vmac_xmit_base",
                "use_ipvlan");
        block.ignore("unserved ports of a VIP are answered as a closed port's", "accept", "no_accept");
        block.ignore(
                "not supported",
                "track_process",
                "track_bfd",
                "track_src_ip",
                "virtual_rules",
                "vrf",
                "strict_mode",
                "unicast_fault_no_peer",
                "garp_extra_if",
                "notify_priority_changes",
                "old_unicast_checksum");
        block.ignore("not needed", "promote_secondaries", "debug", "kernel_rx_buf_size", "linkbeat_use_polling");
        block.ignore(
                "the old way to start the sync daemon; use lvs_sync_daemon in global_defs",
                "lvs_sync_daemon_interface");
    }

    /** Notes names that nobody has. */
    void check(
            List<VrrpSettings> instances,
            List<SyncGroup> groups,
            List<TrackScript> scripts,
            List<TrackFile> files,
            Set<String> names) {
        final List<String> scriptNames = scripts.stream().map(TrackScript::name).toList();
        final List<String> fileNames = files.stream().map(TrackFile::name).toList();
        for (SyncGroup group : groups) {
            for (String member : group.members()) {
                if (!names.contains(member)) {
                    report.wrong("vrrp_sync_group", group.line(), group.name(), "no vrrp_instance " + member);
                }
            }
            check(group.tracking(), scriptNames, fileNames, group.name(), group.line());
        }
        instances.forEach(each -> check(each.tracking(), scriptNames, fileNames, each.name(), each.line()));
    }

    private void check(Tracking tracking, List<String> scripts, List<String> files, String where, int line) {
        for (Tracked each : tracking.scripts()) {
            if (!scripts.contains(each.name())) {
                report.wrong("track_script", line, where, "no vrrp_script " + each.name());
            }
        }
        for (Tracked each : tracking.files()) {
            if (!files.contains(each.name())) {
                report.wrong("track_file", line, where, "no track_file " + each.name());
            }
        }
    }
}
