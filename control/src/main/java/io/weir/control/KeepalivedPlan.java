package io.weir.control;

import io.weir.conntrack.StateTimeouts;
import io.weir.control.config.ConfigException;
import io.weir.control.config.Problem;
import io.weir.control.config.WeirConfig;
import io.weir.control.config.WeirConfig.Interface;
import io.weir.control.config.WeirConfig.SourceLine;
import io.weir.control.health.Checkers;
import io.weir.control.keepalived.GlobalSettings.Timeouts;
import io.weir.control.keepalived.KeepalivedConfig;
import io.weir.control.keepalived.KeepalivedReader;
import io.weir.control.keepalived.LineReport;
import io.weir.control.keepalived.LineReport.Remark;
import io.weir.control.keepalived.ServiceCommands;
import io.weir.dataplane.WorkerOptions;
import io.weir.sched.Schedulers;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A {@code keepalived.conf} as the configuration of a director: what ipvsadm would be told, and the interfaces to serve.
 *
 * <p><b>Fails</b>: with every line of the file that cannot be used.
 */
final class KeepalivedPlan {
    private static final int TABLE_SIZE = 1 << 20;

    private KeepalivedPlan() {}

    /** This host's name without its domain: what decides conditional lines, unless the user says otherwise. */
    static String defaultConfigId() {
        try {
            return InetAddress.getLocalHost().getHostName().replaceFirst("\\..*", "");
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }

    /** Reads a file, with the fate of every line. */
    static KeepalivedReader.Result read(Path file, String configId) throws ConfigException {
        try {
            return KeepalivedReader.read(file, configId, Checkers.kinds());
        } catch (IOException e) {
            throw new ConfigException(file.toString(), List.of(new Problem(0, "", "cannot read: " + e.getMessage())));
        }
    }

    /** Throws what is wrong with the file, if anything. */
    static void refuse(LineReport report) throws ConfigException {
        final List<Remark> wrong = report.remarks(LineReport.Kind.WRONG);
        if (!wrong.isEmpty()) {
            throw new ConfigException(
                    wrong.get(0).file(),
                    wrong.stream()
                            .map(each -> new Problem(each.line(), "", each.why() + "  (" + each.text() + ")"))
                            .toList());
        }
    }

    /**
     * The director's configuration.
     *
     * @param interfaces to serve; empty to find them by the addresses of the file
     * @param sysctls settings of IPVS, which no keepalived.conf has
     */
    static WeirConfig config(
            String name, KeepalivedConfig read, List<String> interfaces, Map<String, WeirConfig.Sysctl> sysctls) {
        final List<String> devices = interfaces.isEmpty() ? ServedInterfaces.of(read) : interfaces;
        final Timeouts timeouts = read.global().timeouts();
        return new WeirConfig(
                name,
                devices.stream()
                        .map(each -> new Interface(0, each.contains(":") ? each : "afpacket:" + each, List.of()))
                        .toList(),
                List.of(),
                List.of(),
                Availability.served(read).stream()
                        .map(each -> new WeirConfig.Network(each, each.isV4() ? 32 : 128))
                        .toList(),
                new WeirConfig.Table(TABLE_SIZE, null),
                new WeirConfig.Ring(false, 0),
                WorkerOptions.DEFAULTS,
                sysctls,
                timeouts == null
                        ? new WeirConfig.Timeouts(0, 0, 0, StateTimeouts.NONE)
                        : new WeirConfig.Timeouts(
                                timeouts.tcp(), timeouts.tcpFin(), timeouts.udp(), StateTimeouts.NONE),
                commands(read),
                List.of(),
                List.of(),
                new WeirConfig.Control(null),
                // The checks own the table: it begins as the file says.
                new WeirConfig.State(null),
                new WeirConfig.Metrics(null, 0),
                read,
                Schedulers.Plugins.NONE);
    }

    /** The services and the servers they begin with, in ipvsadm's words. */
    static List<SourceLine> commands(KeepalivedConfig read) {
        final List<SourceLine> lines = new ArrayList<>();
        ServiceCommands.of(read).forEach(each -> lines.add(new SourceLine(each.line(), each.where(), each.text())));
        return lines;
    }
}
