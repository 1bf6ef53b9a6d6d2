package io.weir.control.config;

/**
 * One thing that is wrong in a configuration.
 *
 * @param line from 1, or 0 if it concerns the file as a whole
 * @param field where: {@code services[0].servers[1].weight}, or ""
 * @param message what is wrong and what is allowed
 */
public record Problem(int line, String field, String message) {
    /** One line for the user. */
    public String format(String file) {
        final String text =
                file + (line > 0 ? ":" + line : "") + ": " + (field.isEmpty() ? "" : field + ": ") + message;
        // What it quotes may have been written over several lines.
        return text.replaceAll("\\R", "\\\\n").replaceAll("\\p{Cntrl}", "?");
    }
}
