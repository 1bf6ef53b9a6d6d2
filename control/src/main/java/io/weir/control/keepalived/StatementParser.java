package io.weir.control.keepalived;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Puts lines together to statements and blocks: a statement ends with its line; a brace opens the block of the statement
 * before it, on the same line or the next.
 */
final class StatementParser {
    /** keepalived's own blocks are nested five deep at most. */
    private static final int DEEPEST = 32;

    /** A block that is still open. */
    private static final class Open {
        private final SourceLine at;
        private final List<String> words;
        private final List<Statement> inner = new ArrayList<>();

        Open(SourceLine at, List<String> words) {
            this.at = at;
            this.words = words;
        }

        Statement close() {
            return new Statement(at.file(), at.number(), words, inner, true);
        }
    }

    private final LineReport report;
    private final Deque<Open> open = new ArrayDeque<>();

    private StatementParser(LineReport report) {
        this.report = report;
    }

    /** The whole as one block. */
    static Statement parse(String file, List<SourceLine> lines, LineReport report) {
        final StatementParser parser = new StatementParser(report);
        parser.open.push(new Open(new SourceLine(file, 1, ""), List.of()));
        lines.forEach(parser::line);
        while (parser.open.size() > 1) {
            final Open unclosed = parser.open.peek();
            if (parser.open.size() <= DEEPEST) {
                report.wrong(
                        unclosed.at.file(),
                        unclosed.at.number(),
                        String.join(" ", unclosed.words) + " {",
                        "'}' missing");
            }
            parser.close();
        }
        return parser.open.pop().close();
    }

    private void line(SourceLine line) {
        List<String> words = new ArrayList<>();
        for (String word : Words.of(line.text())) {
            if (word.equals(Words.OPEN)) {
                begin(line, words);
                words = new ArrayList<>();
            } else if (word.equals(Words.CLOSE)) {
                statement(line, words);
                words = new ArrayList<>();
                if (open.size() > 1) {
                    close();
                } else {
                    report.wrong(line.file(), line.number(), "}", "no block is open here");
                }
            } else {
                words.add(word);
            }
        }
        statement(line, words);
    }

    private void statement(SourceLine line, List<String> words) {
        if (!words.isEmpty()) {
            top().inner.add(new Statement(line.file(), line.number(), words, List.of(), false));
        }
    }

    private void begin(SourceLine line, List<String> words) {
        if (open.size() == DEEPEST) {
            report.wrong(line.file(), line.number(), "{", "blocks are nested more than " + DEEPEST + " deep");
        }
        if (!words.isEmpty()) {
            open.push(new Open(line, words));
            return;
        }
        final List<Statement> before = top().inner;
        if (before.isEmpty() || before.get(before.size() - 1).hasBlock()) {
            report.wrong(line.file(), line.number(), "{", "no keyword before it");
            open.push(new Open(line, List.of()));
            return;
        }
        final Statement head = before.remove(before.size() - 1);
        open.push(new Open(new SourceLine(head.file(), head.line(), ""), head.words()));
    }

    private void close() {
        final Open done = open.pop();
        if (!done.words.isEmpty() && open.size() < DEEPEST) {
            top().inner.add(done.close());
        }
    }

    private Open top() {
        final Open top = open.peek();
        if (top == null) {
            throw new IllegalStateException("the outermost block was closed");
        }
        return top;
    }
}
