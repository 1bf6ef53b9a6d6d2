package io.weir.control.keepalived;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads an {@code ldirectord.cf} as the statements a {@code keepalived.conf} for the same services would have.
 *
 * <p><b>Fails</b>: with a remark in the report for each line that has no counterpart. <b>Source</b>: ldirectord(8).
 */
public final class LdirectordReader {
    private static final int LONGEST = 4_096;
    /** Of a line that is too long. */
    private static final int SHOWN = 60;
    /** All ranges of a file together. */
    private static final int MOST_SERVERS = 65_536;

    private static final Pattern ASSIGNMENT = Pattern.compile("([A-Za-z_]+)\\s*=\\s*(.*)");
    private static final Pattern REAL = Pattern.compile(
            "([^\\s>]+?)(?:->([^\\s:]+))?(?::(\\w+))?\\s+(gate|masq|ipip)(?:\\s+(\\d+))?(?:\\s+\"([^\"]*)\"\\s*,?\\s*\"([^\"]*)\")?(.*)");
    private static final Pattern ENDPOINT = Pattern.compile("(.+?):(\\w+)");
    private static final Map<String, Integer> PORTS = Map.ofEntries(
            Map.entry("http", 80),
            Map.entry("https", 443),
            Map.entry("smtp", 25),
            Map.entry("dns", 53),
            Map.entry("domain", 53),
            Map.entry("ftp", 21),
            Map.entry("imap", 143),
            Map.entry("imaps", 993),
            Map.entry("pop", 110),
            Map.entry("pops", 995),
            Map.entry("ldap", 389),
            Map.entry("mysql", 3306),
            Map.entry("pgsql", 5432),
            Map.entry("sip", 5060),
            Map.entry("nntp", 119));
    private static final Set<String> WITHOUT_EFFECT = Set.of(
            "autoreload",
            "logfile",
            "supervised",
            "fork",
            "cleanstop",
            "readdquiescent",
            "callback",
            "execute",
            "emailalertfreq",
            "emailalertstatus",
            "maintenancedir",
            "failurecount",
            "checkcount");

    /** One virtual service and what stands below it. */
    private static final class Virtual {
        private final int line;
        private final String address;
        private final Map<String, String> settings;
        private final List<Matcher> reals = new ArrayList<>();
        private final List<Integer> realLines = new ArrayList<>();

        Virtual(int line, String address, Map<String, String> global) {
            this.line = line;
            this.address = address;
            this.settings = new HashMap<>(global);
        }

        String get(String name, String fallback) {
            return settings.getOrDefault(name, fallback);
        }
    }

    private final String file;
    private final LineReport report;
    private final Map<String, String> global = new HashMap<>();
    private final List<Virtual> virtuals = new ArrayList<>();
    private int servers;

    private LdirectordReader(String file, LineReport report) {
        this.file = file;
        this.report = report;
    }

    /** Reads a file. */
    public static Statement read(Path path, LineReport report) throws IOException {
        final LdirectordReader reader = new LdirectordReader(path.toString(), report);
        final List<String> lines = Files.readAllLines(path, StandardCharsets.ISO_8859_1);
        for (int i = 0; i < lines.size(); i++) {
            reader.line(i + 1, lines.get(i));
        }
        return reader.statements();
    }

    private void line(int number, String raw) {
        final String text = raw.strip();
        if (text.isEmpty() || text.startsWith("#")) {
            return;
        }
        if (text.length() > LONGEST) {
            report.wrong(file, number, text.substring(0, SHOWN) + " ...", "longer than " + LONGEST + " characters");
            return;
        }
        if (text.indexOf('\0') >= 0) {
            report.wrong(file, number, "(a zero byte)", "not a line of text");
            return;
        }
        final Matcher matcher = ASSIGNMENT.matcher(text);
        if (!matcher.matches()) {
            report.wrong(file, number, text, "must be NAME = VALUE");
            return;
        }
        final String name = matcher.group(1).toLowerCase(Locale.ROOT);
        final String value = matcher.group(2);
        final boolean below = raw.startsWith("\t") || raw.startsWith("    ");
        if (WITHOUT_EFFECT.contains(name)) {
            report.noted(file, number, text, LineReport.Kind.IGNORED, "has no counterpart");
        } else if (name.equals("virtual")) {
            virtuals.add(new Virtual(number, value, global));
        } else if (!below) {
            global.put(name, unquoted(value));
        } else if (virtuals.isEmpty()) {
            report.wrong(file, number, text, "an indented line without a virtual above");
        } else if (name.equals("real")) {
            real(virtuals.get(virtuals.size() - 1), number, value);
        } else {
            virtuals.get(virtuals.size() - 1).settings.put(name, unquoted(value));
        }
    }

