package io.weir.control.config;

import io.weir.control.config.WeirConfig.SourceLine;
import java.util.ArrayList;
import java.util.List;

/** Turns the {@code sync} list of a configuration into ipvsadm's {@code --start-daemon} lines. */
final class SyncRules {
    private static final List<String> ROLES = List.of("master", "backup");
    private static final int MAX_ID = 255;
    private static final int MAX_PORT = 65_535;
    private static final int MAX_TTL = 255;
    private static final int MAX_MESSAGE = 65_507;

    private SyncRules() {}

    static List<SourceLine> of(Fields top) {
        final List<SourceLine> lines = new ArrayList<>();
        for (Fields fields : top.mappings("sync")) {
            final String role = fields.required("role", "master or backup");
            if (role != null && !ROLES.contains(role)) {
                fields.problem("role", "must be one of " + String.join(", ", ROLES) + ", not '" + role + "'");
            }
            final String interfaceName = fields.required("interface", "the interface the messages go by");
            final StringBuilder line = new StringBuilder("--start-daemon ").append(role);
            line.append(" --mcast-interface ").append(interfaceName);
            number(line, "--syncid", fields.integer("syncid", 0, MAX_ID, 0));
            number(line, "--sync-maxlen", fields.integer("maxlen", 1, MAX_MESSAGE, 0));
            number(line, "--mcast-port", fields.integer("port", 1, MAX_PORT, 0));
            number(line, "--mcast-ttl", fields.integer("ttl", 1, MAX_TTL, 0));
            final String group = fields.text("group");
            if (group != null) {
                line.append(" --mcast-group ").append(group);
            }
            fields.end();
            if (role != null && interfaceName != null) {
                lines.add(new SourceLine(fields.line(), fields.path("role"), line.toString()));
            }
        }
        return lines;
    }

    private static void number(StringBuilder line, String option, int value) {
        if (value != 0) {
            line.append(' ').append(option).append(' ').append(value);
        }
    }
}
