package io.weir.control;

import io.weir.control.config.ConfigException;
import io.weir.control.lab.Decapsulator;
import io.weir.control.lab.DemoCommand;
import io.weir.control.lab.LabException;
import io.weir.control.lab.UdpTool;
import io.weir.control.replay.ReplayCommand;
import io.weir.control.replay.ReplayException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * The program: one command with subcommands, registered in the list below.
 *
 * <p><b>Fails</b>: with one line on standard error for each thing that is wrong and status 1; with a hint and status 2
 * where the command line itself is wrong. A stack trace means a bug.
 */
@Command(
        name = "weir",
        description = "A software director: a userspace layer-4 load balancer that behaves as Linux IPVS does.",
        mixinStandardHelpOptions = true,
        versionProvider = WeirMain.Version.class,
        subcommands = {
            RunCommand.class,
            CheckCommand.class,
            SchemaCommand.class,
            ApplyCommands.Plan.class,
            ApplyCommands.Apply.class,
            ApplyCommands.Undo.class,
            ShadowCommands.class,
            ConvertCommand.class,
            HealthCommand.class,
            OperateCommands.Status.class,
            OperateCommands.Drain.class,
            OperateCommands.LogLevel.class,
            OperateCommands.Connections.class,
            TopCommand.class,
            ReplayCommand.class,
            DemoCommand.class,
            Decapsulator.class,
            UdpTool.class,
            RehearseCommand.class,
            PagesCommand.Completion.class,
            PagesCommand.Manual.class,
            WeirMain.VersionCommand.class,
            CommandLine.HelpCommand.class
        })
public final class WeirMain implements Callable<Integer> {
    private static final int FAILED = 1;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    public static void main(String[] args) {
        System.exit(run(args));
    }

    /** As {@link #main}, without ending the process. */
    static int run(String... args) {
        return commandLine().execute(args);
    }

    static CommandLine commandLine() {
        return new CommandLine(new WeirMain()).setExecutionExceptionHandler(WeirMain::explain);
    }

    @Override
    public Integer call() {
        spec.commandLine().usage(System.err);
        return CommandLine.ExitCode.USAGE;
    }

    private static int explain(Exception problem, CommandLine command, CommandLine.ParseResult parsed) {
        if (problem instanceof ConfigException || problem instanceof RunException) {
            command.getErr().println(problem.getMessage());
        } else if (problem instanceof LabException || problem instanceof ReplayException) {
            command.getErr().println("weir: " + problem.getMessage());
        } else if (problem instanceof IOException) {
            // Its name says what kind of failure it is: NoSuchFile, AccessDenied ...
            command.getErr()
                    .println("weir: " + problem.getClass().getSimpleName().replace("Exception", "") + ": "
                            + problem.getMessage());
        } else {
            command.getErr().println("weir: a bug; please report it with these lines:");
            problem.printStackTrace(command.getErr());
        }
        return FAILED;
    }

    /** The version Maven wrote into the jar. */
    static final class Version implements IVersionProvider {
        private static final String PROPERTIES = "/META-INF/maven/io.weir/weir-control/pom.properties";

        @Override
        public String[] getVersion() {
            return new String[] {"weir " + text() + ", JDK " + System.getProperty("java.version")};
        }

        /** The number alone. */
        static String text() {
            final Properties properties = new Properties();
            try (InputStream stream = WeirMain.class.getResourceAsStream(PROPERTIES)) {
                if (stream != null) {
                    properties.load(stream);
                }
            } catch (IOException e) {
                throw new UncheckedIOException("the program's jar cannot be read", e);
            }
            return properties.getProperty("version", "(not from a jar)");
        }
    }

    /** {@code weir version}. */
    @Command(name = "version", description = "Prints the version.")
    static final class VersionCommand implements Callable<Integer> {
        @Override
        public Integer call() {
            System.out.println(new Version().getVersion()[0]);
            return 0;
        }
    }
}
