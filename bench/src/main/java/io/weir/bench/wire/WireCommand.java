package io.weir.bench.wire;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.weir.bench.Conditions;
import io.weir.bench.quality.Progress;
import io.weir.control.lab.LabException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code weir bench wire}: Weir beside the kernel, DPDK and a bare C program, on the same wires, in the same run. */
@Command(
        name = "weir bench wire",
        description =
                "Forwards real frames between network namespaces and compares with nftables, kernel routing, DPDK's"
                        + " testpmd and a bare C forwarder, round by round in one run. Needs root and two CPUs. About ten minutes.")
public final class WireCommand implements Callable<Integer> {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private final String command;

    @Mixin
    private WireOptions options = new WireOptions();

    @Option(
            names = "--out",
            paramLabel = "FOLDER",
            defaultValue = ".",
            description = "Where wire.html and wire.json are written (default: here).")
    private Path out = Path.of(".");

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Shows this help.")
    private boolean help;

    private WireCommand(String command) {
        this.command = command;
    }

    /** Runs it; returns the exit status. */
    public static int run(String[] arguments) {
        return new CommandLine(new WireCommand("wire " + String.join(" ", arguments)))
                .setExecutionExceptionHandler((problem, line, parsed) -> {
                    line.getErr().println("weir: " + problem.getMessage());
                    return 1;
                })
                .execute(arguments);
    }

    @Override
    public Integer call() throws IOException {
        options.check();
        Files.createDirectories(out);
        final Map<String, String> conditions = Conditions.of(List.of(), command.strip());
        conditions.put("measured", options.describe());
        final WireResult result;
        try (WireLab lab = WireLab.create()) {
            final Thread hook = new Thread(lab::close, "wire-clean-up");
            Runtime.getRuntime().addShutdownHook(hook);
            try {
                result = new WireRun(lab, options, new Progress(System.err)).run(conditions);
            } finally {
                Runtime.getRuntime().removeShutdownHook(hook);
            }
        } catch (LabException e) {
            throw new IOException(e.getMessage(), e);
        }
        JSON.writeValue(out.resolve("wire.json").toFile(), result);
        Files.writeString(out.resolve("wire.html"), WirePage.html(result));
        System.out.print(WirePage.text(result));
        System.out.printf(
                "%nwritten: %s, %s%n",
                out.resolve("wire.html").normalize(), out.resolve("wire.json").normalize());
        return 0;
    }
}
