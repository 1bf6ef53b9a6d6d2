package io.weir.control.keepalived;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What became of every line of a configuration: used, ignored and why, or wrong. */
public final class LineReport {
    /** The fate of a line. */
    public enum Kind {
        USED("used"),
        /** Used, but it means something else today, or here. */
        CHANGED("used"),
        IGNORED("ignored"),
        WRONG("wrong");

        private final String word;

        Kind(String word) {
            this.word = word;
        }
    }

    /**
     * One line's fate.
     *
     * @param why "" for a line that is used as it stands
     */
    public record Remark(String file, int line, String text, Kind kind, String why) {
        /** As {@code weir check} prints it. */
        public String format() {
            return file + ":" + line + ": " + kind.word + ": " + text + (why.isEmpty() ? "" : "  (" + why + ")");
        }
    }

    private final IdentityHashMap<Statement, Remark> remarks = new IdentityHashMap<>();
    private final Map<String, Integer> fileOrder = new LinkedHashMap<>();
    private final List<Remark> others = new ArrayList<>();

    /** Notes that a statement has its effect. */
    void used(Statement statement) {
        note(statement, Kind.USED, "");
    }

    /** Notes that a statement has an effect that its writer may not expect. */
    public void changed(Statement statement, String why) {
        note(statement, Kind.CHANGED, why);
    }

    /** Notes that a statement, with its block, has no effect. */
    public void ignored(Statement statement, String why) {
        note(statement, Kind.IGNORED, why);
        statement.block().forEach(inner -> ignored(inner, why));
    }

    /** Notes that a statement cannot be used. */
    public void wrong(Statement statement, String why) {
        note(statement, Kind.WRONG, why);
    }

    /** Notes something that belongs to no statement. */
    void wrong(String file, int line, String text, String why) {
        order(file);
        others.add(new Remark(file, line, text, Kind.WRONG, why));
    }

    /** Notes something on a line that makes no statement: a variable, a condition that does not hold. */
    void noted(String file, int line, String text, Kind kind, String why) {
        order(file);
        others.add(new Remark(file, line, text, kind, why));
    }

    private void note(Statement statement, Kind kind, String why) {
        if (statement.words().isEmpty()) {
            return;
        }
        order(statement.file());
        final Remark before = remarks.get(statement);
        // The more serious remark stays: a statement may be asked for more than once.
        if (before == null || before.kind().compareTo(kind) < 0 || kind == Kind.CHANGED && before.kind() == kind) {
            remarks.put(statement, new Remark(statement.file(), statement.line(), statement.toString(), kind, why));
        }
    }

    private void order(String file) {
        fileOrder.putIfAbsent(file, fileOrder.size());
    }

    boolean isIgnored(Statement statement) {
        final Remark remark = remarks.get(statement);
        return remark != null && remark.kind() == Kind.IGNORED;
    }

    boolean knows(Statement statement) {
        return remarks.containsKey(statement);
    }

    /** All remarks in the order of the files and their lines. */
    public List<Remark> remarks() {
        final List<Remark> all = new ArrayList<>(remarks.values());
        all.addAll(others);
        all.sort(Comparator.<Remark>comparingInt(r -> fileOrder.getOrDefault(r.file(), 0))
                .thenComparingInt(Remark::line)
                .thenComparing(Remark::text));
        return all;
    }

    /** The remarks of one kind. */
    public List<Remark> remarks(Kind kind) {
        return remarks().stream().filter(r -> r.kind() == kind).toList();
    }
}
