package io.weir.control.keepalived;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes statements as the {@code keepalived:} section of {@code weir.yaml}; what has no effect is left out. */
public final class StatementYaml {
    private static final String STEP = "  ";

    private final StringBuilder text = new StringBuilder();
    private final LineReport report;

    private StatementYaml(LineReport report) {
        this.report = report;
    }

    /**
     * The block of a statement.
     *
     * @param report of the reader, which says what has an effect
     * @param depth of indentation
     */
    public static String write(Statement whole, LineReport report, int depth) {
        final StatementYaml writer = new StatementYaml(report);
        writer.block(whole.block(), depth);
        return writer.text.toString();
    }

    private void block(List<Statement> statements, int depth) {
        final Map<String, List<Statement>> byHead = new LinkedHashMap<>();
        for (Statement each : statements) {
            if (!report.isIgnored(each)) {
                final String key = each.hasBlock() ? String.join(" ", quoted(each.words())) : each.keyword();
                byHead.computeIfAbsent(key, k -> new ArrayList<>()).add(each);
            }
        }
        byHead.forEach((key, all) -> entry(key, all, depth));
    }

    private void entry(String key, List<Statement> all, int depth) {
        final Statement last = all.get(all.size() - 1);
        indent(depth).append(scalar(key)).append(':');
        if (!last.hasBlock()) {
            final String value = String.join(" ", quoted(last.arguments()));
            text.append(value.isEmpty() ? " on" : " " + scalar(value)).append('\n');
        } else if (isList(last)) {
            text.append('\n');
            for (Statement each : all) {
                each.block().stream().filter(line -> !report.isIgnored(line)).forEach(line -> indent(depth + 1)
                        .append("- ")
                        .append(scalar(String.join(" ", quoted(line.words()))))
                        .append('\n'));
            }
        } else if (all.size() == 1) {
            nested(last, depth + 1);
        } else {
            text.append('\n');
            for (Statement each : all) {
                indent(depth + 1).append("-");
                nested(each, depth + 2);
            }
        }
    }

    private void nested(Statement each, int depth) {
        if (each.block().stream().allMatch(report::isIgnored)) {
            text.append(" {}\n");
        } else {
            text.append('\n');
            block(each.block(), depth);
        }
    }

    /** Blocks whose lines are data, not keywords. */
    private static boolean isList(Statement statement) {
        return switch (statement.keyword()) {
            case "notification_email",
                    "virtual_ipaddress",
                    "virtual_ipaddress_excluded",
                    "virtual_routes",
                    "virtual_rules",
                    "interfaces",
                    "interface_up_down_delays",
                    "unicast_peer",
                    "group",
                    "track_interface",
                    "track_script",
                    "track_file",
                    "track_process",
                    "track_bfd",
                    "virtual_server_group",
                    "local_address_group" -> statement.block().stream().noneMatch(Statement::hasBlock)
                    && (!statement.keyword().equals("track_file")
                            || statement.arguments().isEmpty());
            default -> false;
        };
    }

    private StringBuilder indent(int depth) {
        return text.append(STEP.repeat(depth));
    }

    /** Words that hold blanks get their quotes back. */
    private static List<String> quoted(List<String> words) {
        return words.stream()
                .map(word -> word.isEmpty() || word.matches("(?s).*[\\s#!{}\"'\\\\].*")
                        ? '"' + word.replace("\\", "\\\\").replace("\"", "\\\"") + '"'
                        : word)
                .toList();
    }

    /** A YAML scalar; in single quotes where YAML could take it for something else. */
    private static String scalar(String value) {
        return value.matches("[A-Za-z0-9/_.][A-Za-z0-9 /_.@+=-]*") ? value : "'" + value.replace("'", "''") + "'";
    }
}
