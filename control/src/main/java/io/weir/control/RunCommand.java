package io.weir.control;

import io.weir.control.config.ConfigException;
import io.weir.control.config.ConfigReader;
import io.weir.control.config.WeirConfig;
import io.weir.dataplane.MarkRules;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code weir run}: the director in the foreground until SIGTERM or Ctrl-C. */
@Command(name = "run", description = "Runs the director in the foreground until SIGTERM or Ctrl-C.")
final class RunCommand implements Callable<Integer> {
    @Option(
            names = {"-c", "--config"},
            required = true,
            paramLabel = "FILE",
            description = "The configuration (YAML); docs/examples has one for every topology.")
    private Path config = Path.of("weir.yaml");

    @Option(names = "--ready-file", paramLabel = "FILE", description = "A file to write once packets are forwarded.")
    private @Nullable Path readyFile;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Shows this help.")
    private boolean help;

    @Override
    public Integer call() throws ConfigException, RunException, InterruptedException {
        final WeirConfig read = ConfigReader.read(config);
        final DirectorCommands commands = new DirectorCommands();
        final MarkRules marks = ConfigCheck.fill(config.toString(), read, commands);
        final CountDownLatch stopped = new CountDownLatch(1);
        final Director director = Director.start(read, commands, marks);
        // The virtual machine ends when its hooks have: this one puts everything back first.
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            director.close();
                            stopped.countDown();
                        },
                        "weir-stop"));
        ready(read);
        stopped.await();
        return 0;
    }

    private void ready(WeirConfig read) throws RunException {
        System.out.println("ready: " + read.name() + " on "
                + String.join(
                        ", ",
                        read.interfaces().stream()
                                .map(WeirConfig.Interface::device)
                                .toList()));
        if (readyFile != null) {
            try {
                Files.writeString(readyFile, ProcessHandle.current().pid() + "\n");
            } catch (IOException e) {
                throw new RunException("weir: cannot write " + readyFile + ": " + e.getMessage(), e);
            }
        }
    }
}
