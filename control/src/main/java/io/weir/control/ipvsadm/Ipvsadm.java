package io.weir.control.ipvsadm;

import io.weir.control.ipvsadm.ListOptions.Subject;
import io.weir.control.state.ConnectionInfo;
import io.weir.control.state.DirectorState;
import io.weir.control.state.ServiceEntry;
import io.weir.control.state.StateException;
import io.weir.control.state.StateException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The command {@code ipvsadm}, without a process: words and standard input in, texts and an exit status out.
 *
 * <p><b>Thread</b>: the director's. <b>Fails</b>: never; what is wrong is in the {@link Result}.
 */
public final class Ipvsadm {
    private static final int LIST_FAILED = 1;
    /** More than a director has room for, and as many as its heap takes at once. */
    private static final int MOST_RESTORED = 500_000;

    private static final String VERSION = "ipvsadm v1.31 2019/12/24 (compiled with popt and IPVS v1.2.1)\n";

    /** What a command printed and how it ended. */
    public record Result(int status, String out, String err) {}

    private final DirectorState state;
    private final NameService names;
    private final IpvsadmParser parser;
    private final Supplier<? extends Collection<ConnectionInfo>> connections;

    /**
     * Works on a state.
     *
     * @param connections a walk over the connection table; asked only to list connections
     */
    public Ipvsadm(DirectorState state, NameService names, Supplier<? extends Collection<ConnectionInfo>> connections) {
        this.state = state;
        this.names = names;
        this.parser = new IpvsadmParser(names);
        this.connections = connections;
    }

    /**
     * Commands that are read but not done; it takes no look at the state, and may wait for name servers.
     *
     * @param restore its status is that of the last command
     * @param refusal what comes after them could not be read, or null
     */
    public record Prepared(List<Command> commands, boolean restore, @Nullable IpvsadmException refusal) {
        /** Does it only show? Then it may be done again. */
        public boolean isListing() {
            return commands.stream().allMatch(c -> c instanceof Command.ListTable || c instanceof Command.Save);
        }
    }

    /**
     * Runs one command line.
     *
     * @param words those after {@code ipvsadm}
     * @param input standard input, for {@code -R}
     */
    public Result run(List<String> words, String input) {
        return perform(prepare(words, input), names);
    }

    /** Reads a command line. Any thread. */
    public Prepared prepare(List<String> words, String input) {
        try {
            final Command command = parser.parse(words);
            return command instanceof Command.Restore
                    ? prepareRestore(input)
                    : new Prepared(List.of(command), false, null);
        } catch (IpvsadmException e) {
            return new Prepared(List.of(), false, e);
        }
    }

    /**
     * Stops at a line that ipvsadm refuses, goes on after one whose options cannot be told apart and after one that the state
     * refuses; the last line decides the status.
     */
    private Prepared prepareRestore(String input) {
        final List<Command> commands = new ArrayList<>();
        try {
            int end = -1;
            while (end < input.length()) {
                final int start = end + 1;
                final int newline = input.indexOf('\n', start);
                end = newline < 0 ? input.length() : newline;
                final Command command = restored(input.substring(start, end));
                if (command instanceof Command.Restore) {
                    throw IpvsadmException.tryHelp();
                }
                if (command != null) {
                    commands.add(command);
                }
                if (commands.size() > MOST_RESTORED) {
                    final String why = "more than " + MOST_RESTORED + " commands in one; nothing was restored";
                    return new Prepared(List.of(), true, new IpvsadmException(why, IpvsadmException.FAILED));
                }
            }
            return new Prepared(commands, true, null);
        } catch (IpvsadmException e) {
            return new Prepared(commands, true, e);
        }
    }

    private @Nullable Command restored(String line) throws IpvsadmException {
        try {
            return parser.parseLine(line);
        } catch (IpvsadmException e) {
            if (e.endsRestore()) {
                throw e;
            }
            return new Command.Unreadable(e);
        }
    }

    /** Reads a restore line, as the control socket and configuration files have them. Any thread. */
    public Prepared prepareLine(String line) {
        try {
            final Command command = parser.parseLine(line);
            return new Prepared(command == null ? List.of() : List.of(command), false, null);
        } catch (IpvsadmException e) {
            return new Prepared(List.of(), false, e);
        }
    }

    /** Runs a restore line. */
    public Result runLine(String line) {
        return perform(prepareLine(line), names);
    }

