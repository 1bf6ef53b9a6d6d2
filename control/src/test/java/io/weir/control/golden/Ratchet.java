package io.weir.control.golden;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;

/**
 * The scores that have been reached and must not be lost: units and whole scenarios by group.
 *
 * <p><b>Layout</b>: properties {@code GROUP.units}, {@code GROUP.scenarios} (how many are whole) and
 * {@code GROUP.whole} (their names, apart by blanks).
 */
final class Ratchet {
    private static final int LINE = 100;

    private final Properties properties = new Properties();

    static Ratchet read(Path file) throws IOException {
        final Ratchet ratchet = new Ratchet();
        ratchet.properties.load(Files.newBufferedReader(file, StandardCharsets.UTF_8));
        return ratchet;
    }

    int units(String group) {
        return Integer.parseInt(properties.getProperty(group + ".units", "0"));
    }

    int scenarios(String group) {
        return Integer.parseInt(properties.getProperty(group + ".scenarios", "0"));
    }

    List<String> whole(String group) {
        return Arrays.stream(properties.getProperty(group + ".whole", "").split(" ", -1))
                .filter(name -> !name.isEmpty())
                .toList();
    }

    /** The file that holds these scores. */
    static String text(CorpusScore score) {
        final StringBuilder text = new StringBuilder(
                "# What the replay of this corpus has reached; CorpusGoldenTest fails below it. Only ever raise it.\n");
        score.groups().forEach((name, group) -> {
            text.append('\n').append(name).append(".units=").append(group.equalUnits());
            text.append('\n')
                    .append(name)
                    .append(".scenarios=")
                    .append(group.whole().size());
            text.append('\n').append(name).append(".whole=");
            int column = LINE;
            for (String scenario : group.whole()) {
                column += scenario.length() + 1;
                if (column > LINE) {
                    text.append(" \\\n   "); // a name's own blank is lost behind a line end
                    column = scenario.length() + 4;
                }
                text.append(' ').append(scenario);
            }
            text.append('\n');
        });
        return text.toString();
    }
}
