package io.weir.control;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code weir shadow show|add|remove}: schedulers beside the live one of a running director's service. */
@Command(
        name = "shadow",
        description = "Asks other schedulers about the same connections, without doing what they say: what would sed"
                + " have done?",
        subcommands = {ShadowCommands.Show.class, ShadowCommands.Add.class, ShadowCommands.Remove.class})
final class ShadowCommands implements Callable<Integer> {
    @Mixin
    private RemoteCommand remote = new RemoteCommand();

    @Override
    public Integer call() throws RunException {
        return remote.call(new byte[0], "shadow", "show");
    }

    /** Which service, in ipvsadm's words. */
    static final class Service {
        @Option(names = "-t", paramLabel = "ADDRESS:PORT", description = "A TCP service.")
        private @Nullable String tcp;

        @Option(names = "-u", paramLabel = "ADDRESS:PORT", description = "A UDP service.")
        private @Nullable String udp;

        @Option(names = "--sctp-service", paramLabel = "ADDRESS:PORT", description = "An SCTP service.")
        private @Nullable String sctp;

        @Option(names = "-f", paramLabel = "MARK", description = "A firewall mark's service.")
        private @Nullable String mark;

        private List<String> words() {
            if (tcp != null) {
                return List.of("-t", tcp);
            }
            if (udp != null) {
                return List.of("-u", udp);
            }
            return sctp != null ? List.of("--sctp-service", sctp) : List.of("-f", String.valueOf(mark));
        }
    }

    private static int send(RemoteCommand remote, String word, List<String> names, Service service, boolean ipv6)
            throws RunException {
        final List<String> words = new ArrayList<>(List.of("shadow", word, String.join(",", names)));
        words.addAll(service.words());
        if (ipv6) {
            words.add("-6");
        }
        return remote.call(new byte[0], words.toArray(String[]::new));
    }

    /** {@code weir shadow show}. */
    @Command(name = "show", description = "Prints what each shadow would have done beside what was done.")
    static final class Show implements Callable<Integer> {
        @ParentCommand
        private ShadowCommands parent = new ShadowCommands();

        @Mixin
        private RemoteCommand remote = new RemoteCommand();

        @Override
        public Integer call() throws RunException {
            return remote.or(parent.remote).call(new byte[0], "shadow", "show");
        }
    }

    /** Changes the shadows of one service. */
    private abstract static class Change implements Callable<Integer> {
        @ParentCommand
        private ShadowCommands parent = new ShadowCommands();

        @Mixin
        private RemoteCommand remote = new RemoteCommand();

        @ArgGroup(multiplicity = "1")
        private Service service = new Service();

        @Option(names = "-6", description = "The firewall mark's service is one for IPv6.")
        private boolean ipv6;

        @Parameters(paramLabel = "SCHEDULER", arity = "1..*", description = "Their names.")
        private List<String> names = List.of();

        /** What the director is asked to do with them. */
        abstract String word();

        @Override
        public final Integer call() throws RunException {
            return send(remote.or(parent.remote), word(), names, service, ipv6);
        }
    }

    /** {@code weir shadow add}. */
    @Command(name = "add", description = "Attaches schedulers as shadows; they count from now on.")
    static final class Add extends Change {
        @Override
        String word() {
            return "add";
        }
    }

    /** {@code weir shadow remove}. */
    @Command(name = "remove", description = "Detaches shadows; what they counted is forgotten.")
    static final class Remove extends Change {
        @Override
        String word() {
            return "remove";
        }
    }
}
