package io.weir.bench.quality;

import java.io.PrintStream;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** Says how far a long run is: on a terminal in one line that is written over, else a line now and then. */
public final class Progress {
    private static final long QUIET_NS = TimeUnit.SECONDS.toNanos(5);
    private static final int WIDTH = 78;
    private static final int MINUTE = 60;

    private final PrintStream out;
    private final boolean terminal;
    private long startNs = System.nanoTime();
    private long saidNs = startNs;

    /** The terminal is the launcher's word: {@code -Dweir.terminal=true}. */
    public Progress(PrintStream out) {
        this.out = out;
        this.terminal = Boolean.getBoolean("weir.terminal");
    }

    /** Step {@code done} of {@code all} begins. */
    public void step(int done, int all, String what) {
        final long nowNs = System.nanoTime();
        if (done == 1) {
            startNs = nowNs;
        }
        if (!terminal && nowNs - saidNs < QUIET_NS) {
            return;
        }
        saidNs = nowNs;
        final String line =
                String.format(Locale.ROOT, "[%d/%d, %s] %s", done, all, left(nowNs - startNs, done - 1, all), what);
        if (terminal) {
            out.printf("\r%-" + WIDTH + "." + WIDTH + "s", line);
            out.flush();
        } else {
            out.println(line);
        }
    }

    /** What is left, if the rest goes on as what is done did. */
    static String left(long spentNs, int done, int all) {
        if (done == 0) {
            return "begins";
        }
        final long seconds = TimeUnit.NANOSECONDS.toSeconds((long) ((double) spentNs / done * (all - done)));
        return seconds >= MINUTE ? (seconds + MINUTE / 2) / MINUTE + " min left" : seconds + " s left";
    }

    /** All is done: the line is cleared. */
    public void end() {
        if (terminal) {
            out.print("\r" + " ".repeat(WIDTH) + "\r");
            out.flush();
        }
    }
}
