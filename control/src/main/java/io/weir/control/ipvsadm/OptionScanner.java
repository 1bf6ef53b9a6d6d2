package io.weir.control.ipvsadm;

import io.weir.control.ipvsadm.CliOption.Argument;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Walks a command line option by option, as the popt library does: grouped letters, attached arguments with or without
 * {@code =}, {@code --} as the end of options, other words kept for later.
 */
final class OptionScanner {
    private final List<String> words;
    private final List<String> operands = new ArrayList<>(0);
    private int nextOperand;
    private int next;
    /** Letters of a group still to be read, with their position; empty between words. */
    private String group = "";

    private boolean optionsEnded;
    private boolean letterBIsFullNat;
    private @Nullable String argument;
    private String current = "";

    OptionScanner(List<String> words) {
        this.words = words;
    }

    /** From here on {@code -b} is the forwarding method and takes no argument. */
    void letterBIsFullNat() {
        letterBIsFullNat = true;
    }

    /** The next option, or null at the end. */
    @Nullable
    CliOption next() throws IpvsadmException {
        argument = null;
        while (group.isEmpty()) {
            if (next == words.size()) {
                return null;
            }
            current = words.get(next++);
            if (optionsEnded || current.length() < 2 || current.charAt(0) != '-') {
                operands.add(current);
            } else if ("--".equals(current)) {
                optionsEnded = true;
            } else if (current.startsWith("--")) {
                return longOption(current.substring(2));
            } else {
                group = current.substring(1);
            }
        }
        return letter();
    }

    private CliOption longOption(String text) throws IpvsadmException {
        final int equals = text.indexOf('=');
        final CliOption option = CliOption.ofName(equals < 0 ? text : text.substring(0, equals));
        if (option == null) {
            throw complain("unknown option");
        }
        if (equals >= 0 && option.argument() == Argument.NONE) {
            throw complain("option does not take an argument");
        }
        takeArgument(option, equals < 0 ? null : text.substring(equals + 1));
        return option;
    }

    private CliOption letter() throws IpvsadmException {
        final char letter = group.charAt(0);
        group = group.substring(1);
        final CliOption option = letter == 'b' && letterBIsFullNat ? CliOption.FULLNAT : CliOption.ofLetter(letter);
        if (option == null) {
            throw complain("unknown option");
        }
        if (option.argument() != Argument.NONE) {
            final String attached = group.startsWith("=") ? group.substring(1) : group;
            final boolean none = group.isEmpty();
            group = "";
            takeArgument(option, none ? null : attached);
        }
        return option;
    }

    private void takeArgument(CliOption option, @Nullable String attached) throws IpvsadmException {
        if (option.argument() == Argument.NONE) {
            return;
        }
        if (attached != null) {
            argument = attached;
        } else if (option.argument() == Argument.OPTIONAL) {
            final boolean word = next < words.size() && !words.get(next).startsWith("-");
            argument = word ? words.get(next++) : null;
        } else if (next == words.size()) {
            throw complain("missing argument");
        } else {
            argument = words.get(next++);
        }
    }

    private IpvsadmException complain(String what) {
        return IpvsadmException.ofLine(badWord() + ": " + what);
    }

    /** The word the last option stands in, as messages quote it. */
    String badWord() {
        return current;
    }

    /** The last option's argument; null if an optional one is missing. */
    @Nullable
    String argument() {
        return argument;
    }

    /** The next word that is no option, or null. */
    @Nullable
    String operand() {
        return nextOperand < operands.size() ? operands.get(nextOperand++) : null;
    }
}
