package io.weir.control.config;

import io.weir.control.config.YamlNode.Mapping;
import io.weir.control.config.YamlNode.Scalar;
import io.weir.control.config.YamlNode.Sequence;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The fields of one mapping, read by name; whatever is wrong is noted and reading goes on, so that a user sees all
 * problems at once.
 *
 * <p>A field that is wrong reads as its default. {@link #end} notes the names that nobody asked for.
 */
final class Fields {
    private final Map<String, YamlNode> fields;
    private final Set<String> known = new LinkedHashSet<>();
    private final List<Problem> problems;
    private final String path;
    private final int line;

    private Fields(Map<String, YamlNode> fields, int line, String path, List<Problem> problems) {
        this.fields = fields;
        this.line = line;
        this.path = path;
        this.problems = problems;
    }

    static Fields of(YamlNode node, String path, List<Problem> problems) {
        if (node instanceof Mapping mapping) {
            return new Fields(mapping.fields(), mapping.line(), path, problems);
        }
        if (!(node instanceof Scalar scalar && scalar.text().isEmpty())) {
            problems.add(new Problem(node.line(), path, "must be a mapping (name: value), not " + node.kind()));
        }
        return new Fields(Map.of(), node.line(), path, problems);
    }

    /** The line the mapping begins on. */
    int line() {
        return line;
    }

    /** The line of a field, or of the mapping if it is not there. */
    int line(String name) {
        final YamlNode node = fields.get(name);
        return node == null ? line : node.line();
    }

    String path(String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    boolean has(String name) {
        return fields.containsKey(name);
    }

    void problem(String name, String message) {
        problems.add(new Problem(line(name), path(name), message));
    }

    /** The text of a field, or null if it is not there. */
    @Nullable
    String text(String name) {
        known.add(name);
        final YamlNode node = fields.get(name);
        if (node == null) {
            return null;
        }
        if (node instanceof Scalar scalar && !scalar.text().isEmpty()) {
            return scalar.text();
        }
        problem(name, "must be one value, not " + (node instanceof Scalar ? "empty" : node.kind()));
        return null;
    }

    String text(String name, String defaultValue) {
        final String text = text(name);
        return text == null ? defaultValue : text;
    }

    /** As {@link #text(String)}, and its absence is a problem. */
    @Nullable
    String required(String name, String what) {
        if (!fields.containsKey(name)) {
            known.add(name);
            problems.add(new Problem(line, path(name), "missing: " + what));
            return null;
        }
        return text(name);
    }

    /** One word of several. */
    String word(String name, List<String> allowed, String defaultValue) {
        final String text = text(name);
        if (text == null) {
            return defaultValue;
        }
        if (!allowed.contains(text)) {
            problem(name, "must be one of " + String.join(", ", allowed) + ", not '" + text + "'");
            return defaultValue;
        }
        return text;
    }

    int integer(String name, int min, int max, int defaultValue) {
        final String text = text(name);
        if (text == null) {
            return defaultValue;
        }
        try {
            final int value = Integer.parseInt(text.replace("_", ""));
            if (value >= min && value <= max) {
                return value;
            }
        } catch (NumberFormatException e) {
            problem(name, "must be a number from " + min + " to " + max + ", not '" + text + "'");
            return defaultValue;
        }
        problem(name, "must be from " + min + " to " + max + ", not " + text);
        return defaultValue;
    }

    boolean flag(String name, boolean defaultValue) {
        final String text = text(name);
        if (text == null) {
            return defaultValue;
        }
        if (text.equals("true") || text.equals("false")) {
            return text.equals("true");
        }
        problem(name, "must be true or false, not '" + text + "'");
        return defaultValue;
    }

    /** The field as it stands, or null if it is not there. */
    @Nullable
    YamlNode node(String name) {
        known.add(name);
        return fields.get(name);
    }

    /** The items of a list; none if the field is not there. */
    List<YamlNode> items(String name) {
        known.add(name);
        final YamlNode node = fields.get(name);
        if (node == null || (node instanceof Scalar scalar && scalar.text().isEmpty())) {
            return List.of();
        }
        if (node instanceof Sequence sequence) {
            return sequence.items();
        }
        problem(name, "must be a list (lines that begin with '- '), not " + node.kind());
        return List.of();
    }

    /** The mappings of a list. */
    List<Fields> mappings(String name) {
        final List<Fields> result = new ArrayList<>();
        final List<YamlNode> items = items(name);
        for (int i = 0; i < items.size(); i++) {
            result.add(of(items.get(i), path(name) + "[" + i + "]", problems));
        }
        return result;
    }

    /** The texts of a list, each with its line. */
    List<Scalar> texts(String name) {
        final List<Scalar> result = new ArrayList<>();
        for (YamlNode item : items(name)) {
            if (item instanceof Scalar scalar && !scalar.text().isEmpty()) {
                result.add(scalar);
            } else {
                problems.add(new Problem(item.line(), path(name), "every item must be one value, not " + item.kind()));
            }
        }
        return result;
    }

    /** A mapping inside this one; empty if it is not there. */
    Fields inside(String name) {
        known.add(name);
        final YamlNode node = fields.get(name);
        return node == null ? new Fields(Map.of(), line, path(name), problems) : of(node, path(name), problems);
    }

    /** A list item of this mapping; a bare value stands for a mapping with that one field. */
    Fields at(YamlNode node, String where, String field) {
        return node instanceof Scalar scalar && !scalar.text().isEmpty()
                ? new Fields(Map.of(field, node), node.line(), where, problems)
                : of(node, where, problems);
    }

    /** All names, for a mapping whose names are data. */
    Set<String> names() {
        return fields.keySet();
    }

    /** Notes every field that nobody asked for. */
    void end() {
        for (String name : fields.keySet()) {
            if (!known.contains(name)) {
                problem(name, "unknown field; allowed here: " + String.join(", ", known));
            }
        }
    }
}
