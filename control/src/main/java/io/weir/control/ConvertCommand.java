package io.weir.control;

import io.weir.control.config.ConfigException;
import io.weir.control.config.Problem;
import io.weir.control.health.Checkers;
import io.weir.control.keepalived.KeepalivedReader;
import io.weir.control.keepalived.LdirectordReader;
import io.weir.control.keepalived.LineReport;
import io.weir.control.keepalived.Statement;
import io.weir.control.keepalived.StatementYaml;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code weir convert}: writes a {@code weir.yaml} that does what another program's configuration does. */
@Command(
        name = "convert",
        description =
                "Writes the weir.yaml that does what a keepalived.conf or an ldirectord.cf does to standard output.")
final class ConvertCommand implements Callable<Integer> {
    @Option(
            names = {"-k", "--keepalived"},
            paramLabel = "FILE",
            description = "A keepalived.conf.")
    private @Nullable Path keepalived;

    @Option(names = "--ldirectord", paramLabel = "FILE", description = "An ldirectord.cf.")
    private @Nullable Path ldirectord;

    @Option(names = "--config-id", paramLabel = "ID", description = "Decides conditional lines (@ID).")
    private @Nullable String configId;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Shows this help.")
    private boolean help;

    @Override
    public Integer call() throws ConfigException, RunException {
        final LineReport report = new LineReport();
        final Statement whole;
        final Path file = keepalived != null ? keepalived : ldirectord;
        if (file == null || keepalived != null && ldirectord != null) {
            throw new RunException("weir: give either --keepalived FILE or --ldirectord FILE");
        }
        try {
            whole = keepalived != null
                    ? KeepalivedReader.statements(
                            file, configId == null ? KeepalivedPlan.defaultConfigId() : configId, report)
                    : LdirectordReader.read(file, report);
        } catch (IOException e) {
            throw new ConfigException(file.toString(), List.of(new Problem(0, "", "cannot read: " + e.getMessage())));
        }
        final KeepalivedReader.Result result = KeepalivedReader.read(whole, report, Checkers.kinds());
        KeepalivedPlan.refuse(report);
        System.out.println("# Converted from " + file.getFileName());
        report.remarks().stream()
                .filter(each -> each.kind() == LineReport.Kind.IGNORED || each.kind() == LineReport.Kind.CHANGED)
                .forEach(each -> System.out.println("# " + each.format()));
        System.out.println("interfaces:");
        final List<String> devices = ServedInterfaces.of(result.config());
        devices.forEach(each -> System.out.println("  - device: afpacket:" + each));
        if (devices.isEmpty()) {
            System.out.println("  []  # for example: - device: afpacket:eth0");
        }
        System.out.print("keepalived:\n" + StatementYaml.write(whole, report, 1));
        return 0;
    }
}
