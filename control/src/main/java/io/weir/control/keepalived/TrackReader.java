package io.weir.control.keepalived;

import io.weir.control.keepalived.KeepalivedConfig.BfdSettings;
import io.weir.control.keepalived.KeepalivedConfig.LinkDelay;
import io.weir.control.keepalived.KeepalivedConfig.ParameterMatch;
import io.weir.control.keepalived.KeepalivedConfig.Script;
import io.weir.control.keepalived.KeepalivedConfig.SyncGroup;
import io.weir.control.keepalived.KeepalivedConfig.TrackFile;
import io.weir.control.keepalived.KeepalivedConfig.TrackProcess;
import io.weir.control.keepalived.KeepalivedConfig.TrackScript;
import io.weir.control.keepalived.KeepalivedConfig.Tracked;
import io.weir.control.keepalived.KeepalivedConfig.Tracking;
import io.weir.packet.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads what instances track: {@code vrrp_script}, {@code track_file}, {@code vrrp_track_process}, {@code bfd_instance}, and who
 * tracks it.
 */
final class TrackReader {
    private static final int MOST_WEIGHT = 254;
    private static final long SECOND_MS = 1000;
    private static final double SHORTEST = 0.01;
    private static final int TTL = 255;
    private static final int HOP_LIMIT = 64;
    private static final long BFD_MS = 10;
    private static final int BFD_MULTIPLIER = 5;
    private static final double LEAST_IDLE_MS = 1000;
    private static final long LONGEST_DELAY_MS = 255_000;

    private final LineReport report;

    TrackReader(LineReport report) {
        this.report = report;
    }