    private void real(Virtual virtual, int number, String value) {
        final Matcher real = REAL.matcher(value);
        if (!real.matches()) {
            report.wrong(file, number, "real = " + value, "must be ADDRESS[:PORT] gate|masq|ipip [WEIGHT]");
            return;
        }
        virtual.reals.add(real);
        virtual.realLines.add(number);
    }

    private static String unquoted(String value) {
        return value.length() > 1 && value.startsWith("\"") && value.endsWith("\"")
                ? value.substring(1, value.length() - 1)
                : value;
    }

    private Statement statements() {
        final List<Statement> top = new ArrayList<>();
        final List<Statement> globals = new ArrayList<>();
        if (global.containsKey("emailalert")) {
            final List<Statement> to = new ArrayList<>();
            for (String each : global.getOrDefault("emailalert", "").split("[,\\s]+", -1)) {
                to.add(statement(1, each));
            }
            globals.add(block(1, to, "notification_email"));
            globals.add(statement(1, "smtp_server", global.getOrDefault("smtp", "localhost")));
            globals.add(statement(1, "smtp_alert_checker", "on"));
        }
        if (!globals.isEmpty()) {
            top.add(block(1, globals, "global_defs"));
        }
        virtuals.forEach(virtual -> top.add(service(virtual)));
        return new Statement(file, 1, List.of(), top, true);
    }

    private Statement service(Virtual virtual) {
        final Matcher endpoint = ENDPOINT.matcher(virtual.address);
        final boolean mark = !endpoint.matches();
        final int port = mark ? 0 : port(endpoint.group(2), virtual.line);
        final List<Statement> inner = new ArrayList<>();
        final int line = virtual.line;
        inner.add(statement(line, "lb_algo", virtual.get("scheduler", "wrr")));
        inner.add(statement(line, "protocol", virtual.get("protocol", "tcp").toUpperCase(Locale.ROOT)));
        inner.add(statement(line, "delay_loop", virtual.get("checkinterval", "10")));
        if (virtual.settings.containsKey("persistent")) {
            inner.add(statement(line, "persistence_timeout", virtual.get("persistent", "600")));
            if (virtual.settings.containsKey("netmask")) {
                inner.add(statement(line, "persistence_granularity", virtual.get("netmask", "")));
            }
        }
        if (virtual.get("quiescent", "yes").equals("yes")) {
            inner.add(statement(line, "inhibit_on_failure"));
        }
        sorry(virtual, port, inner);
        for (int i = 0; i < virtual.reals.size(); i++) {
            server(virtual, virtual.reals.get(i), virtual.realLines.get(i), port, inner);
        }
        return mark
                ? block(line, inner, "virtual_server", "fwmark", virtual.address)
                : block(line, inner, "virtual_server", bare(endpoint.group(1)), Integer.toString(port));
    }

    private void sorry(Virtual virtual, int port, List<Statement> inner) {
        final String fallback = virtual.get("fallback", "");
        if (fallback.isEmpty()) {
            return;
        }
        final String address = fallback.replaceFirst("\\s.*", "");
        final Matcher endpoint = ENDPOINT.matcher(address);
        final boolean has = endpoint.matches();
        inner.add(statement(
                virtual.line,
                "sorry_server",
                bare(has ? endpoint.group(1) : address),
                Integer.toString(has ? port(endpoint.group(2), virtual.line) : port)));
        final String how = fallback.contains("masq") ? "NAT" : fallback.contains("ipip") ? "TUN" : "DR";
        inner.add(statement(virtual.line, "sorry_server_lvs_method", how));
    }

    private void server(Virtual virtual, Matcher real, int line, int port, List<Statement> into) {
        final int first = real.group(3) == null ? port : port(real.group(3), line);
        for (String address : addresses(real, line)) {
            final List<Statement> inner = new ArrayList<>();
            inner.add(statement(line, "weight", real.group(5) == null ? "1" : real.group(5)));
            inner.add(statement(
                    line,
                    "lvs_method",
                    switch (real.group(4)) {
                        case "masq" -> "NAT";
                        case "ipip" -> "TUN";
                        default -> "DR";
                    }));
            check(virtual, real, line, address, first, inner);
            into.add(block(line, inner, "real_server", address, Integer.toString(first)));
        }
    }

