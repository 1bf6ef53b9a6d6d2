package io.weir.control.ipvsadm;

import io.weir.control.ipvsadm.Command.StopDaemon;
import java.util.ArrayList;
import java.util.List;
import java.util.StringTokenizer;
import org.jspecify.annotations.Nullable;

/**
 * Turns ipvsadm's words into a {@link Command}, or refuses them in ipvsadm's words.
 *
 * <p>Options are taken one by one and complained about in the order in which ipvsadm 1.31 notices what is wrong, because
 * an option's meaning can depend on those before it: {@code -M} on the family, {@code -r} without a port on the service.
 *
 * <p>Ours: {@code -b} or {@code --fullnat} with {@code -a} and {@code -e}, {@code -P} and {@code -Q} with {@code -z},
 * {@code -G}, {@code --toa}.
 */
public final class IpvsadmParser {
    private final NameService names;

    public IpvsadmParser(NameService names) {
        this.names = names;
    }

    /** Parses a restore line: words between blanks; the first may be {@code ipvsadm}. Null for a line without words. */
    public @Nullable Command parseLine(String line) throws IpvsadmException {
        final List<String> words = new ArrayList<>();
        final StringTokenizer tokens = new StringTokenizer(line, " \t\r\n\f");
        while (tokens.hasMoreTokens()) {
            words.add(tokens.nextToken());
        }
        if (!words.isEmpty() && "ipvsadm".equals(words.get(0))) {
            words.remove(0);
        }
        return words.isEmpty() ? null : parse(words);
    }

    /** Parses the words after {@code ipvsadm}; none at all lists everything by name. */
    public Command parse(List<String> words) throws IpvsadmException {
        if (words.isEmpty()) {
            return new Command.ListTable(ListOptions.all(false));
        }
        final OptionScanner scanner = new OptionScanner(words);
        final CommandKind kind = command(scanner);
        if (kind == CommandKind.HELP) {
            return new Command.Help();
        }
        if (kind == CommandKind.VERSION) {
            return new Command.Version();
        }
        final boolean master = isDaemon(kind) && isMaster(kind, scanner.argument());
        final Arguments arguments = new Arguments(names);
        options(scanner, arguments);
        final int[] timeouts = kind == CommandKind.SET ? timeouts(scanner) : new int[0];
        final String extra = scanner.operand();
        if (extra != null) {
            throw IpvsadmException.refused("unexpected argument " + extra);
        }
        arguments.resolveFlags();
        kind.check(arguments.given());
        return switch (kind) {
            case SET -> new Command.SetTimeouts(timeouts[0], timeouts[1], timeouts[2]);
            case START_DAEMON -> new Command.StartDaemon(arguments.daemon(master));
            case STOP_DAEMON -> new StopDaemon(master);
            default -> arguments.command(kind);
        };
    }

    private static CommandKind command(OptionScanner scanner) throws IpvsadmException {
        CliOption first;
        try {
            first = scanner.next();
        } catch (IpvsadmException e) {
            first = null; // whatever is wrong with the first option, ipvsadm only points to its help
        }
        final CommandKind kind = first == null ? null : first.command();
        if (kind == null) {
            throw IpvsadmException.tryHelp();
        }
        if (kind == CommandKind.ADD_SERVER || kind == CommandKind.EDIT_SERVER) {
            scanner.letterBIsFullNat();
        }
        return kind;
    }

    private static boolean isDaemon(CommandKind kind) {
        return kind == CommandKind.START_DAEMON || kind == CommandKind.STOP_DAEMON;
    }

    private static boolean isMaster(CommandKind kind, @Nullable String word) throws IpvsadmException {
        if (!"master".equals(word) && !"backup".equals(word)) {
            // The two differ in ipvsadm, too.
            throw IpvsadmException.refused(
                    kind == CommandKind.START_DAEMON
                            ? "illegal start-daemon parameter specified"
                            : "illegal start_daemon specified");
        }
        return "master".equals(word);
    }

    private static void options(OptionScanner scanner, Arguments arguments) throws IpvsadmException {
        CliOption option = scanner.next();
        while (option != null) {
            if (option.command() != null) {
                throw IpvsadmException.refused("invalid option `" + scanner.badWord() + "'");
            }
            arguments.take(option, scanner.argument());
            option = scanner.next();
        }
    }

    private static int[] timeouts(OptionScanner scanner) throws IpvsadmException {
        final String[] words = {scanner.operand(), scanner.operand(), scanner.operand()};
        if (words[2] == null) {
            throw IpvsadmException.refused("--set option requires 3 timeout values");
        }
        final int[] seconds = new int[words.length];
        for (int i = 0; i < words.length; i++) {
            seconds[i] = Arguments.timeout(words[i], 0);
        }
        return seconds;
    }
}
