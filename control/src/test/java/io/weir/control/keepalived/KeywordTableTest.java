package io.weir.control.keepalived;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.control.health.Checkers;
import io.weir.control.keepalived.LineReport.Kind;
import io.weir.control.keepalived.LineReport.Remark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every line of docs/keepalived-keywords.md has the fate that the page says it has. */
@SuppressWarnings("NullAway.Init") // the folder is made before each test
class KeywordTableTest {
    private static final Path PAGE = Path.of("..", "docs", "keepalived-keywords.md");
    private static final Pattern QUOTED = Pattern.compile("`([^`]+)`");
    private static final int FEWEST_LINES = 250;

    private static final String BFD = "bfd_instance B {\nneighbor_ip 192.0.2.2\n}\n";
    private static final String TRACKED = "vrrp_script s {\nscript /bin/true\n}\ntrack_file f {\nfile /tmp/f\n}\n"
            + "vrrp_track_process p {\nprocess nginx\n}\n"
            + BFD;
    private static final String INSTANCE =
            "vrrp_instance VI_1 {\ninterface e0\nvirtual_router_id 1\n" + "virtual_ipaddress {\n192.0.2.1\n}\n%s}\n";
    private static final String SERVICE = BFD + "virtual_server 192.0.2.1 80 {\n%s}\n";
    private static final String SERVER = String.format(SERVICE, "real_server 10.0.0.1 80 {\n%s}\n");
    private static final Map<String, String> AROUND = new HashMap<>();

    static {
        AROUND.put("the file", String.format(INSTANCE, "") + TRACKED + "%s");
        AROUND.put("global_defs", "global_defs {\n%s}\n");
        AROUND.put("vrrp_instance", TRACKED + INSTANCE);
        AROUND.put("vrrp_sync_group", TRACKED + String.format(INSTANCE, "") + "vrrp_sync_group G {\n%s}\n");
        AROUND.put("vrrp_script", "vrrp_script x {\nscript /bin/false\n%s}\n");
        AROUND.put("track_file", "track_file x {\nfile /tmp/x\n%s}\n");
        AROUND.put("vrrp_track_process", "vrrp_track_process x {\nprocess x\n%s}\n");
        AROUND.put("virtual_server_group", "virtual_server_group x {\n%s}\nvirtual_server group x {\n}\n");
        AROUND.put("virtual_server", SERVICE);
        AROUND.put("real_server", SERVER);
        AROUND.put("bfd_instance", "bfd_instance x {\nneighbor_ip 192.0.2.2\n%s}\n");
        AROUND.put("url", String.format(SERVER, "HTTP_GET {\nurl {\n%s}\n}\n"));
        AROUND.put("MISC_CHECK", String.format(SERVER, "MISC_CHECK {\nmisc_path /bin/false\n%s}\n"));
        AROUND.put("FILE_CHECK", String.format(SERVER, "FILE_CHECK {\ntrack_file /tmp/x\n%s}\n"));
        AROUND.put("HTTP_GET", String.format(SERVER, "HTTP_GET {\nurl {\npath /\n}\n%s}\n"));
        AROUND.put("SSL_GET", String.format(SERVER, "SSL_GET {\nurl {\npath /\n}\n%s}\n"));
        for (String check : List.of("TCP_CHECK", "SMTP_CHECK", "DNS_CHECK", "UDP_CHECK")) {
            AROUND.put(check, String.format(SERVER, check + " {\n%s}\n"));
        }
    }

    @TempDir
    private Path folder;

    /** A block in one line, as the page has it, as keepalived wants it: one statement a line. */
    private static String statement(String line) {
        return line.replace("{ ", "{\n")
                        .replace(" }", "\n}")
                        .replaceAll(" (gna_interval|auth_pass|garp_interval)", "\n$1")
                + "\n";
    }

    private Remark fate(String block, String line) throws IOException {
        final Path file = folder.resolve("keepalived.conf");
        Files.writeString(file, String.format(AROUND.get(block), statement(line)));
        final List<Remark> remarks =
                KeepalivedReader.read(file, "main", Checkers.kinds()).report().remarks();
        final String begin = statement(line).lines().findFirst().orElse("");
        assertTrue(
                remarks.stream().noneMatch(each -> each.kind() == Kind.WRONG),
                () -> block + ": " + line + ": " + remarks);
        // Of two equal ones, the later one is ours.
        return remarks.stream()
                .filter(each -> (each.text() + " ").startsWith(begin + " "))
                .reduce((first, second) -> second)
                .orElseThrow(() -> new AssertionError(block + ": " + line + ": " + remarks));
    }

    @Test
    void shouldMakeOfEveryKeywordWhatThePageSays() throws IOException {
        final List<String> other = new ArrayList<>();
        String block = "";
        int lines = 0;
        for (String row : Files.readAllLines(PAGE)) {
            if (row.startsWith("## ")) {
                block = row.substring(3).replace("`", "");
                assertTrue(AROUND.containsKey(block), block);
            } else if (row.startsWith("| `")) {
                final String[] cells = row.split(" \\| ", -1);
                final boolean used = cells[2].startsWith("used");
                final Matcher each = QUOTED.matcher(cells[0]);
                while (each.find()) {
                    lines++;
                    final Remark fate = fate(block, each.group(1));
                    if ((fate.kind() != Kind.IGNORED) != used || fate.why().contains("unknown keyword")) {
                        other.add(block + ": " + fate.format() + " but the page says " + cells[2]);
                    }
                }
            }
        }
        assertEquals(List.of(), other);
        assertTrue(lines > FEWEST_LINES, "lines: " + lines);
    }

    @Test
    void shouldRefuseAuthenticationByAh() throws IOException {
        final Path file = folder.resolve("keepalived.conf");
        Files.writeString(file, String.format(INSTANCE, "authentication {\nauth_type AH\nauth_pass 1\n}\n"));
        final List<Remark> wrong =
                KeepalivedReader.read(file, "main", Checkers.kinds()).report().remarks(Kind.WRONG);
        assertEquals(1, wrong.size(), wrong::toString);
        assertTrue(
                wrong.get(0).format().contains("keepalived.conf:8: wrong: auth_type AH  (AH is not supported"),
                wrong::toString);
    }
}
