package io.weir.control.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.weir.dataplane.Sysctls;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** docs/sysctls.md lists what there is, with the defaults there are. */
final class SysctlPageTest {
    private static final Pattern ROW = Pattern.compile("(?m)^\\| `([a-z_]+)` \\| ([0-9 ]+) \\|");

    @Test
    void shouldListEverySettingWithItsDefault() throws IOException {
        final Map<String, String> code = new TreeMap<>();
        for (final String name : Sysctls.names()) {
            final String second = name.equals("sync_threshold") ? " " + Sysctls.DEFAULTS.syncPeriod() : "";
            code.put(name, Sysctls.DEFAULTS.value(name) + second);
        }
        final Map<String, String> page = new TreeMap<>();
        final Matcher rows = ROW.matcher(Files.readString(SourceTree.root().resolve("docs/sysctls.md")));
        while (rows.find()) {
            page.put(rows.group(1), rows.group(2));
        }
        assertEquals(code, page);
    }
}
