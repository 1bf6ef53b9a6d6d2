package io.weir.control.replay;

import io.weir.control.ipvsadm.Ipvsadm;
import io.weir.control.replay.ShellWords.Token;
import java.util.ArrayList;
import java.util.List;

/**
 * As much of a shell as scenarios need: pipelines, {@code ;}, {@code &&}, {@code ||}, redirection of errors to nowhere and
 * of output into a sysctl.
 */
final class ReplayShell {
    private static final int NOT_FOUND = 127;
    private static final int USAGE = 2;

    private final ReplayCommands commands;

    ReplayShell(ReplayCommands commands) {
        this.commands = commands;
    }

    /** Runs a line. */
    Ipvsadm.Result run(String line) {
        try {
            return run(ShellWords.of(line));
        } catch (ReplayException e) {
            return new Ipvsadm.Result(USAGE, "", "sh: 1: " + e.getMessage() + "\n");
        }
    }

    private Ipvsadm.Result run(List<Token> tokens) throws ReplayException {
        final StringBuilder out = new StringBuilder();
        final StringBuilder err = new StringBuilder();
        int status = 0;
        String before = ";";
        int at = 0;
        while (at < tokens.size()) {
            final int end = endOfPipeline(tokens, at);
            final boolean skip = "&&".equals(before) && status != 0 || "||".equals(before) && status == 0;
            if (!skip && end > at) {
                final Ipvsadm.Result result = pipeline(tokens.subList(at, end));
                out.append(result.out());
                err.append(result.err());
                status = result.status();
            }
            before = end < tokens.size() ? tokens.get(end).text() : ";";
            at = end + 1;
        }
        return new Ipvsadm.Result(status, out.toString(), err.toString());
    }

    private static int endOfPipeline(List<Token> tokens, int from) {
        int at = from;
        while (at < tokens.size()
                && !(tokens.get(at).operator() && isSeparator(tokens.get(at).text()))) {
            at++;
        }
        return at;
    }

    private static boolean isSeparator(String operator) {
        return ";".equals(operator) || "&&".equals(operator) || "||".equals(operator);
    }

    private Ipvsadm.Result pipeline(List<Token> tokens) throws ReplayException {
        final StringBuilder err = new StringBuilder();
        String input = "";
        Ipvsadm.Result last = new Ipvsadm.Result(0, "", "");
        int at = 0;
        while (at < tokens.size()) {
            int end = at;
            while (end < tokens.size()
                    && !(tokens.get(end).operator()
                            && "|".equals(tokens.get(end).text()))) {
                end++;
            }
            last = simple(tokens.subList(at, end), input);
            err.append(last.err());
            input = last.out();
            at = end + 1;
        }
        return new Ipvsadm.Result(last.status(), last.out(), err.toString());
    }

    /** One command with its redirections. */
    private Ipvsadm.Result simple(List<Token> tokens, String input) throws ReplayException {
        final List<String> words = new ArrayList<>();
        String outFile = "";
        boolean quiet = false;
        for (int i = 0; i < tokens.size(); i++) {
            final Token token = tokens.get(i);
            if (!token.operator()) {
                words.add(token.text());
            } else if (i + 1 < tokens.size() && token.text().endsWith(">")) {
                final String file = tokens.get(++i).text();
                if (token.text().startsWith("2")) {
                    quiet = true;
                } else {
                    outFile = file;
                }
            } else {
                throw new ReplayException("Syntax error: \"" + token.text() + "\" unexpected");
            }
        }
        if (words.isEmpty()) {
            return new Ipvsadm.Result(0, "", "");
        }
        final Ipvsadm.Result result = commands.isKnown(words.get(0))
                ? commands.run(words, input)
                : new Ipvsadm.Result(NOT_FOUND, "", "sh: 1: " + words.get(0) + ": not found\n");
        final Ipvsadm.Result written = outFile.isEmpty() ? result : commands.write(outFile, result);
        return quiet ? new Ipvsadm.Result(written.status(), written.out(), "") : written;
    }
}
