package io.weir.control.keepalived;

import io.weir.control.keepalived.ServiceSettings.CheckSettings;
import io.weir.control.keepalived.ServiceSettings.Endpoint;
import io.weir.control.keepalived.ServiceSettings.Place;
import io.weir.control.keepalived.ServiceSettings.ServerSettings;
import io.weir.packet.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the real servers of one virtual server, with their checks. */
final class ServerReader {
    private static final int MAX_PORT = 65_535;

    private final Block service;
    private final Map<String, CheckKind> kinds;
    private final GlobalSettings global;
    private final int virtualPort;
    private final Map<String, String> files;
    private final List<String> keys;
    private final boolean throughPath;
    private final CheckTimers.Level timers;
    private final String virtualHost;
    private final String method;
    private final int weight;

    ServerReader(
            Block service,
            Map<String, CheckKind> kinds,
            GlobalSettings global,
            VirtualKeys virtual,
            Map<String, String> files) {
        this.keys = virtual.keys();
        this.throughPath = throughPath(service, false);
        this.files = files;
        this.service = service;
        this.kinds = kinds;
        this.global = global;
        this.virtualPort = virtual.port();
        this.timers = CheckTimers.level(service);
        this.virtualHost = service.text("virtualhost", "");
        this.method = method(service, "-m", "lb_kind", "lvs_method");
        this.weight = service.integer("weight", 0, Integer.MAX_VALUE, 1);
    }

    @Nullable
    ServerSettings server(Block block, boolean inhibitAll) {
        final IpAddress address = block.address(block.statement(), 1);
        final int port = port(block, block.statement());
        final CheckTimers.Level level = CheckTimers.level(block).over(timers);
        final int upper = block.integer("uthreshold", 0, Integer.MAX_VALUE, 0);
        final int lower = block.integer("lthreshold", 0, Integer.MAX_VALUE, 0);
        final String how = method(block, method, "lvs_method", "lb_kind");
        final String host = block.text("virtualhost", virtualHost);
        final boolean path = throughPath(block, throughPath);
        final boolean alpha = level.alpha() != null && level.alpha();
        final List<CheckSettings> checks = new ArrayList<>();
        if (address != null) {
            for (Statement each : block.statement().block()) {
                final CheckKind kind = kinds.get(each.keyword());
                if (kind != null && each.hasBlock()) {
                    final Around around = new Around(new Place(keys, address, port), level, host, path);
                    checks.add(check(new Block(withPath(each), block.report()), kind, around));
                }
            }
        }
        kinds.keySet().forEach(block::all);
        final int own = block.integer("weight", 0, Integer.MAX_VALUE, weight);
        // A probe through the path needs the server's place in the table.
        final boolean inhibit =
                block.flag("inhibit_on_failure", inhibitAll) || checks.stream().anyMatch(CheckSettings::throughPath);
        final ServerSettings server = address == null
                ? null
                : new ServerSettings(
                        block.statement().line(),
                        address,
                        port,
                        VirtualKeys.endpoint(address, port) + " " + how + thresholds(upper, lower),
                        own,
                        inhibit,
                        alpha,
                        block.flag("smtp_alert", global.mailForServers()),
                        ScriptWords.read(block, "notify_up"),
                        ScriptWords.read(block, "notify_down"),
                        checks);
        block.ignore("Weir has metrics instead of SNMP", "snmp_name");
        block.end();
        return server;
    }

    /** A check of a file names a track_file: its path is what counts. */
    private Statement withPath(Statement check) {
        final List<Statement> inner = check.block().stream()
                .map(each ->
                        each.keyword().equals("track_file") && each.arguments().size() == 1
                                ? new Statement(
                                        each.file(),
                                        each.line(),
                                        List.of(
                                                "track_file",
                                                files.getOrDefault(
                                                        each.arguments().get(0),
                                                        each.arguments().get(0))),
                                        List.of(),
                                        false)
                                : each)
                .toList();
        return new Statement(check.file(), check.line(), check.words(), inner, true);
    }

    private static String thresholds(int upper, int lower) {
        return upper == 0 && lower == 0 ? "" : " -x " + upper + " -y " + lower;
    }

