package io.weir.control.keepalived;

import io.weir.control.keepalived.GlobalSettings.VrrpDefaults;
import io.weir.control.keepalived.KeepalivedConfig.GarpGroup;
import io.weir.control.keepalived.KeepalivedConfig.Notify;
import io.weir.control.keepalived.KeepalivedConfig.Script;
import io.weir.control.keepalived.KeepalivedConfig.SyncGroup;
import io.weir.control.keepalived.KeepalivedConfig.VirtualAddress;
import io.weir.control.keepalived.VrrpSettings.Garp;
import io.weir.control.keepalived.VrrpSettings.Peer;
import io.weir.packet.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads {@code vrrp_instance}, {@code vrrp_sync_group} and {@code garp_group}. */
final class VrrpReader {
    private static final int PRIORITY = 100;
    private static final int OWNER = 255;
    private static final int TTL = 255;
    private static final int BURST = 255;
    private static final int PASSWORD = 8;
    private static final long SECOND_MS = 1000;
    private static final double SHORTEST_ADVERT = 0.01;
    private static final long LONGEST_ADVERT2_MS = 255_000;
    private static final long LONGEST_ADVERT3_MS = 40_950;
    private static final int DAY_S = 86_400;
    /** What an advert can count. */
    private static final int MOST_ADVERTISED = 255;

    private final LineReport report;
    private final GlobalSettings global;
    private final VrrpDefaults defaults;

    VrrpReader(LineReport report, GlobalSettings global) {
        this.report = report;
        this.global = global;
        this.defaults = global.vrrp();
    }

    void instance(Block block, List<VrrpSettings> into) {
        final String name = TrackReader.name(block);
        final List<VirtualAddress> advertised = addresses(block, "virtual_ipaddress");
        final List<VirtualAddress> excluded = new ArrayList<>(addresses(block, "virtual_ipaddress_excluded"));
        if (advertised.size() > MOST_ADVERTISED) {
            report.changed(block.statement(), "an advert holds 255 addresses: the others move along, but are not told");
            final List<VirtualAddress> rest = advertised.subList(MOST_ADVERTISED, advertised.size());
            excluded.addAll(rest);
            rest.clear();
        }
        final List<Peer> peers = peers(block);
        final boolean said = block.flag("native_ipv6", false);
        final boolean ipv6 =
                advertised.isEmpty() ? said : !advertised.get(0).address().isV4();
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
        final boolean strict = block.flag("strict_mode", defaults.strict());
        final boolean first =
                block.word("state", List.of("MASTER", "BACKUP"), "BACKUP").equals("MASTER");
        // As keepalived: who begins as master and has no priority is the addresses' owner.
        final int priority = block.integer("priority", 1, OWNER, first ? OWNER : PRIORITY);
        final boolean master = strict ? priority == OWNER : first;
        final boolean preempt = preempt(block, master, priority);
        if (strict && !peers.isEmpty()) {
            report.wrong(block.statement(), "strict mode has no unicast peers");
        }
        final int asked = block.integer("version", 2, 3, defaults.version());
        final int version = ipv6 ? 3 : asked;
        final VrrpSettings settings = new VrrpSettings(
                block.statement().line(),
                name,
                master,
                device,
                block.integer("virtual_router_id", 1, OWNER, 0),
                priority,
                advert(block, version),
                version,
                password(block, version, strict),
                source(block),
                group == null ? IpAddress.parse(ipv6 ? defaults.group6() : defaults.group4()) : group,
                peers,
                block.integer("unicast_ttl", 0, TTL, TTL),
                block.flag("check_unicast_src", defaults.checkUnicastSource()),
                block.flag("skip_check_adv_addr", defaults.skipCheckAdvertised()),
                advertised,
                excluded,
                routes(block, "virtual_routes"),
                routes(block, "virtual_rules"),
                preempt,
                preemptDelay(block, preempt, strict),
                block.integer("down_timer_adverts", 1, 100, defaults.downTimerAdverts()),
                block.flag("lower_prio_no_advert", defaults.lowerPriorityNoAdvert()) || strict,
                block.flag("higher_prio_send_advert", defaults.higherPrioritySendAdvert()) && !strict,
                !block.flag("dont_track_primary", false),
                block.has("track_src_ip") && block.has("mcast_src_ip", "unicast_src_ip"),
                block.has("unicast_fault_no_peer") && peers.isEmpty() && speaksUnicast(block),
                block.flag("notify_priority_changes", defaults.tellsPriority()),
                garp(block, strict),
                TrackReader.tracking(block),
                notify(block));
        if (!block.has("virtual_router_id")) {
            report.wrong(block.statement(), "'virtual_router_id' is missing");
        }
        ignored(block);
        block.end();
        into.add(settings);
    }

    private static boolean speaksUnicast(Block block) {
        return block.has("unicast_src_ip", "unicast_peer", "unicast_ttl", "check_unicast_src");
    }

    /** As keepalived: what does not fit into an advert becomes the longest that does. */
    private long advert(Block block, int version) {
        final long advertMs = block.milliseconds("advert_int", SHORTEST_ADVERT, SECOND_MS);
        final long longest = version == 2 ? LONGEST_ADVERT2_MS : LONGEST_ADVERT3_MS;
        final Statement line = block.last("advert_int");
        if (line != null && advertMs > longest) {
            report.changed(line, "VRRP version " + version + " has at most " + longest / 1000.0 + " s, which it is");
            return longest;
        }
        return advertMs;
    }

    private boolean preempt(Block block, boolean master, int priority) {
        final Statement stay = block.last("nopreempt");
        final boolean takes = stay == null || master || priority == OWNER;
        if (stay != null && takes) {
            report.changed(stay, "without effect with state MASTER or priority 255, as in keepalived");
        }
        block.all("preempt");
        return takes;
    }

