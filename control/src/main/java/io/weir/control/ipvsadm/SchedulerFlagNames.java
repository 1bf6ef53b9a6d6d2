package io.weir.control.ipvsadm;

import io.weir.sched.SchedulerFlags;
import java.util.ArrayList;
import java.util.List;
import java.util.StringTokenizer;
import java.util.stream.Stream;

/** The words of {@code -b}: some schedulers have names of their own for the three flags. */
final class SchedulerFlagNames {
    private static final int[] BITS = {SchedulerFlags.FLAG_1, SchedulerFlags.FLAG_2, SchedulerFlags.FLAG_3};
    private static final List<String> PLAIN = List.of("flag-1", "flag-2", "flag-3");
    private static final List<String> SH = List.of("sh-fallback", "sh-port");
    private static final List<String> MH = List.of("mh-fallback", "mh-port");

    /** Ours; the first flag has no name there. */
    private static final List<String> CONHASH = List.of("flag-1", "conhash-port");

    private static final List<String> MAGLEV = List.of("flag-1", "maglev-port");

    private SchedulerFlagNames() {}

    private static List<String> names(String scheduler) {
        return switch (scheduler) {
            case "sh" -> SH;
            case "mh" -> MH;
            case "conhash" -> CONHASH;
            case "maglev" -> MAGLEV;
            default -> PLAIN;
        };
    }

    /** The bits of a comma-separated list for a scheduler as given on the command line (perhaps not at all: ""). */
    static int parse(String scheduler, String text) throws IpvsadmException {
        if (text.isEmpty()) {
            return 0; // to ipvsadm, that is no flag; at a comma alone it crashes
        }
        final StringTokenizer words = new StringTokenizer(text, ",");
        if (!words.hasMoreTokens()) {
            throw IpvsadmException.refused("invalid scheduler flag `" + text + "'");
        }
        int flags = 0;
        while (words.hasMoreTokens()) {
            flags |= bit(scheduler, words.nextToken());
        }
        return flags;
    }

    private static int bit(String scheduler, String word) throws IpvsadmException {
        final int own = names(scheduler).indexOf(word);
        final int plain = PLAIN.indexOf(word);
        if (own >= 0 || plain >= 0) {
            return BITS[Math.max(own, plain)];
        }
        final boolean known = Stream.of(SH, MH, CONHASH, MAGLEV).anyMatch(names -> names.contains(word));
        throw IpvsadmException.refused((known ? "incompatible" : "invalid") + " scheduler flag `" + word + "'");
    }

    /** The words for some bits, joined with commas; sh and mh do not show the third. */
    static String format(String scheduler, int flags) {
        final List<String> words = new ArrayList<>();
        final List<String> names = names(scheduler);
        for (int i = 0; i < names.size(); i++) {
            if ((flags & BITS[i]) != 0) {
                words.add(names.get(i));
            }
        }
        return String.join(",", words);
    }
}
