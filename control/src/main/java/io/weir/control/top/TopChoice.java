package io.weir.control.top;

import java.util.List;
import java.util.Locale;

/**
 * What the operator has chosen: services or servers, order, text to look for, how far down.
 *
 * <p><b>Thread</b>: the terminal's.
 */
public final class TopChoice {
    /** A key that is more than a character. */
    public static final int UP = -10;

    public static final int DOWN = -11;
    private static final int ESCAPE = 27;
    private static final int BACKSPACE = 8;
    private static final int DELETE = 127;
    private static final int LONGEST_TEXT = 64;

    private boolean servers;
    private TopColumn sort = TopColumn.CONNS;
    private boolean leastFirst;
    private String text = "";
    private boolean typing;
    private boolean paused;
    private boolean help;
    private int offset;

    /** Takes a key; false if it is the one to quit by. */
    public boolean key(int key) {
        if (typing) {
            type(key);
            return true;
        }
        switch (key) {
            case 'q', 'Q', 3 -> {
                return false;
            }
            case '\t', 's' -> {
                servers = !servers;
                offset = 0;
            }
            case 'r' -> leastFirst = !leastFirst;
            case ' ' -> paused = !paused;
            case 'h', '?' -> help = !help;
            case '/' -> typing = true;
            case ESCAPE -> text = "";
            case UP, 'k' -> offset = Math.max(0, offset - 1);
            case DOWN, 'j' -> offset++;
            default -> sortBy(key);
        }
        return true;
    }

    private void type(int key) {
        offset = 0;
        if (key == '\r' || key == '\n') {
            typing = false;
        } else if (key == ESCAPE) {
            typing = false;
            text = "";
        } else if ((key == BACKSPACE || key == DELETE) && !text.isEmpty()) {
            text = text.substring(0, text.length() - 1);
        } else if (key >= ' ' && key < DELETE && text.length() < LONGEST_TEXT) {
            text += (char) key;
        }
    }

    private void sortBy(int key) {
        for (TopColumn column : TopColumn.values()) {
            if (column.key() == key) {
                sort = column;
                offset = 0;
            }
        }
    }

    /** The words that ask a director for it. */
    public String[] words(int rows) {
        return new String[] {
            "top",
            servers ? "servers" : "services",
            (leastFirst ? "-" : "") + sort.name().toLowerCase(Locale.ROOT),
            Integer.toString(Math.max(0, rows)),
            Integer.toString(offset),
            text
        };
    }

    /** Shows servers from the start, for a command line that says so. */
    public void servers(boolean wanted) {
        servers = wanted;
    }

    /** Goes back as far as there are rows. */
    void atMost(int matching) {
        offset = Math.max(0, Math.min(offset, matching - 1));
    }

    /** Does the screen stand still? */
    public boolean isPaused() {
        return paused;
    }

    boolean isServers() {
        return servers;
    }

    TopColumn sort() {
        return sort;
    }

    /** What is chosen, in a line. */
    String line(int matching) {
        final String order = sort.title().toLowerCase(Locale.ROOT) + (leastFirst ? ", least first" : "");
        final String look = typing ? "/" + text + "_" : text.isEmpty() ? "" : "/" + text;
        return (servers ? "servers" : "services") + " by " + order + "  " + (offset + (matching == 0 ? 0 : 1)) + " of "
                + matching + "  " + look + (paused ? "  paused" : "");
    }

    boolean isHelp() {
        return help;
    }

    static final List<String> HELP = List.of(
            "q quit    Tab or s services, servers    / text to look for, Esc all    Space stand still    arrows, j k scroll",
            "sort by: c connections/s   p P packets/s in, out   b B bytes/s in, out   a active   i inactive   w weight   n name   r the other way round");
}
