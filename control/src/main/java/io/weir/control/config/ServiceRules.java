package io.weir.control.config;

import io.weir.control.config.WeirConfig.SourceLine;
import io.weir.control.config.YamlNode.Scalar;
import io.weir.sched.Schedulers;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The {@code services:} of a configuration as ipvsadm restore lines, so that there is one way in: what ipvsadm would
 * refuse is refused here, in the same words, with the line of the file.
 */
final class ServiceRules {
    /** ipvsadm's. */
    private static final String DEFAULT_SCHEDULER = "wlc";

    private static final Pattern VIRTUAL = Pattern.compile("(tcp|udp|sctp) (\\S+)|mark (\\d+)( ipv6)?");
    private static final List<String> METHODS = List.of("dr", "nat", "tun", "fullnat");
    private static final List<String> TUNNELS = List.of("ipip", "gre", "gue");
    private static final List<String> CHECKSUMS = List.of("none", "csum", "remcsum");
    private static final Pattern DURATION = Pattern.compile("(\\d{1,5})([sm]?)");
    private static final int SECONDS_PER_MINUTE = 60;
    private static final int MAX_SLOW_START = 86_400;
    private static final int MAX_SECONDS = 31_536_000;

    private final List<SourceLine> commands = new ArrayList<>();

    ServiceRules(Fields top) {
        for (Fields service : top.mappings("services")) {
            service(service);
        }
    }

    List<SourceLine> commands() {
        return commands;
    }

    private void service(Fields fields) {
        final String key = virtual(fields);
        final StringBuilder line = new StringBuilder("-A ").append(key);
        option(line, "-s", fields.word("scheduler", Schedulers.names(), DEFAULT_SCHEDULER));
        option(line, "-b", fields.text("scheduler_flags"));
        option(line, "--table-size", fields.text("table_size"));
        option(line, "--load-bound", fields.text("load_bound"));
        slowStart(fields, line);
        final List<Scalar> shadows = fields.texts("shadow");
        if (!shadows.isEmpty()) {
            option(line, "--shadow", shadows.stream().map(Scalar::text).collect(Collectors.joining(",")));
        }
        final int persistence = fields.integer("persistence", 1, MAX_SECONDS, 0);
        if (persistence > 0) {
            line.append(" -p ").append(persistence);
        }
        option(line, "-M", fields.text("netmask"));
        option(line, "--pe", fields.text("engine"));
        if (fields.flag("one_packet", false)) {
            line.append(" -o");
        }
        if (fields.flag("toa", false)) {
            line.append(" --toa");
        }
        line.append(TimeoutRules.option(fields));
        final String method = fields.word("forward", METHODS, "dr");
        final List<Scalar> locals = fields.texts("local_addresses");
        final List<SourceLine> servers = new ArrayList<>();
        if (key != null) {
            commands.add(new SourceLine(fields.line(), fields.path("virtual"), line.toString()));
            for (Scalar local : locals) {
                commands.add(new SourceLine(
                        local.line(), fields.path("local_addresses"), "--add-laddr " + key + " -z " + local.text()));
            }
        }
        final List<YamlNode> items = fields.items("servers");
        for (int i = 0; i < items.size(); i++) {
            server(fields, items.get(i), fields.path("servers") + "[" + i + "]", key, method, servers);
        }
        fields.end();
        commands.addAll(servers);
    }

    /** The service's name in ipvsadm's words, or null after noting why not. */
    private static @Nullable String virtual(Fields fields) {
        final String text = fields.required("virtual", "for example 'tcp 203.0.113.10:80' or 'mark 1'");
        if (text == null) {
            return null;
        }
        final Matcher matcher = VIRTUAL.matcher(text);
        if (!matcher.matches()) {
            fields.problem(
                    "virtual",
                    "must be 'tcp|udp|sctp ADDRESS:PORT' ([ADDRESS]:PORT for IPv6), 'mark N' or 'mark N ipv6', not '"
                            + text + "'");
            return null;
        }
        if (matcher.group(3) != null) {
            return "-f " + matcher.group(3) + (matcher.group(4) == null ? "" : " -6");
        }
        final String flag =
                switch (matcher.group(1)) {
                    case "tcp" -> "-t ";
                    case "udp" -> "-u ";
                    default -> "--sctp-service ";
                };
        return flag + matcher.group(2);
    }

    private static void server(
            Fields service,
            YamlNode node,
            String path,
            @Nullable String key,
            String defaultMethod,
            List<SourceLine> into) {
        final Fields fields = service.at(node, path, "address");
        final String address = fields.required("address", "for example 10.0.0.2:8080");
        final String method = fields.word("forward", METHODS, defaultMethod);
        final StringBuilder line =
                new StringBuilder("-a ").append(key).append(" -r ").append(address);
        line.append(
                switch (method) {
                    case "nat" -> " -m";
                    case "tun" -> " -i";
                    case "fullnat" -> " --fullnat";
                    default -> " -g";
                });
        line.append(" -w ").append(fields.integer("weight", 0, Integer.MAX_VALUE, 1));
        tunnel(fields, method, line);
        final int upper = fields.integer("upper_threshold", 0, Integer.MAX_VALUE, 0);
        final int lower = fields.integer("lower_threshold", 0, Integer.MAX_VALUE, 0);
        if (upper > 0 || lower > 0) {
            line.append(" -x ").append(upper).append(" -y ").append(lower);
        }
        line.append(TimeoutRules.option(fields));
        fields.end();
        if (key != null && address != null) {
            into.add(new SourceLine(fields.line(), path, line.toString()));
        }
    }

    private static void tunnel(Fields fields, String method, StringBuilder line) {
        final String type = fields.word("tunnel", TUNNELS, "ipip");
        final int port = fields.integer("tunnel_port", 1, 65535, 0);
        final String checksum = fields.word("tunnel_checksum", CHECKSUMS, "none");
        if (!method.equals("tun")) {
            if (fields.has("tunnel")) {
                fields.problem("tunnel", "only with forward: tun");
            }
            return;
        }
        if (type.equals("gue") != port > 0) {
            fields.problem("tunnel_port", "needed with tunnel: gue, and only there");
        }
        if (!type.equals("ipip")) {
            line.append(" --tun-type ").append(type);
            if (port > 0) {
                line.append(" --tun-port ").append(port);
            }
            line.append(
                    switch (checksum) {
                        case "csum" -> " --tun-csum";
                        case "remcsum" -> " --tun-remcsum";
                        default -> " --tun-nocsum";
                    });
        }
    }

    private static void slowStart(Fields fields, StringBuilder line) {
        final String text = fields.text("slow_start");
        if (text == null) {
            return;
        }
        final Matcher matcher = DURATION.matcher(text);
        final int unit = matcher.matches() && "m".equals(matcher.group(2)) ? SECONDS_PER_MINUTE : 1;
        final int seconds = matcher.matches() ? Integer.parseInt(matcher.group(1)) * unit : 0;
        if (seconds < 1 || seconds > MAX_SLOW_START) {
            fields.problem("slow_start", "must be from 1s to 1440m, for example 30s, not '" + text + "'");
        } else {
            line.append(" --slow-start ").append(seconds);
        }
    }

    private static void option(StringBuilder line, String flag, @Nullable String value) {
        if (value != null) {
            line.append(' ').append(flag).append(' ').append(value);
        }
    }
}