    private int port(Block block, Statement line) {
        return line.words().size() > 2 ? block.integer(line, 2, 0, MAX_PORT, virtualPort) : virtualPort;
    }

    /** What a check has from the server and the service around it. */
    private record Around(Place place, CheckTimers.Level timers, String virtualHost, boolean throughPath) {}

    private boolean throughPath(Block block, boolean otherwise) {
        return block.word("check_path", List.of("direct", "service"), otherwise ? "service" : "direct")
                .equals("service");
    }

    private CheckSettings check(Block block, CheckKind kind, Around around) {
        final CheckTimers.Level level = CheckTimers.level(block).over(around.timers());
        final int port = around.place().port();
        final IpAddress other = kind.hasEndpoint() ? block.address("connect_ip") : null;
        final Endpoint endpoint = new Endpoint(
                other == null ? around.place().address() : other,
                kind.hasEndpoint() ? block.port("connect_port", port) : port,
                kind.hasEndpoint() ? block.address("bindto") : null,
                kind.hasEndpoint() ? block.port("bind_port", 0) : 0,
                kind.hasSocket() ? block.text("bind_if", "") : "",
                kind.hasSocket() ? block.integer("fwmark", 0, Integer.MAX_VALUE, 0) : 0);
        if (!kind.hasSocket()) {
            block.ignore("this check has no socket of its own", "bind_if", "fwmark");
        }
        final Statement old = block.last("nb_get_retry");
        if (old != null && !kind.keyword().endsWith("_GET")) {
            block.report()
                    .changed(
                            old,
                            "the old name of retry; today's keepalived does not know it in " + kind.keyword()
                                    + " and would retry " + kind.defaultRetries() + " times");
        }
        final Object options = kind.options(block, around.virtualHost());
        final boolean path = throughPath(block, around.throughPath());
        block.end();
        return new CheckSettings(
                block.statement().line(), kind, endpoint, level.resolve(kind), options, around.place(), path);
    }

    /** The server that says sorry, or null. */
    @Nullable
    ServerSettings sorry() {
        final Statement line = service.last("sorry_server");
        final String how = method(service, method, "sorry_server_lvs_method");
        final boolean inhibit = service.flag("sorry_server_inhibit", false);
        final IpAddress address = line == null ? null : service.address(line, 1);
        if (line == null || address == null) {
            return null;
        }
        final int port = port(service, line);
        return new ServerSettings(
                line.line(),
                address,
                port,
                VirtualKeys.endpoint(address, port) + " " + how,
                1,
                inhibit,
                false,
                false,
                null,
                null,
                List.of());
    }

    /** ipvsadm's words for a forwarding method. */
    private static String method(Block block, String fallback, String... keywords) {
        final Statement line = block.last(keywords);
        if (line == null) {
            return fallback;
        }
        final String name =
                line.arguments().isEmpty() ? "" : line.arguments().get(0).toUpperCase(Locale.ROOT);
        switch (name) {
            case "NAT":
                return "-m";
            case "DR":
                return "-g";
            case "FNAT", "FULLNAT":
                return "--fullnat";
            case "TUN":
                return tunnel(block, line);
            default:
                block.report().wrong(line, "must be NAT, DR, TUN or FNAT");
                return fallback;
        }
    }

    private static String tunnel(Block block, Statement line) {
        final List<String> words = line.words();
        final StringBuilder options = new StringBuilder("-i");
        for (int i = 2; i < words.size(); i++) {
            switch (words.get(i)) {
                case "type" -> {
                    final String type = ++i < words.size() ? words.get(i) : "";
                    if (!type.equals("ipip")) {
                        options.append(" --tun-type ").append(type);
                    }
                }
                case "port" -> options.append(" --tun-port ").append(block.integer(line, ++i, 1, MAX_PORT, 0));
                case "nocsum" -> options.append(" --tun-nocsum");
                case "csum" -> options.append(" --tun-csum");
                case "remcsum" -> options.append(" --tun-remcsum");
                default -> block.report().wrong(line, "unknown word '" + words.get(i) + "'");
            }
        }
        return options.toString();
    }
}
