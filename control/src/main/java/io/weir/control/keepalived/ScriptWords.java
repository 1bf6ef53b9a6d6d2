package io.weir.control.keepalived;

import io.weir.control.keepalived.KeepalivedConfig.Script;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads a script's line: {@code KEYWORD "COMMAND ARGUMENTS" [USER [GROUP]]}. */
final class ScriptWords {
    private static final Pattern WORD = Pattern.compile("'([^']*)'|(\\S+)");

    private ScriptWords() {}

    /** The script a keyword names, or null. */
    static @Nullable Script read(Block block, String... keywords) {
        final Statement last = block.last(keywords);
        return last == null ? null : read(block, last);
    }

    static @Nullable Script read(Block block, Statement statement) {
        final List<String> arguments = statement.arguments();
        if (arguments.isEmpty() || arguments.get(0).isBlank()) {
            block.report().wrong(statement, "a command is missing");
            return null;
        }
        return new Script(
                split(arguments.get(0)),
                arguments.size() > 1 ? arguments.get(1) : null,
                arguments.size() > 2 ? arguments.get(2) : null);
    }

    /** Words of a command; single quotes hold blanks. */
    static List<String> split(String command) {
        final List<String> words = new ArrayList<>();
        final Matcher matcher = WORD.matcher(command);
        while (matcher.find()) {
            words.add(matcher.group(1) == null ? matcher.group(2) : matcher.group(1));
        }
        return words;
    }
}
