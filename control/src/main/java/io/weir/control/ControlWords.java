package io.weir.control;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.weir.control.config.ConfigException;
import io.weir.control.ipvsadm.Ipvsadm;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.LoggerFactory;

/**
 * The words of the control socket and what each does.
 *
 * <p>Files and names are read before the director's lock is taken. <b>Thread</b>: one for each client.
 */
final class ControlWords {
    private static final int FAILED = 1;
    private static final int USAGE = 2;
    private static final List<String> LEVELS = List.of("error", "warn", "info", "debug", "trace");

    /** What one word does. */
    @FunctionalInterface
    interface Word {
        /** Returns the exit status; an exception's message is the operator's. */
        int run(ControlRequest request, ControlAnswer answer) throws IOException, RunException, ConfigException;
    }

    private final Director director;
    /** The registry: <b>one line adds a word</b>. */
    private final Map<String, Word> words = new TreeMap<>();

    ControlWords(Director director) {
        this.director = director;
        words.put("ipvsadm", this::ipvsadm);
        words.put("counters", this::counters);
        words.put("health", (request, answer) -> health(answer, false));
        words.put("health --history", (request, answer) -> health(answer, true));
        words.put("plan", this::plan);
        words.put("apply", this::apply);
        words.put("undo", this::undo);
        words.put("drain", (request, answer) -> DrainTask.of(director, request.arguments())
                .run(answer));
        words.put("status", this::status);
        words.put("conns", (request, answer) -> ConnectionsWord.run(director.dataPlane(), request.arguments(), answer));
        words.put("top", (request, answer) -> TopWord.run(director, request.arguments(), answer));
        words.put("log-level", ControlWords::logLevel);
        words.put("shadow", this::shadow);
    }

    int answer(ControlRequest request, ControlAnswer answer) throws IOException {
        final Word word = words.get(request.name());
        try {
            if (word != null) {
                return word.run(request, answer);
            }
        } catch (RunException | ConfigException e) {
            answer.err(e.getMessage() + "\n");
            return FAILED;
        }
        if (request.line()) {
            return print(
                    director.commands().execute(director.commands().prepareLine(request.name()), director::turn),
                    answer);
        }
        answer.err(
                "weir: no such word: " + request.name() + " (there are: " + String.join(", ", words.keySet()) + ")\n");
        return USAGE;
    }

    private int ipvsadm(ControlRequest request, ControlAnswer answer) throws IOException {
        final DirectorCommands commands = director.commands();
        final Ipvsadm.Prepared prepared = commands.prepare(request.arguments(), request.inputBytes());
        return print(commands.execute(prepared, director::turn), answer);
    }

    private int shadow(ControlRequest request, ControlAnswer answer) throws IOException {
        final ShadowWords shadows = director.commands().shadows();
        return print(director.turn(shadows.turn(request.arguments())), answer);
    }

    private static int print(Ipvsadm.Result result, ControlAnswer answer) throws IOException {
        answer.out(result.out());
        answer.err(result.err());
        return result.status();
    }

    private int health(ControlAnswer answer, boolean history) throws IOException {
        answer.out(director.health(history));
        return 0;
    }

    private int counters(ControlRequest request, ControlAnswer answer) throws IOException {
        answer.out(director.counters());
        return 0;
    }

    private int status(ControlRequest request, ControlAnswer answer) throws IOException, RunException {
        if (request.arguments().equals(List.of("json"))) {
            answer.out(director.look((live, batches) -> StatusWord.json(
                    live, director.dataPlane(), batches, director.keeper().problem())));
            return 0;
        }
        final DirectorCommands commands = director.commands();
        print(commands.execute(commands.prepareLine("-Ln"), director::turn), answer);
        answer.out(director.alone(live -> StatusWord.deleted(live.commands().state())));
        answer.out(director.counters());
        answer.out(director.addressConflicts());
        final String problem = director.keeper().problem();
        answer.out(problem.isEmpty() ? "" : "state not saved: " + problem + "\n");
        return 0;
    }

    private static int logLevel(ControlRequest request, ControlAnswer answer) throws RunException {
        final String level =
                request.arguments().isEmpty() ? "" : request.arguments().get(0);
        if (!LEVELS.contains(level)) {
            throw new RunException(
                    "weir: log-level must be one of " + String.join(", ", LEVELS) + ", not '" + level + "'");
        }
        final Logger root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.toLevel(level));
        return 0;
    }

    /** Argument: the file's name; input: its text. */
    private static Wanted wanted(ControlRequest request) throws ConfigException, RunException {
        final List<String> arguments = request.arguments();
        if (arguments.size() != 1) {
            throw new RunException("weir: " + request.name() + " needs one file");
        }
        return Wanted.of(arguments.get(0), request.inputText());
    }

    private int plan(ControlRequest request, ControlAnswer answer) throws IOException, RunException, ConfigException {
        final Wanted wanted = wanted(request);
        final var connections = ConnectionWalk.of(director.dataPlane());
        answer.out(director.alone(live -> live.plan(wanted, connections)));
        return 0;
    }

    private int apply(ControlRequest request, ControlAnswer answer) throws IOException, RunException, ConfigException {
        final Wanted wanted = wanted(request);
        answer.out(director.alone(live -> live.apply(wanted)));
        director.checkAsConfigured();
        return 0;
    }

    private int undo(ControlRequest request, ControlAnswer answer) throws IOException, RunException {
        answer.out(director.alone(LiveConfig::undo));
        director.checkAsConfigured();
        return 0;
    }
}