    private long preemptDelay(Block block, boolean preempt, boolean strict) {
        final long delayMs = block.milliseconds("preempt_delay", 0, 0);
        final Statement line = block.last("preempt_delay");
        if (line != null && (!preempt || strict)) {
            report.changed(line, "without effect with nopreempt or in strict mode, as in keepalived");
            return 0;
        }
        return delayMs;
    }

    /** Lines of a block in the words of {@code ip route} and {@code ip rule}. */
    private static List<String> routes(Block block, String keyword) {
        return block.entries(keyword).stream()
                .map(each -> each.words().stream()
                        .filter(word -> !word.equals("no_track"))
                        .map(word -> word.equals("gw") ? "via" : word)
                        .collect(Collectors.joining(" ")))
                .toList();
    }

    private @Nullable IpAddress source(Block block) {
        return block.address("mcast_src_ip", "unicast_src_ip");
    }

    private @Nullable String password(Block block, int version, boolean strict) {
        String password = null;
        for (Block each : block.blocks("authentication")) {
            final Statement type = each.last("auth_type");
            final String word = each.word("auth_type", List.of("PASS", "AH"), "PASS");
            password = each.text("auth_pass");
            if (word.equals("AH") && type != null) {
                report.wrong(type, "AH is not supported; keepalived advises against it, too: use PASS");
            } else if (version == 3 || strict) {
                report.ignored(each.statement(), "VRRP version 3 and strict mode have no authentication");
            }
            each.end();
        }
        if (version == 3 || strict || password == null) {
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

    private Garp garp(Block block, boolean strict) {
        return new Garp(
                block.milliseconds("garp_master_delay", 0, defaults.garpDelayMs()),
                block.integer("garp_master_repeat", 0, BURST, defaults.garpRepeat()),
                block.milliseconds("garp_lower_prio_delay", 0, strict ? 0 : defaults.garpLowerDelayMs()),
                block.integer("garp_lower_prio_repeat", 0, BURST, strict ? 0 : defaults.garpLowerRepeat()),
                block.milliseconds("garp_master_refresh", 0, defaults.garpRefreshMs()),
                block.integer("garp_master_refresh_repeat", 0, BURST, defaults.garpRefreshRepeat()),
                extraGarp(block, "garp_extra_if", defaults.garpExtraMs()));
    }

    /** {@code [all] SECONDS}: without {@code all} it is for interfaces with a virtual MAC, which Weir has none of. */
    static long extraGarp(Block block, String keyword, long fallbackMs) {
        final Statement line = block.last(keyword);
        if (line == null) {
            return fallbackMs;
        }
        final boolean all = line.words().contains("all");
        final int seconds = block.integer(line, all ? 2 : 1, 0, DAY_S, 0);
        if (!all && seconds > 0) {
            block.report()
                    .ignored(
                            line,
                            "only for interfaces with a virtual MAC, which Weir has none of; 'all' has an effect");
            return 0;
        }
        return seconds * SECOND_MS;
    }

    GarpGroup garpGroup(Block block) {
        final List<String> interfaces = new ArrayList<>();
        block.entries("interfaces").forEach(each -> interfaces.addAll(each.words()));
        final String one = block.text("interface");
        if (one != null) {
            interfaces.add(one);
        }
        final GarpGroup group = new GarpGroup(
                List.copyOf(interfaces),
                block.milliseconds("garp_interval", 0, -1),
                block.milliseconds("gna_interval", 0, -1));
        block.end();
        return group;
    }

    private Notify notify(Block block) {
        return new Notify(
                ScriptWords.read(block, "notify_master"),
                ScriptWords.read(block, "notify_backup"),
                ScriptWords.read(block, "notify_fault"),
                ScriptWords.read(block, "notify_stop"),
                ScriptWords.read(block, "notify"),
                ScriptWords.read(block, "notify_master_rx_lower_pri"),
                deleted(block),
                block.has("notify_deleted"),
                block.flag("smtp_alert", global.mailForVrrp()));
    }

    private static @Nullable Script deleted(Block block) {
        final Statement line = block.last("notify_deleted");
        return line == null || line.arguments().isEmpty() ? null : ScriptWords.read(block, line);
    }

    SyncGroup group(Block block) {
        final List<String> members = new ArrayList<>();
        block.entries("group").forEach(each -> members.addAll(each.words()));
        final SyncGroup group = new SyncGroup(
                TrackReader.name(block),
                members,
                TrackReader.tracking(block),
                notify(block),
                block.has("sync_group_tracking_weight", "global_tracking"),
                block.flag("notify_priority_changes", defaults.tellsPriority()),
                block.statement().line());
        block.end();
        return group;
    }

    private static void ignored(Block block) {
        block.ignore(
                "Weir uses the interface's own MAC address, as keepalived does without use_vmac",
                "use_vmac",
                "use_vmac_addr",
                "vmac_xmit_base",
                "use_ipvlan");
        // What Weir does, so there is nothing to read.
        block.has("accept");
        block.ignore("a VIP that Weir serves answers pings, and for other ports as closed ones do", "no_accept");
        block.ignore("an instance is in the VRF of its interface", "vrf");
        block.ignore(
                "for keepalived before 1.3.7 as a unicast peer; the checksum of the RFC is the only one here",
                "old_unicast_checksum");
        block.ignore("not needed", "promote_secondaries", "debug", "kernel_rx_buf_size", "linkbeat_use_polling");
        block.ignore(
                "the old way to start the sync daemon; use lvs_sync_daemon in global_defs",
                "lvs_sync_daemon_interface");
    }
}
