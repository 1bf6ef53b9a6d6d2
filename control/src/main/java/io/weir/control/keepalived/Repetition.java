package io.weir.control.keepalived;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The head of a line that is repeated: {@code ~SEQ(NAME, FIRST, STEP, LAST)}, {@code ~SEQx(...)} in hexadecimal,
 * {@code ~LST(NAME, A, B)} or {@code ~LST({N, M}, {A, 1}, {B, 2})}.
 *
 * @param values one list for every turn, in the order of the names
 */
record Repetition(List<String> names, List<List<String>> values) {
    private static final int MOST_TURNS = 65_536;
    private static final long LARGEST = 1L << 48;
    private static final Pattern HEAD = Pattern.compile("~(SEQ|SEQx|LST)\\((.*)\\)");
    private static final Pattern PART = Pattern.compile("\\{([^}]*)\\}|([^,{}]+)");

    /** Null if it is not understood. */
    static @Nullable Repetition parse(String text) {
        final Matcher head = HEAD.matcher(text);
        if (!head.matches()) {
            return null;
        }
        final List<List<String>> parts = parts(head.group(2));
        if (parts.size() < 2) {
            return null;
        }
        final List<String> names = parts.get(0);
        final List<List<String>> rest = parts.subList(1, parts.size());
        if (!names.stream().allMatch(name -> name.matches("[A-Za-z_][A-Za-z0-9_]*"))) {
            return null;
        }
        if (head.group(1).equals("LST")) {
            return rest.stream().allMatch(turn -> turn.size() == names.size()) ? new Repetition(names, rest) : null;
        }
        return rest.stream().allMatch(one -> one.size() == 1)
                ? sequence(
                        names,
                        rest.stream().map(one -> one.get(0)).toList(),
                        head.group(1).endsWith("x"))
                : null;
    }

    private static List<List<String>> parts(String text) {
        final List<List<String>> parts = new ArrayList<>();
        final Matcher part = PART.matcher(text);
        while (part.find()) {
            if (part.group(1) != null) {
                final List<String> inner = new ArrayList<>();
                for (String each : part.group(1).split(",", -1)) {
                    inner.add(each.strip());
                }
                parts.add(inner);
            } else if (!part.group(2).isBlank()) {
                parts.add(List.of(part.group(2).strip()));
            }
        }
        return parts;
    }

    private static boolean isHuge(long number) {
        return number > LARGEST || number < -LARGEST;
    }

    private static @Nullable Repetition sequence(List<String> names, List<String> numbers, boolean hexadecimal) {
        final long[] n = new long[numbers.size()];
        try {
            for (int i = 0; i < n.length; i++) {
                n[i] = Long.decode(numbers.get(i));
            }
        } catch (NumberFormatException e) {
            return null;
        }
        if (n.length > 3 || names.size() != 1) {
            return null;
        }
        final long last = n[n.length - 1];
        final long first = n.length > 1 ? n[0] : last > 0 ? 1 : -1;
        final long step = n.length > 2 ? n[1] : last >= first ? 1 : -1;
        if (step == 0 || isHuge(first) || isHuge(last) || isHuge(step) || (last - first) / step > MOST_TURNS) {
            return null;
        }
        final List<List<String>> turns = new ArrayList<>();
        for (long i = first; step > 0 ? i <= last : i >= last; i += step) {
            turns.add(List.of(hexadecimal ? Long.toHexString(i) : Long.toString(i)));
        }
        return new Repetition(names, turns);
    }
}
