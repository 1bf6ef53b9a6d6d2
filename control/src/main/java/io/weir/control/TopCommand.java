package io.weir.control;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.weir.control.client.Call;
import io.weir.control.top.TopChoice;
import io.weir.control.top.TopScreen;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jline.terminal.Attributes;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jline.utils.InfoCmp.Capability;
import org.jline.utils.NonBlockingReader;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code weir top}: the director's work on a terminal, live; keys sort and filter. */
@Command(
        name = "top",
        description = "Shows what the running director does, live: services or servers, rates, drops by reason, CPU."
                + " Keys sort and filter; h shows them.")
final class TopCommand implements Callable<Integer> {
    private static final int LINES_OF_A_FILE = 60;
    private static final int COLUMNS_OF_A_FILE = 160;
    private static final int ESCAPE = 27;
    private static final long KEY_WAIT_MS = 50;

    @Mixin
    private RemoteCommand remote = new RemoteCommand();

    @Option(names = "--once", description = "One look, as text; so is every look that does not go to a terminal.")
    private boolean once;

    @Option(names = "--servers", description = "Begins with servers, not with services.")
    private boolean servers;

    @Option(
            names = {"-d", "--delay"},
            paramLabel = "SECONDS",
            defaultValue = "1",
            description = "Time between two looks (default: ${DEFAULT-VALUE}).")
    private int delay = 1;

    private final TopChoice choice = new TopChoice();
    private final ObjectMapper mapper = new ObjectMapper();
    private @Nullable JsonNode before;
    private @Nullable JsonNode now;

    @Override
    public Integer call() throws RunException, IOException {
        choice.servers(servers);
        // The launcher knows whether there is a terminal: on JDK 22 and newer System.console() does not tell.
        final boolean terminal = Boolean.parseBoolean(System.getProperty("weir.terminal", "false"));
        try {
            return once || !terminal ? print() : watch();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 1;
        }
    }

    private int print() throws RunException, IOException, InterruptedException {
        look(LINES_OF_A_FILE);
        TimeUnit.SECONDS.sleep(Math.max(1, delay));
        look(LINES_OF_A_FILE);
        lines(COLUMNS_OF_A_FILE, LINES_OF_A_FILE).forEach(System.out::println);
        return 0;
    }

    private void look(int rows) throws RunException, IOException {
        final ByteArrayOutputStream out = new ByteArrayOutputStream();
        final ByteArrayOutputStream err = new ByteArrayOutputStream();
        final int status;
        try {
            status = Call.run(remote.socket(), Call.words(choice.words(rows)), new byte[0], out, err);
        } catch (IOException e) {
            throw new RunException("weir: no director answers at " + remote.socket() + ": " + e.getMessage(), e);
        }
        if (status != 0) {
            throw new RunException(err.toString(StandardCharsets.UTF_8).strip());
        }
        before = now;
        now = mapper.readTree(out.toByteArray());
    }

    private List<String> lines(int width, int height) {
        return now == null ? List.of() : TopScreen.lines(now, before, choice, width, height);
    }

    private int watch() throws RunException, IOException, InterruptedException {
        try (Terminal terminal = TerminalBuilder.builder().system(true).build()) {
            final Attributes saved = terminal.enterRawMode();
            terminal.puts(Capability.enter_ca_mode);
            terminal.puts(Capability.cursor_invisible);
            try {
                watch(terminal);
                return 0;
            } finally {
                terminal.puts(Capability.cursor_normal);
                terminal.puts(Capability.exit_ca_mode);
                terminal.setAttributes(saved);
                terminal.flush();
            }
        }
    }

    private void watch(Terminal terminal) throws RunException, IOException, InterruptedException {
        final NonBlockingReader keys = terminal.reader();
        boolean go = true;
        while (go) {
            final int height = Math.max(1, terminal.getRows());
            if (!choice.isPaused() || now == null) {
                look(height - TopScreen.HEAD);
            }
            draw(terminal, height);
            final int key = keys.read(TimeUnit.SECONDS.toMillis(Math.max(1, delay)));
            go = key != -1 && (key == NonBlockingReader.READ_EXPIRED || choice.key(whole(key, keys)));
        }
    }

    /** An arrow comes as three characters. */
    private static int whole(int key, NonBlockingReader keys) throws IOException {
        if (key != ESCAPE || keys.peek(KEY_WAIT_MS) == NonBlockingReader.READ_EXPIRED) {
            return key;
        }
        keys.read(KEY_WAIT_MS);
        final int last = keys.read(KEY_WAIT_MS);
        return last == 'A' ? TopChoice.UP : last == 'B' ? TopChoice.DOWN : 0;
    }

    private void draw(Terminal terminal, int height) {
        final PrintWriter out = terminal.writer();
        terminal.puts(Capability.cursor_home);
        final List<String> lines = lines(Math.max(1, terminal.getColumns()), height);
        for (int i = 0; i < lines.size(); i++) {
            out.print(i == TopScreen.HEAD - 1 ? "\u001b[7m" + lines.get(i) + "\u001b[0m" : lines.get(i));
            terminal.puts(Capability.clr_eol);
            if (i < lines.size() - 1) {
                out.print("\r\n");
            }
        }
        terminal.puts(Capability.clr_eos);
        terminal.flush();
    }
}
