package io.weir.control.config;

import io.weir.control.config.WeirConfig.Control;
import io.weir.control.config.WeirConfig.Interface;
import io.weir.control.config.WeirConfig.Local;
import io.weir.control.config.WeirConfig.Neighbour;
import io.weir.control.config.WeirConfig.Network;
import io.weir.control.config.WeirConfig.Ring;
import io.weir.control.config.WeirConfig.Route;
import io.weir.control.config.WeirConfig.SourceLine;
import io.weir.control.config.WeirConfig.State;
import io.weir.control.config.WeirConfig.Sysctl;
import io.weir.control.config.WeirConfig.Table;
import io.weir.control.config.WeirConfig.Timeouts;
import io.weir.control.config.YamlNode.Scalar;
import io.weir.control.plugin.PluginFolder;
import io.weir.dataplane.WorkerOptions;
import io.weir.packet.IpAddress;
import io.weir.sched.Schedulers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code weir.yaml}: every field and what it may hold.
 *
 * <p>Scheduler plug-ins are tried here, which takes seconds; they are in force when whoever asked uses them.
 *
 * <p><b>Fails</b>: with all problems of the file at once, each with its line, its field and what is allowed. Whether
 * interfaces exist and services agree with each other is seen later, by those who know.
 */
public final class ConfigReader {
    private static final int TABLE_DEFAULT = 1 << 20;
    private static final int MOST_CPUS = 1024;
    private static final int TABLE_MAX = 1 << 26;
    private static final int DAYS_24_SECONDS = 2_147_483;

    private final List<Problem> problems = new ArrayList<>();

    private final String file;

    private ConfigReader(String file) {
        this.file = file;
    }

    /** Reads a file. */
    public static WeirConfig read(Path file) throws ConfigException {
        try {
            return parse(file.toString(), Files.readString(file));
        } catch (IOException e) {
            final String reason = Files.exists(file) ? "cannot read: " + e.getMessage() : "no such file";
            throw new ConfigException(file.toString(), List.of(new Problem(0, "", reason)));
        }
    }

    /** Reads text; {@code file} names it in problems. */
    public static WeirConfig parse(String file, String text) throws ConfigException {
        final ConfigReader reader = new ConfigReader(file);
        final Fields top = Fields.of(YamlNode.parse(file, text), "", reader.problems);
        // First: services may name them.
        final Schedulers.Plugins plugins = reader.plugins(top.inside("schedulers"));
        final WeirConfig config = Schedulers.considering(plugins, () -> reader.config(top, plugins));
        if (!reader.problems.isEmpty()) {
            throw new ConfigException(file, reader.problems);
        }
        return config;
    }

    /** The folder's path begins where the configuration file lies. */
    private Schedulers.Plugins plugins(Fields fields) {
        final String folder = fields.text("plugins");
        fields.end();
        if (folder == null) {
            return Schedulers.Plugins.NONE;
        }
        final Path path = Path.of(file).toAbsolutePath().resolveSibling(folder).normalize();
        return PluginFolder.read(path, problem -> fields.problem("plugins", problem));
    }

    private WeirConfig config(Fields top, Schedulers.Plugins plugins) {
        final String name = top.text("name", "weir");
        if (!name.matches("[A-Za-z0-9._-]{1,64}")) {
            top.problem("name", "must be letters, digits, '.', '_' or '-', not '" + name + "'");
        }
        final List<Interface> interfaces = interfaces(top);
        final Set<String> names = new HashSet<>();
        interfaces.forEach(each -> names.add(each.name()));
        final List<Route> routes = routes(top, names);
        final List<Neighbour> neighbours = neighbours(top, names);
        final List<Network> vips = new ArrayList<>(networks(top, "vips"));
        final Table table = table(top.inside("table"));
        final Ring ring = ring(top.inside("ring"));
        final WorkerOptions worker = worker(top.inside("worker"));
        final Map<String, Sysctl> sysctls = sysctls(top.inside("sysctls"));
        final Timeouts timeouts = timeouts(top.inside("timeouts"));
        final List<Local> locals = locals(top);
        final List<SourceLine> commands = new ArrayList<>(new ServiceRules(top).commands());
        commands.addAll(lines(top, "rules"));
        commands.addAll(SyncRules.of(top));
        if (commands.isEmpty() && !top.has("services") && !top.has("rules") && !top.has("keepalived")) {
            top.problem(
                    "services",
                    "missing: give services, or rules (ipvsadm lines), or a keepalived section, or an empty list");
        }
        final KeepalivedSection keepalived = KeepalivedSection.read(top.node("keepalived"), file, problems);
        commands.addAll(keepalived.commands());
        vips.addAll(keepalived.vips());
        final List<SourceLine> marks = lines(top, "marks");
        final Control control = control(top.inside("control"));
        final State state = state(top.inside("state"), name, keepalived.config().isEmpty());
        final WeirConfig.Metrics metrics = MetricsRules.of(top.inside("metrics"));
        top.end();
        return new WeirConfig(
                name,
                interfaces,
                routes,
                neighbours,
                vips,
                table,
                ring,
                worker,
                sysctls,
                timeouts,
                commands,
                marks,
                locals,
                control,
                state,
                metrics,
                keepalived.config(),
                plugins);
    }

