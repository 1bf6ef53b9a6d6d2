package io.weir.control.replay;

import io.weir.control.ipvsadm.Ipvsadm;
import io.weir.control.state.ConnectionInfo;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.agrona.DirectBuffer;

/**
 * Gathers what a scenario gave, and writes it: {@code output.pcap output.csv verdicts.csv conns.txt commands.jsonl
 * cli.jsonl final.txt shadows.txt}.
 *
 * <p>The same run gives the same bytes, also where they are gzipped.
 */
final class ReplayOutput {
    private static final String SETUP = "setup";
    private static final String FINAL = "final";
    private static final int LINES_PER_CLI_COMMAND = 3;

    /** A command and what it gave. */
    private record Done(long at, long timeUs, String stage, String command, Ipvsadm.Result result) {}

    private final Scenario scenario;
    private final PcapFile.Writer pcap = new PcapFile.Writer();
    private final StringBuilder outputCsv = new StringBuilder("out_idx,in_idx,t_us,if\n");
    private final StringBuilder verdicts = new StringBuilder("idx,verdict,reason,state,expires\n");
    private final StringBuilder conns = new StringBuilder();
    private final List<Done> commands = new ArrayList<>();
    private String shadows = "";
    private int frames;

    ReplayOutput(Scenario scenario) {
        this.scenario = scenario;
    }

    /** A frame left; {@code input} is the index of the frame that caused it, or -1. */
    void frame(long input, long timeUs, String interfaceName, DirectBuffer buffer, int offset, int length) {
        pcap.add(timeUs, buffer, offset, length);
        outputCsv
                .append(frames++)
                .append(',')
                .append(input)
                .append(',')
                .append(timeUs)
                .append(',');
        outputCsv.append(interfaceName).append('\n');
    }

    void verdict(int index, String verdict, String reason, List<ConnectionInfo> connections) {
        verdicts.append(index)
                .append(',')
                .append(verdict)
                .append(',')
                .append(reason)
                .append(',');
        String separator = "";
        for (ConnectionInfo each : connections) {
            verdicts.append(separator).append(each.state());
            separator = "+";
        }
        verdicts.append(',');
        separator = "";
        for (ConnectionInfo each : connections) {
            verdicts.append(separator).append(each.expiresSeconds());
            separator = "+";
        }
        verdicts.append('\n');
    }

    /** All connections, sorted as text. */
    void snapshot(long at, List<ConnectionInfo> connections) {
        conns.append("# ").append(at).append('\n');
        connections.stream().map(ReplayOutput::line).sorted().forEach(line -> conns.append(line)
                .append('\n'));
    }

    private static String line(ConnectionInfo c) {
        final String protocol =
                switch (c.protocol()) {
                    case 6 -> "TCP";
                    case 17 -> "UDP";
                    case 132 -> "SCTP";
                    case 50 -> "ESP";
                    case 51 -> "AH";
                    default -> "IP";
                };
        final String engine = c.engine() == null ? "" : " " + c.engine() + " " + c.engineData();
        return protocol + " " + c.client() + ":" + c.clientPort() + " " + c.virtual() + ":" + c.virtualPort() + " "
                + c.destination() + ":" + c.destinationPort() + " " + c.state() + " " + c.expiresSeconds() + engine;
    }

    void command(long at, long timeUs, String stage, String command, Ipvsadm.Result result) {
        commands.add(new Done(at, timeUs, stage, command, result));
    }

    void setup(long timeUs, String command, Ipvsadm.Result result) {
        command(-1, timeUs, SETUP, command, result);
    }

    void last(long timeUs, String command, Ipvsadm.Result result) {
        command(-1, timeUs, FINAL, command, result);
    }

    /** What shadow schedulers would have done; nothing if there is none. */
    void shadows(String text) {
        shadows = text;
    }

    /** Writes the files into a folder, which is made if it is not there. */
    void write(Path folder) throws IOException {
        Files.createDirectories(folder);
        if (!scenario.frames().isEmpty()) {
            file(folder, "output.pcap", pcap.bytes());
            file(folder, "output.csv", outputCsv.toString());
            file(folder, "verdicts.csv", verdicts.toString());
        }
        if (conns.length() > 0 && !scenario.is("states")) {
            file(folder, "conns.txt", conns.toString());
        }
        if (scenario.number(FINAL, 1) != 0) {
            file(folder, "final.txt", finalText());
        }
        if (!shadows.isEmpty()) {
            file(folder, "shadows.txt", shadows);
        }
        final List<Done> own =
                commands.stream().filter(c -> !FINAL.equals(c.stage)).toList();
        if (scenario.is("cli")) {
            file(folder, "cli.jsonl", cliLines(own));
        } else if (!own.isEmpty()) {
            file(folder, "commands.jsonl", commandLines(own));
        }
    }

    private String finalText() {
        final StringBuilder text = new StringBuilder();
        final boolean withConnections = scenario.number("conns", 1) != 0;
        for (Done done : commands) {
            final boolean connections = done.command.contains("-Lnc") || done.command.contains("ip_vs_conn");
            if (FINAL.equals(done.stage) && (withConnections || !connections)) {
                text.append("$ ").append(done.command).append('\n');
                text.append(done.result.out()).append(done.result.err()).append('\n');
            }
        }
        return text.toString();
    }

    /** Each command is followed by a listing and a save; "true" in their place means not listed. */
    private static String cliLines(List<Done> own) {
        final StringBuilder text = new StringBuilder();
        for (int i = 0; i + LINES_PER_CLI_COMMAND <= own.size(); i += LINES_PER_CLI_COMMAND) {
            final Done done = own.get(i);
            final Json json = new Json()
                    .add("cmd", done.command)
                    .add("rc", done.result.status())
                    .add("stdout", done.result.out())
                    .add("stderr", done.result.err());
            if (!"true".equals(own.get(i + 1).command)) {
                json.add("table", own.get(i + 1).result.out())
                        .add("save", own.get(i + 2).result.out());
            }
            text.append(json.line());
        }
        return text.toString();
    }

    private String commandLines(List<Done> own) {
        final StringBuilder text = new StringBuilder();
        for (Done done : own) {
            final Json json = new Json().add("at", done.at);
            if (scenario.is("cmd_time")) {
                json.add("t_us", done.timeUs);
            }
            json.add("stage", done.stage)
                    .add("cmd", done.command)
                    .add("rc", done.result.status())
                    .add("out", done.result.out())
                    .add("err", done.result.err());
            text.append(json.line());
        }
        return text.toString();
    }

    private void file(Path folder, String name, String text) throws IOException {
        file(folder, name, text.getBytes(StandardCharsets.UTF_8));
    }

    private void file(Path folder, String name, byte[] bytes) throws IOException {
        Files.deleteIfExists(folder.resolve(name));
        Files.deleteIfExists(folder.resolve(name + ".gz"));
        if (!scenario.is("gzip")) {
            Files.write(folder.resolve(name), bytes);
            return;
        }
        final ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length / 4 + 64);
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        }
        Files.write(folder.resolve(name + ".gz"), out.toByteArray());
    }
}
