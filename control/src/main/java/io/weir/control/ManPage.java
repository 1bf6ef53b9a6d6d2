package io.weir.control;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** The manual page of the program in man(7) macros, from what {@code --help} is made of. */
final class ManPage {
    /** What the shell script before this program does itself. */
    private static final String LAUNCHER =
            """
            .SS weir ipvsadm
            ipvsadm's own words, for the running director; see ipvsadm(8). Also: ipvsadm\\-save, ipvsadm\\-restore.
            .SS weir conformance
            In the source tree: how much of what Linux did, recorded, Weir does the same.
            .TP
            .B \\-\\-differences
            Also prints each difference, with both answers.
            .SS weir bench
            In the source tree: the benchmarks; weir help lists them.
            .SS weir package
            In the source tree: builds the Debian package and says where it is.
            """;

    private static final String EXIT_STATUS =
            """
            .SH EXIT STATUS
            .TP
            .B 0
            done
            .TP
            .B 1
            failed: one line on standard error says what, where and what is allowed; nothing was changed
            .TP
            .B 2
            wrong usage; ipvsadm also where no director answers
            .TP
            .B 3
            drain: time is up and connections are left
            """;
    private static final String FILES =
            """
            .SH FILES
            .TP
            .I /etc/weir/weir.yaml
            the configuration of the service
            .TP
            .I /run/weir/NAME.sock
            the control socket of the director called NAME
            .TP
            .I /var/lib/weir/NAME.state
            what commands changed, for the next start
            .SH ENVIRONMENT
            .TP
            .B WEIR_SOCKET\\fR, \\fBWEIR_NAME
            which director is meant: its socket, or its name; else "weir", else the only one there is
            .TP
            .B WEIR_JAVA_OPTS
            more flags for the virtual machine
            .SH SEE ALSO
            .BR ipvsadm (8),
            .BR systemctl (1),
            /usr/share/doc/weir
            """;

    private final StringBuilder text = new StringBuilder();

    private ManPage() {}

    /** The page of a command with all its subcommands. */
    static String of(CommandLine command) {
        final ManPage page = new ManPage();
        final CommandSpec spec = command.getCommandSpec();
        page.text.append(".TH WEIR 1\n.SH NAME\nweir \\- a software director\n");
        page.text.append(".SH SYNOPSIS\n.B weir\n.I COMMAND\n[\\fIARGUMENTS\\fR]\n");
        page.text.append(".SH DESCRIPTION\n").append(escaped(description(spec))).append('\n');
        page.text.append(".SH COMMANDS\n");
        for (Map.Entry<String, CommandLine> each : command.getSubcommands().entrySet()) {
            final CommandSpec sub = each.getValue().getCommandSpec();
            if (each.getKey().equals(sub.name()) && !sub.usageMessage().hidden()) {
                page.command(sub);
            }
        }
        return page.text.append(LAUNCHER).append(EXIT_STATUS).append(FILES).toString();
    }

    private static String description(CommandSpec spec) {
        return String.join(" ", spec.usageMessage().description());
    }

    private void command(CommandSpec spec) {
        text.append(".SS weir ").append(spec.name());
        for (PositionalParamSpec each : spec.positionalParameters()) {
            final boolean needed = each.arity().min() > 0;
            text.append(needed ? " " : " [").append(each.paramLabel()).append(needed ? "" : "]");
        }
        text.append('\n').append(escaped(description(spec))).append('\n');
        spec.positionalParameters().forEach(each -> argument(each.paramLabel(), each));
        for (OptionSpec each : spec.options()) {
            if (!each.usageHelp() && !each.hidden()) {
                final String names = List.of(each.names()).stream().collect(Collectors.joining(", "));
                argument(each.arity().max() == 0 ? names : names + " " + each.paramLabel(), each);
            }
        }
    }

    private void argument(String head, ArgSpec argument) {
        text.append(".TP\n.B ").append(escaped(head)).append('\n');
        final String description = String.join(" ", argument.description());
        text.append(escaped(description.replace("${DEFAULT-VALUE}", String.valueOf(argument.defaultValue()))))
                .append('\n');
    }

    /** Hyphens are to be copied as they are, and a line must not begin as a macro does. */
    private static String escaped(String line) {
        final String safe = line.replace("\\", "\\\\").replace("-", "\\-");
        return safe.startsWith(".") || safe.startsWith("'") ? "\\&" + safe : safe;
    }
}