    /**
     * Does what was prepared.
     *
     * @param shown the names that listings show
     */
    public Result perform(Prepared prepared, NameService shown) {
        final Session session = new Session(shown);
        int status = 0;
        for (Command command : prepared.commands()) {
            status = session.apply(command);
        }
        final IpvsadmException refusal = prepared.refusal();
        if (refusal != null) {
            session.err.append(refusal.line());
            status = refusal.status();
        }
        return new Result(status, session.out.toString(), session.err.toString());
    }

    /** The output of one run. */
    private final class Session {
        private final StringBuilder out = new StringBuilder();
        private final StringBuilder err = new StringBuilder();
        private final NameService shown;

        Session(NameService shown) {
            this.shown = shown;
        }

        int apply(Command command) {
            try {
                return perform(command);
            } catch (StateException e) {
                final IpvsadmException explained = KernelMessages.explain(command, e);
                err.append(explained.line());
                return explained.status();
            }
        }

        private int perform(Command command) throws StateException {
            if (command instanceof Command.ListTable list) {
                return list(list);
            }
            if (command instanceof Command.Unreadable line) {
                err.append(line.complaint().line());
                return line.complaint().status();
            }
            if (command instanceof Command.ListLocalAddresses locals) {
                return locals(locals);
            }
            if (command instanceof Command.Save save) {
                out.append(SaveListing.save(state, save.numeric() ? null : shown));
            } else if (command instanceof Command.Help) {
                out.append(VERSION).append(help());
            } else if (command instanceof Command.Version) {
                out.append(VERSION);
            } else {
                change(command);
            }
            return 0;
        }

        private int locals(Command.ListLocalAddresses command) {
            final ServiceEntry one = command.service() == null ? null : state.find(command.service());
            if (command.service() != null && one == null) {
                err.append(KernelMessages.text(command, Reason.NO_SERVICE)).append('\n');
                return LIST_FAILED;
            }
            out.append(LocalAddressListing.of(one == null ? state.services() : List.of(one)));
            return 0;
        }

        private int list(Command.ListTable list) {
            final ListOptions options = list.options();
            if (options.subject() == Subject.CONNECTIONS) {
                out.append(IpvsadmListing.connections(connections.get(), shown, options));
            } else if (options.subject() == Subject.TIMEOUTS) {
                out.append(IpvsadmListing.timeouts(state));
            } else if (options.subject() == Subject.DAEMONS) {
                out.append(IpvsadmListing.daemons(state));
            } else if (options.service() == null) {
                out.append(IpvsadmListing.services(state, shown, options));
            } else {
                final ServiceEntry service = state.find(options.service());
                if (service == null) {
                    err.append(KernelMessages.text(list, Reason.NO_SERVICE)).append('\n');
                    return LIST_FAILED;
                }
                out.append(IpvsadmListing.service(state, shown, options, service));
            }
            return 0;
        }
    }

    private void change(Command command) throws StateException {
        if (command instanceof Command.AddService c) {
            state.addService(c.service());
        } else if (command instanceof Command.EditService c) {
            state.editService(c.service());
        } else if (command instanceof Command.DeleteService c) {
            state.deleteService(c.service());
        } else if (command instanceof Command.Clear) {
            state.clear();
        } else if (command instanceof Command.AddServer c) {
            state.addServer(c.service(), c.server());
        } else if (command instanceof Command.EditServer c) {
            state.editServer(c.service(), c.server());
        } else if (command instanceof Command.DeleteServer c) {
            state.deleteServer(c.service(), c.address(), c.ipv6(), c.port());
        } else if (command instanceof Command.AddLocalAddress c) {
            state.addLocalAddress(c.service(), c.address());
        } else if (command instanceof Command.DeleteLocalAddress c) {
            state.deleteLocalAddress(c.service(), c.address());
        } else {
            changeGlobally(command);
        }
    }

    private void changeGlobally(Command command) throws StateException {
        if (command instanceof Command.Zero c) {
            if (c.service() == null) {
                state.zero();
            } else {
                state.zero(c.service());
            }
        } else if (command instanceof Command.SetTimeouts c) {
            state.setTimeouts(c.tcp(), c.tcpFin(), c.udp());
        } else if (command instanceof Command.StartDaemon c) {
            state.startDaemon(c.daemon());
        } else if (command instanceof Command.StopDaemon c) {
            state.stopDaemon(c.master());
        } else {
            throw new IllegalArgumentException("no change: command=" + command);
        }
    }

    private static String help() {
        try (InputStream in = Objects.requireNonNull(Ipvsadm.class.getResourceAsStream("help.txt"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