    private static List<Interface> interfaces(Fields top) {
        final List<Interface> result = new ArrayList<>();
        final Set<String> seen = new HashSet<>();
        for (Fields fields : top.mappings("interfaces")) {
            final String device = fields.required("device", "for example afpacket:eth0");
            final List<Network> addresses = networks(fields, "addresses");
            fields.end();
            if (device == null) {
                continue;
            }
            if (!device.matches("(afpacket|xdp|auto|tun):[^/\\s:?]{1,15}(\\?\\S*)?")) {
                fields.problem(
                        "device",
                        "must be auto:INTERFACE, afpacket:INTERFACE, xdp:INTERFACE or tun:NAME (at most 15"
                                + " characters), not '" + device + "'");
                continue;
            }
            final Interface each = new Interface(fields.line("device"), device, addresses);
            if (!seen.add(each.name())) {
                fields.problem("device", "interface " + each.name() + " is listed twice");
            }
            if (!addresses.isEmpty() && !each.scheme().equals("tun")) {
                fields.problem("addresses", "only for tun: the kernel knows the addresses of " + each.name());
            }
            result.add(each);
        }
        if (result.isEmpty() && top.items("interfaces").isEmpty()) {
            top.problem("interfaces", "missing: at least one, for example '- device: afpacket:eth0'");
        }
        return result;
    }

    private static List<Route> routes(Fields top, Set<String> interfaces) {
        final List<Route> result = new ArrayList<>();
        for (Fields fields : top.mappings("routes")) {
            final Network to = network(fields, "to", fields.required("to", "a network, for example 10.30.0.0/16"));
            final IpAddress via = address(fields, "via", fields.text("via"));
            final String name = interfaceName(fields, interfaces);
            fields.end();
            if (to != null && via != null && to.address().isV4() != via.isV4()) {
                fields.problem("via", "must be of the same family as 'to'");
            }
            if (to != null && name != null) {
                result.add(new Route(fields.line(), to, via, name));
            }
        }
        return result;
    }

    private static List<Neighbour> neighbours(Fields top, Set<String> interfaces) {
        final List<Neighbour> result = new ArrayList<>();
        for (Fields fields : top.mappings("neighbours")) {
            final IpAddress address = address(fields, "address", fields.required("address", "an IP address"));
            final String mac = fields.required("mac", "for example 02:00:00:00:00:01");
            final String name = interfaceName(fields, interfaces);
            fields.end();
            if (mac != null && !mac.matches("([0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}")) {
                fields.problem("mac", "must be six bytes in hex with colons, not '" + mac + "'");
            } else if (mac != null && address != null && name != null) {
                result.add(new Neighbour(fields.line(), address, Long.parseLong(mac.replace(":", ""), 16), name));
            }
        }
        return result;
    }

    private static @Nullable String interfaceName(Fields fields, Set<String> interfaces) {
        final String name = fields.required("interface", "one of the interfaces above");
        if (name != null && !interfaces.contains(name)) {
            fields.problem("interface", "must be one of the interfaces above " + interfaces + ", not '" + name + "'");
            return null;
        }
        return name;
    }

    private static Table table(Fields fields) {
        final int size = fields.integer("size", 1024, TABLE_MAX, TABLE_DEFAULT);
        final String file = fields.text("file");
        fields.end();
        return new Table(size, file == null ? null : Path.of(file));
    }

    private static Ring ring(Fields fields) {
        final String profile = fields.word("profile", List.of("latency", "throughput"), "latency");
        final int slots = fields.integer("slots", 64, 1 << 20, 0);
        fields.end();
        return new Ring(profile.equals("throughput"), slots);
    }

