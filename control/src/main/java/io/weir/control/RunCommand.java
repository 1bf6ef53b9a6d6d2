package io.weir.control;

import io.weir.control.config.ConfigException;
import io.weir.control.config.WeirConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code weir run}: the director in the foreground until SIGTERM or Ctrl-C. */
@Command(name = "run", description = "Runs the director in the foreground until SIGTERM or Ctrl-C.")
final class RunCommand implements Callable<Integer> {
    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "The configuration (YAML); docs/examples has one for every topology.")
    private @Nullable Path config;

    @Mixin
    private KeepalivedOptions keepalived = new KeepalivedOptions();

    @Option(names = "--ready-file", paramLabel = "FILE", description = "A file to write once packets are forwarded.")
    private @Nullable Path readyFile;

    @Option(names = "--fresh", description = "Ignores what was saved when the director last ran.")
    private boolean fresh;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Shows this help.")
    private boolean help;

    @Override
    public Integer call() throws ConfigException, RunException, InterruptedException {
        final Path file = keepalived.oneOf(config);
        final Wanted.Source source = file.equals(config) ? () -> Wanted.read(file) : keepalived::read;
        final Wanted configured = source.read();
        final WeirConfig read = configured.config();
        final StateKeeper keeper = new StateKeeper(read.state().file(), configured.text());
        final Wanted first = fresh ? configured : keeper.restore(file.toString(), configured);
        final CountDownLatch stopped = new CountDownLatch(1);
        final Director director = Director.start(first, keeper);
        final ServiceManager manager = ServiceManager.fromEnvironment(director::isAlive);
        Hangup.onSignal(() -> manager.whileReloading(() -> director.reload(source)));
        // The virtual machine ends when its hooks have: this one puts everything back first.
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            manager.stopping();
                            director.close();
                            stopped.countDown();
                        },
                        "weir-stop"));
        ready(read);
        manager.ready(read.name());
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
