package io.weir.control.config;

import java.util.List;
import java.util.stream.Collectors;

/** A configuration cannot be used; the message has one line for every problem. */
public final class ConfigException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient List<Problem> problems;

    public ConfigException(String file, List<Problem> problems) {
        super(problems.stream().map(problem -> problem.format(file)).collect(Collectors.joining("\n")));
        this.problems = List.copyOf(problems);
    }

    /** All of them, in the order of the file. */
    public List<Problem> problems() {
        return problems;
    }
}
