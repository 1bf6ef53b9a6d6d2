package io.weir.control;

import io.weir.control.config.ConfigException;
import io.weir.control.config.WeirConfig;
import io.weir.control.keepalived.KeepalivedReader;
import io.weir.control.keepalived.LineReport;
import io.weir.control.keepalived.LineReport.Kind;
import io.weir.control.keepalived.LineReport.Remark;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The options of a command that takes a {@code keepalived.conf} in place of {@code weir.yaml}. */
final class KeepalivedOptions {
    private static final Logger LOG = LoggerFactory.getLogger(KeepalivedOptions.class);

    @Option(
            names = {"-k", "--keepalived"},
            paramLabel = "FILE",
            description = "A keepalived.conf, as it is, in place of -c.")
    private @Nullable Path file;

    @Option(
            names = "--config-id",
            paramLabel = "ID",
            description = "Decides the conditional lines (@ID) of a keepalived.conf; this host's name if not given.")
    private @Nullable String configId;

    @Option(
            names = "--interface",
            paramLabel = "IF",
            description = "With --keepalived: serve this interface (may be given more than once); otherwise those that"
                    + " VRRP names and that lead to the servers and the addresses.")
    private List<String> interfaces = new ArrayList<>();

    @Option(
            names = "--name",
            paramLabel = "NAME",
            description = "With --keepalived: the director's name, weir if not given.")
    private String name = "weir";

    @Option(
            names = "--sysctl",
            paramLabel = "NAME=VALUE",
            description =
                    "With --keepalived: sets net.ipv4.vs.NAME as sysctl -w would, e.g. 'sync_threshold=2 50' (may be"
                            + " given more than once).")
    private List<String> sysctls = new ArrayList<>();

    @Option(
            names = "--sysctl-file",
            paramLabel = "FILE",
            description =
                    "With --keepalived: takes the net.ipv4.vs lines of a file such as /etc/sysctl.conf (may be given"
                            + " more than once); --sysctl comes after it.")
    private List<Path> sysctlFiles = new ArrayList<>();

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec command;

    /** The one file the user has named. */
    Path oneOf(@Nullable Path config) {
        final Path keepalived = file;
        if (config == null == (keepalived == null)) {
            throw new CommandLine.ParameterException(
                    command.commandLine(), "give either --config FILE (-c) or --keepalived FILE (-k)");
        }
        return config != null ? config : keepalived != null ? keepalived : Path.of("");
    }

    private KeepalivedReader.Result parse() throws ConfigException, RunException {
        if (file == null) {
            throw new RunException("weir: --keepalived FILE is missing");
        }
        return KeepalivedPlan.read(file, configId == null ? KeepalivedPlan.defaultConfigId() : configId);
    }

    /** Reads the file for a director to run on; what does not mean what it says is logged. */
    Wanted read() throws ConfigException, RunException {
        final KeepalivedReader.Result result = parse();
        KeepalivedPlan.refuse(result.report());
        for (Remark remark : result.report().remarks()) {
            if (remark.kind() == Kind.CHANGED || remark.kind() == Kind.IGNORED) {
                LOG.info("event=config {}", remark.format());
            }
        }
        final WeirConfig config =
                KeepalivedPlan.config(name, result.config(), interfaces, SysctlWords.read(sysctlFiles, sysctls));
        try {
            return Wanted.of(
                    String.valueOf(file),
                    Files.readString(Path.of(String.valueOf(file)), StandardCharsets.ISO_8859_1),
                    config);
        } catch (IOException e) {
            throw new RunException("weir: cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    /** Prints the fate of every line; 1 if one of them cannot be used. */
    int check() throws ConfigException, RunException {
        final KeepalivedReader.Result result = parse();
        final LineReport report = result.report();
        SysctlWords.read(sysctlFiles, sysctls);
        report.remarks().stream()
                .filter(remark -> !remark.text().isEmpty())
                .forEach(remark -> System.out.println(remark.format()));
        final int wrong = report.remarks(Kind.WRONG).size();
        final DirectorCommands commands = new DirectorCommands();
        int refused = 0;
        for (WeirConfig.SourceLine line : KeepalivedPlan.commands(result.config())) {
            final String problem = commands.problemOf(line.text()).orElse("");
            if (!problem.isEmpty()) {
                refused++;
                System.out.println(file + ":" + line.line() + ": wrong: " + problem + "  (" + line.text() + ")");
            }
        }
        System.out.println(file + ": "
                + (wrong + refused == 0 ? "good" : wrong + refused + " lines cannot be used") + ": "
                + result.config().services().size() + " services, "
                + result.config().instances().size() + " VRRP instances, "
                + report.remarks(Kind.CHANGED).size() + " notes, "
                + report.remarks(Kind.IGNORED).size() + " lines ignored");
        return wrong + refused == 0 ? 0 : 1;
    }
}