    private List<String> addresses(Matcher real, int line) {
        final String from = bare(real.group(1));
        if (real.group(2) == null) {
            return List.of(from);
        }
        final List<String> all = new ArrayList<>();
        try {
            final var range = VirtualKeys.range(from + "-" + bare(real.group(2)));
            if (range != null) {
                servers += range.size();
                if (servers > MOST_SERVERS) {
                    report.wrong(file, line, real.group(), "more than " + MOST_SERVERS + " servers in all");
                    return List.of();
                }
                range.forEach(each -> all.add(each.toString()));
                return all;
            }
        } catch (IllegalArgumentException e) {
            return notARange(real, line);
        }
        return notARange(real, line);
    }

    private List<String> notARange(Matcher real, int line) {
        report.wrong(file, line, real.group(), "not a range of addresses");
        return List.of();
    }

    private void check(Virtual v, Matcher real, int line, String address, int port, List<Statement> into) {
        final String type = v.get("checktype", "negotiate");
        final List<Statement> inner = new ArrayList<>();
        final String timeout = type.equals("connect") ? v.get("checktimeout", "5") : v.get("negotiatetimeout", "30");
        if (v.settings.containsKey("checkport")) {
            inner.add(statement(line, "connect_port", v.get("checkport", "")));
        }
        switch (type) {
            case "off", "on" -> {}
            case "ping" -> into.add(block(line, timed(inner, line, timeout), "PING_CHECK"));
            case "connect" -> into.add(block(line, timed(inner, line, timeout), "TCP_CHECK"));
            case "external", "external-perl" -> {
                final String[] vip = v.address.split(":", -1);
                final String command = v.get("checkcommand", "/bin/true") + " " + vip[0] + " "
                        + (vip.length > 1 ? vip[1] : "0") + " " + address + " " + port;
                into.add(block(
                        line,
                        List.of(statement(line, "misc_path", command), statement(line, "misc_timeout", timeout)),
                        "MISC_CHECK"));
            }
            default -> {
                if (!type.equals("negotiate")) {
                    report.noted(file, line, "checktype = " + type, LineReport.Kind.CHANGED, "every check negotiates");
                }
                negotiate(v, real, line, port, timed(inner, line, timeout), into);
            }
        }
    }

    private List<Statement> timed(List<Statement> inner, int line, String timeout) {
        inner.add(statement(line, "connect_timeout", timeout));
        return inner;
    }

    private void negotiate(Virtual v, Matcher real, int line, int port, List<Statement> inner, List<Statement> into) {
        final String usual = PORTS.entrySet().stream()
                .filter(each -> each.getValue() == port)
                .map(Map.Entry::getKey)
                .sorted()
                .findFirst()
                .orElse("none");
        switch (v.get("service", usual)) {
            case "http", "https", "http_proxy" -> {
                final List<Statement> url = new ArrayList<>();
                final String request = real.group(6) == null ? v.get("request", "/") : real.group(6);
                url.add(statement(line, "path", request.startsWith("/") ? request : "/" + request));
                final String wanted = real.group(7) == null ? v.get("receive", "") : real.group(7);
                if (!wanted.isEmpty()) {
                    url.add(statement(line, "regex", wanted));
                }
                if (v.settings.containsKey("virtualhost")) {
                    url.add(statement(line, "virtualhost", v.get("virtualhost", "")));
                }
                inner.add(block(line, url, "url"));
                into.add(block(line, inner, v.get("service", usual).equals("https") ? "SSL_GET" : "HTTP_GET"));
            }
            case "smtp" -> into.add(block(line, inner, "SMTP_CHECK"));
            case "dns", "domain" -> {
                inner.add(statement(line, "type", "A"));
                inner.add(statement(line, "name", v.get("request", ".")));
                into.add(block(line, inner, "DNS_CHECK"));
            }
            case "mysql" -> into.add(block(line, inner, "MYSQL_CHECK"));
            case "pgsql" -> into.add(block(line, inner, "PGSQL_CHECK"));
            default -> into.add(block(line, inner, "TCP_CHECK"));
        }
    }

    private static String bare(String address) {
        return address.replaceAll("[\\[\\]]", "");
    }

    private int port(String text, int line) {
        final Integer known = PORTS.get(text);
        if (known != null) {
            return known;
        }
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            report.wrong(file, line, text, "not a port");
            return 0;
        }
    }

    private Statement statement(int line, String... words) {
        return new Statement(file, line, List.of(words), List.of(), false);
    }

    private Statement block(int line, List<Statement> inner, String... words) {
        return new Statement(file, line, List.of(words), inner, true);
    }
}
