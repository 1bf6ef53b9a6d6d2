package io.weir.control.keepalived;

import io.weir.control.keepalived.KeepalivedConfig.BfdSettings;
import io.weir.control.keepalived.KeepalivedConfig.GarpGroup;
import io.weir.control.keepalived.KeepalivedConfig.LinkDelay;
import io.weir.control.keepalived.KeepalivedConfig.SyncGroup;
import io.weir.control.keepalived.KeepalivedConfig.TrackFile;
import io.weir.control.keepalived.KeepalivedConfig.TrackProcess;
import io.weir.control.keepalived.KeepalivedConfig.TrackScript;
import io.weir.packet.IpAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Reads a whole {@code keepalived.conf}.
 *
 * <p><b>Fails</b>: never, but for a file that cannot be read: what is wrong stands in the report, and whoever wants to run
 * on the configuration looks there first.
 */
public final class KeepalivedReader {
    /**
     * What was read.
     *
     * @param report the fate of every line
     */
    public record Result(KeepalivedConfig config, LineReport report) {}

    private final LineReport report;
    private final Map<String, CheckKind> kinds;

    private KeepalivedReader(LineReport report, Map<String, CheckKind> kinds) {
        this.report = report;
        this.kinds = kinds;
    }

    /**
     * Reads a file and what it includes.
     *
     * @param configId decides conditional lines; keepalived takes the host's name
     * @param kinds of checks, by keyword
     */
    public static Result read(Path file, String configId, Map<String, CheckKind> kinds) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new IOException(file + ": no such file");
        }
        final LineReport report = new LineReport();
        return read(statements(file, configId, report), report, kinds);
    }

    /** Reads a file and what it includes as statements, whatever they mean. */
    public static Statement statements(Path file, String configId, LineReport report) throws IOException {
        final List<SourceLine> lines = SourceReader.read(file, configId, report);
        return StatementParser.parse(file.toString(), lines, report);
    }

    /** Reads statements, wherever they come from. */
    public static Result read(Statement whole, LineReport report, Map<String, CheckKind> kinds) {
        return new Result(new KeepalivedReader(report, kinds).config(new Block(whole, report)), report);
    }

    private KeepalivedConfig config(Block top) {
        final Block globals = globals(top);
        final GlobalSettings global = new GlobalReader(globals).read();
        final Map<String, List<IpAddress>> localGroups = localGroups(top);
        final ServiceReader services = new ServiceReader(top, kinds, global, localGroups);
        final VrrpReader vrrp = new VrrpReader(report, global);
        final List<VrrpSettings> instances = new ArrayList<>();
        top.blocks("vrrp_instance").forEach(block -> vrrp.instance(block, instances));
        final TrackReader tracked = new TrackReader(report);
        final List<SyncGroup> groups =
                top.blocks("vrrp_sync_group").stream().map(vrrp::group).toList();
        final List<TrackScript> scripts =
                top.blocks("vrrp_script").stream().map(tracked::script).toList();
        final List<TrackFile> files = top.blocks("track_file", "vrrp_track_file").stream()
                .map(tracked::file)
                .toList();
        final List<TrackProcess> processes =
                top.blocks("vrrp_track_process").stream().map(tracked::process).toList();
        final List<GarpGroup> garpGroups =
                top.blocks("garp_group").stream().map(vrrp::garpGroup).toList();
        final List<BfdSettings> bfd = top.blocks("bfd_instance").stream()
                .map(tracked::bfd)
                .filter(Objects::nonNull)
                .toList();
        final List<LinkDelay> delays = tracked.linkDelays(top);
        final List<ServiceSettings> read = services.read();
        ignored(top);
        top.end();
        final KeepalivedConfig config = new KeepalivedConfig(
                global, read, instances, groups, scripts, files, processes, garpGroups, bfd, delays);
        tracked.check(config, names(top));
        return config;
    }

    /** All global_defs blocks as one: keepalived lets them be several. */
    private Block globals(Block top) {
        final List<Statement> entries = new ArrayList<>();
        for (Statement each : top.all("global_defs")) {
            entries.addAll(each.block());
        }
        final Statement place = top.statement();
        return new Block(new Statement(place.file(), place.line(), List.of(), entries, true), report, "global_defs");
    }

    /** DPVS's local_address_group NAME { ADDRESS INTERFACE ... }. */
    private Map<String, List<IpAddress>> localGroups(Block top) {
        final Map<String, List<IpAddress>> groups = new HashMap<>();
        for (Block block : top.blocks("local_address_group")) {
            final List<IpAddress> addresses = new ArrayList<>();
            for (Statement each : block.statement().block()) {
                report.used(each);
                final IpAddress address = block.address(each, 0);
                if (address != null) {
                    addresses.add(address);
                }
            }
            groups.put(
                    block.statement().arguments().isEmpty()
                            ? ""
                            : block.statement().arguments().get(0),
                    addresses);
        }
        return groups;
    }

    private static Set<String> names(Block top) {
        final Set<String> names = new HashSet<>();
        for (Statement each : top.all("vrrp_instance")) {
            if (!each.arguments().isEmpty() && !names.add(each.arguments().get(0))) {
                top.report().wrong(each, "the second vrrp_instance of this name");
            }
        }
        return names;
    }

    private static void ignored(Block top) {
        top.ignore(
                "Weir runs where it is started: use ip netns exec",
                "net_namespace",
                "net_namespace_ipvs",
                "namespace_with_ipsets");
        top.ignore("Weir is one process", "instance", "use_pid_dir", "child_wait_time");
        top.ignore("the kernel tells Weir of a link's state", "linkbeat_use_polling", "linkbeat_interfaces");
        top.ignore(
                "Weir leaves the host's own addresses, routes and rules to the host",
                "static_ipaddress",
                "static_routes",
                "static_rules",
                "track_group");
        top.ignore("checks trust any certificate, as keepalived's do", "SSL");
        top.ignore("the include rules of the line itself hold", "include_check");
    }
}