    private static WorkerOptions worker(Fields fields) {
        final int count = fields.integer("count", 1, WorkerOptions.MOST, 1);
        final int cpu = fields.integer("cpu", 0, MOST_CPUS - 1, WorkerOptions.ANY_CPU);
        final List<Integer> cpus = new ArrayList<>(cpu == WorkerOptions.ANY_CPU ? List.of() : List.of(cpu));
        for (Scalar item : fields.texts("cpus")) {
            if (item.text().matches("\\d{1,4}") && Integer.parseInt(item.text()) < MOST_CPUS) {
                cpus.add(Integer.parseInt(item.text()));
            } else {
                fields.problem("cpus", "must be 0 to " + (MOST_CPUS - 1) + ", not '" + item.text() + "'");
            }
        }
        final boolean fits =
                cpus.isEmpty() || cpus.size() == count && Set.copyOf(cpus).size() == count;
        if (!fits) {
            fields.problem(
                    cpu == WorkerOptions.ANY_CPU ? "cpus" : "cpu",
                    "must be " + count + (count == 1 ? " CPU" : " different CPUs") + ", one for each worker (count: "
                            + count + "), not " + cpus);
        }
        final String idle = fields.word("idle", WorkerOptions.idleWords(), WorkerOptions.BACK_OFF);
        final boolean warmUp = fields.flag("warm_up", true);
        fields.end();
        return new WorkerOptions(count, fits ? cpus : List.of(), idle, warmUp);
    }

    private static Control control(Fields fields) {
        final Control control = new Control(fields.text("group"));
        fields.end();
        return control;
    }

    /** A table that health checks change begins as the configuration says, unless the user wants it otherwise. */
    private static State state(Fields fields, String name, boolean saveByDefault) {
        final boolean save = fields.flag("save", saveByDefault);
        final String folder = System.getenv().getOrDefault("STATE_DIRECTORY", "/var/lib/weir");
        final String file = fields.text("file", folder + "/" + name + ".state");
        fields.end();
        return new State(save ? Path.of(file) : null);
    }

    private static Timeouts timeouts(Fields fields) {
        final Timeouts timeouts = new Timeouts(
                fields.integer("tcp", 1, DAYS_24_SECONDS, 0),
                fields.integer("tcpfin", 1, DAYS_24_SECONDS, 0),
                fields.integer("udp", 1, DAYS_24_SECONDS, 0),
                TimeoutRules.read(fields.inside("states")));
        fields.end();
        return timeouts;
    }

    private static Map<String, Sysctl> sysctls(Fields fields) {
        final Map<String, Sysctl> result = new LinkedHashMap<>();
        for (String name : fields.names()) {
            final int line = fields.line(name);
            result.put(name, new Sysctl(line, fields.text(name, "")));
        }
        return result;
    }

    private static List<Local> locals(Fields top) {
        final List<Local> result = new ArrayList<>();
        for (Scalar item : top.texts("local_addresses")) {
            final IpAddress address = address(top, "local_addresses", item.text());
            if (address != null) {
                result.add(new Local(item.line(), address));
            }
        }
        return result;
    }

    private static List<SourceLine> lines(Fields top, String name) {
        final List<SourceLine> result = new ArrayList<>();
        for (Scalar item : top.texts(name)) {
            result.add(new SourceLine(item.line(), name + "[" + result.size() + "]", item.text()));
        }
        return result;
    }

    private static List<Network> networks(Fields fields, String name) {
        final List<Network> result = new ArrayList<>();
        for (Scalar item : fields.texts(name)) {
            final Network network = network(fields, name, item.text());
            if (network != null) {
                result.add(network);
            }
        }
        return result;
    }

    /** An address with or without a prefix length; notes a problem and is null if it is neither. */
    private static @Nullable Network network(Fields fields, String name, @Nullable String text) {
        if (text == null) {
            return null;
        }
        final String word = text.equals("default") ? "0.0.0.0/0" : text;
        final int slash = word.indexOf('/');
        final IpAddress address = address(fields, name, slash < 0 ? word : word.substring(0, slash));
        if (address == null) {
            return null;
        }
        final int longest = address.isV4() ? 32 : 128;
        if (slash < 0) {
            return new Network(address, longest);
        }
        final String length = word.substring(slash + 1);
        if (!length.matches("\\d{1,3}") || Integer.parseInt(length) > longest) {
            fields.problem(name, "prefix length must be 0 to " + longest + ", not '" + length + "'");
            return null;
        }
        return new Network(address, Integer.parseInt(length));
    }

    private static @Nullable IpAddress address(Fields fields, String name, @Nullable String text) {
        if (text == null) {
            return null;
        }
        try {
            return IpAddress.parse(text);
        } catch (IllegalArgumentException e) {
            fields.problem(name, "must be an IP address, not '" + text + "'");
            return null;
        }
    }
}
