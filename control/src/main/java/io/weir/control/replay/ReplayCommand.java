package io.weir.control.replay;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code weir replay}: runs recorded scenarios through the director and writes what it did. */
@Command(
        name = "replay",
        description = "Runs scenarios (folders with input.pcap and commands) in virtual time and writes what came out.")
public final class ReplayCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "IN", description = "A scenario, or a folder of them at any depth.")
    private Path in = Path.of("");

    @Parameters(
            index = "1",
            paramLabel = "OUT",
            description = "Where the same tree is made: output.pcap, verdicts.csv, final.txt and others.")
    private Path out = Path.of("");

    @Option(
            names = "--topology",
            paramLabel = "FILE",
            description = "Interfaces, routes and neighbours (YAML); without it those of the recordings.")
    private @Nullable Path topologyFile;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Shows this help.")
    private boolean help;

    @Override
    public Integer call() throws IOException, ReplayException {
        final Topology topology = topologyFile == null ? TopologyReader.builtIn() : TopologyReader.read(topologyFile);
        final List<Path> folders = folders();
        if (folders.isEmpty()) {
            throw new ReplayException("no scenario in " + in + ": there must be a file 'rules' or 'input.pcap'");
        }
        long frames = 0;
        for (Path folder : folders) {
            final Scenario scenario = Scenario.read(folder);
            frames += scenario.frames().size();
            ReplayRunner.run(scenario, topology).write(out.resolve(in.relativize(folder)));
        }
        System.out.println(folders.size() + " scenarios, " + frames + " frames");
        return 0;
    }

    private List<Path> folders() throws IOException {
        try (Stream<Path> all = Files.walk(in)) {
            return all.filter(Files::isDirectory)
                    .filter(Scenario::isScenario)
                    .sorted()
                    .toList();
        }
    }
}