    static Tracking tracking(Block block) {
        return new Tracking(
                tracked(block, "track_interface"),
                tracked(block, "track_script"),
                tracked(block, "track_file"),
                tracked(block, "track_process"),
                tracked(block, "track_bfd"));
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

    TrackScript script(Block block) {
        final Script script = ScriptWords.read(block, "script");
        final Statement weight = block.last("weight");
        final Statement user = block.last("user");
        final long interval = block.milliseconds("interval", SHORTEST, SECOND_MS);
        final TrackScript track = new TrackScript(
                name(block),
                script == null
                        ? new Script(List.of("/bin/false"), null, null)
                        : new Script(script.command(), word(user, 1, script.user()), word(user, 2, script.group())),
                interval,
                block.milliseconds("timeout", SHORTEST, interval),
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

    TrackProcess process(Block block) {
        final Statement line = block.last("process");
        final List<String> command = line == null ? List.of() : line.arguments();
        if (command.isEmpty()) {
            report.wrong(block.statement(), "'process' is missing");
        }
        final Statement weight = block.last("weight");
        final Statement match = block.last("param_match");
        final String how = block.word("param_match", List.of("initial", "partial"), "partial");
        final long delay = block.milliseconds("delay", 0, 0);
        final TrackProcess process = new TrackProcess(
                name(block),
                command.isEmpty() ? List.of("") : command,
                match == null ? null : how.equals("initial") ? ParameterMatch.INITIAL : ParameterMatch.PARTIAL,
                weight == null ? 1 : block.integer(weight, 1, -MOST_WEIGHT, MOST_WEIGHT, 1),
                weight != null && weight.words().contains("reverse"),
                block.integer("quorum", 0, Integer.MAX_VALUE, 1),
                block.integer("quorum_max", 0, Integer.MAX_VALUE, Integer.MAX_VALUE),
                block.milliseconds("fork_delay", 0, delay),
                block.milliseconds("terminate_delay", 0, delay),
                block.has("full_command"));
        block.end();
        return process;
    }

    /** {@code bfd_instance}; null if it has no neighbour. */
    @Nullable
    BfdSettings bfd(Block block) {
        final IpAddress neighbour = block.address("neighbor_ip", "neighbour_ip");
        final IpAddress source = block.address("source_ip");
        final Statement weight = block.last("weight");
        final boolean ipv4 = neighbour == null || neighbour.isV4();
        final int ttl = block.integer("ttl", 1, TTL, TTL);
        final int hopLimit = block.integer("hoplimit", 1, TTL, HOP_LIMIT);
        final BfdSettings settings = new BfdSettings(
                name(block),
                neighbour == null ? IpAddress.parse("0.0.0.0") : neighbour,
                source,
                microseconds(block, "min_rx", 1, BFD_MS),
                microseconds(block, "min_tx", 1, BFD_MS),
                microseconds(block, "idle_tx", LEAST_IDLE_MS, SECOND_MS),
                block.integer("multiplier", 1, TTL, BFD_MULTIPLIER),
                block.has("passive"),
                ipv4 ? ttl : hopLimit,
                block.integer("max_hops", 0, TTL, 0),
                weight == null ? 0 : block.integer(weight, 1, -MOST_WEIGHT, MOST_WEIGHT, 0),
                weight != null && weight.words().contains("reverse"));
        block.ignore("whoever names it is told", "vrrp", "checker");
        block.end();
        if (neighbour == null) {
            report.wrong(block.statement(), "'neighbor_ip' is missing");
        } else if (source != null && source.isV4() != ipv4) {
            report.wrong(block.statement(), "source_ip and neighbor_ip must be of one family");
        }
        return neighbour == null ? null : settings;
    }

    /** {@code interface_up_down_delays}; who says one delay means both. */
    List<LinkDelay> linkDelays(Block top) {
        final List<LinkDelay> delays = new ArrayList<>();
        for (Statement each : top.entries("interface_up_down_delays")) {
            final long downMs = delay(top, each, 1, 0);
            delays.add(new LinkDelay(
                    each.keyword(), downMs, each.words().size() > 2 ? delay(top, each, 2, downMs) : downMs));
        }
        return List.copyOf(delays);
    }

    private static long delay(Block block, Statement line, int index, long fallbackMs) {
        final long delayMs = block.milliseconds(line, index, 0, fallbackMs);
        if (delayMs > LONGEST_DELAY_MS) {
            block.report().wrong(line, "must be 0 to 255 seconds");
            return fallbackMs;
        }
        return delayMs;
    }

    /** The file has milliseconds, with decimals. */
    private static long microseconds(Block block, String keyword, double leastMs, long fallbackMs) {
        // A thousand of them are read as seconds are, in milliseconds of their own.
        return block.milliseconds(keyword, leastMs, fallbackMs * SECOND_MS);
    }

    static String name(Block block) {
        final List<String> words = block.statement().arguments();
        if (words.isEmpty()) {
            block.report().wrong(block.statement(), "a name is missing");
            return "";
        }
        return words.get(0);
    }

    /** Notes names that nobody has. */
    void check(KeepalivedConfig config, Set<String> instances) {
        for (SyncGroup group : config.syncGroups()) {
            for (String member : group.members()) {
                if (!instances.contains(member)) {
                    report.wrong("vrrp_sync_group", group.line(), group.name(), "no vrrp_instance " + member);
                }
            }
            check(config, group.tracking(), group.name(), group.line());
        }
        config.instances().forEach(each -> check(config, each.tracking(), each.name(), each.line()));
        for (ServiceSettings service : config.services()) {
            for (ServiceSettings.ServerSettings server : service.servers()) {
                server.checks().forEach(check -> checkBfd(config, check));
            }
        }
    }

    private void checkBfd(KeepalivedConfig config, ServiceSettings.CheckSettings check) {
        if (check.kind().keyword().equals(CheckKind.BFD_CHECK)
                && config.bfdInstances().stream().noneMatch(each -> each.name().equals(check.options()))) {
            report.wrong(CheckKind.BFD_CHECK, check.line(), CheckKind.BFD_CHECK, "no bfd_instance " + check.options());
        }
    }

    private void check(KeepalivedConfig config, Tracking tracking, String where, int line) {
        check(
                "track_script",
                "vrrp_script",
                config.scripts().stream().map(TrackScript::name).toList(),
                tracking.scripts(),
                where,
                line);
        check(
                "track_file",
                "track_file",
                config.files().stream().map(TrackFile::name).toList(),
                tracking.files(),
                where,
                line);
        check(
                "track_process",
                "vrrp_track_process",
                config.processes().stream().map(TrackProcess::name).toList(),
                tracking.processes(),
                where,
                line);
        check(
                "track_bfd",
                "bfd_instance",
                config.bfdInstances().stream().map(BfdSettings::name).toList(),
                tracking.bfdInstances(),
                where,
                line);
    }

    private void check(String keyword, String kind, List<String> names, List<Tracked> tracked, String where, int line) {
        for (Tracked each : tracked) {
            if (!names.contains(each.name())) {
                report.wrong(keyword, line, where, "no " + kind + " " + each.name());
            }
        }
    }
}
