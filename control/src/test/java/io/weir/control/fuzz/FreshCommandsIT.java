package io.weir.control.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.weir.control.guest.Guest;
import io.weir.control.ipvsadm.Ipvsadm;
import io.weir.control.ipvsadm.NameService;
import io.weir.control.ipvsadm.SystemNames;
import io.weir.control.state.DirectorState;
import io.weir.packet.IpAddress;
import io.weir.service.DestinationLoad;
import io.weir.service.SlotCounters;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Random command lines, the same each time, before the real ipvsadm on a real kernel and before Weir's: byte for byte. */
@Tag("netns")
@Tag("once")
final class FreshCommandsIT {
    private static final long SEED = Long.getLong("weir.commands.seed", 1);
    private static final int LINES = Integer.getInteger("weir.commands.lines", 400);
    private static final int SLOTS = 4096;
    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final HexFormat HEX = HexFormat.of();

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    private Path work;

    /** The names of the guest: its file of hosts, the machine's file of services, and no server. */
    private static final class GuestNames implements NameService {
        private final Map<String, IpAddress> hosts = Map.of(
                "localhost", IpAddress.parse("127.0.0.1"),
                "vip1.test", IpAddress.parse("203.0.113.1"),
                "vip2.test", IpAddress.parse("203.0.113.2"),
                "rs10.test", IpAddress.parse("10.20.0.10"),
                "rs11.test", IpAddress.parse("10.20.0.11"));
        private final NameService ports = new SystemNames();

        @Override
        public @Nullable IpAddress address(String host) {
            return hosts.get(host);
        }

        @Override
        public @Nullable String host(IpAddress address) {
            return hosts.entrySet().stream()
                    .filter(each -> each.getValue().equals(address))
                    .map(Map.Entry::getKey)
                    .findFirst()
                    .orElse(null);
        }

        @Override
        public int port(String service, int protocol) {
            return ports.port(service, protocol);
        }

        @Override
        public @Nullable String service(int port, int protocol) {
            return ports.service(port, protocol);
        }
    }

    private static UnsafeBuffer memory(int bytes) {
        return new UnsafeBuffer(ByteBuffer.allocateDirect(bytes));
    }

    private static Ipvsadm weir() {
        final DestinationLoad load =
                new DestinationLoad(new SlotCounters(memory(SLOTS * SlotCounters.ROW_BYTES)), memory(SLOTS));
        final SlotCounters services = new SlotCounters(memory(SLOTS * SlotCounters.ROW_BYTES));
        return new Ipvsadm(new DirectorState(load, services, 1, 0), new GuestNames(), List::of);
    }

    private static String hex(String text) {
        return HEX.formatHex(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static String text(String hex) {
        return new String(HEX.parseHex(hex), StandardCharsets.ISO_8859_1);
    }

    private List<Ipvsadm.Result> kernel(List<CommandMaker.Line> lines) throws IOException, InterruptedException {
        try (InputStream in = Objects.requireNonNull(Guest.class.getResourceAsStream("/guest/commands.pl"))) {
            Files.write(work.resolve("commands.pl"), in.readAllBytes());
        }
        Files.write(
                work.resolve("commands"),
                lines.stream()
                        .map(line -> hex(line.input())
                                + line.words().stream()
                                        .map(word -> " " + hex(word))
                                        .collect(Collectors.joining()))
                        .toList());
        final Guest.Run run = Guest.in(work).run("perl /mnt/commands.pl /mnt", LIMIT);
        final List<Ipvsadm.Result> results = new ArrayList<>();
        for (String answer : Files.readAllLines(work.resolve("answers"))) {
            final String[] parts = answer.split("\t", -1);
            results.add(new Ipvsadm.Result(Integer.parseInt(parts[0]), text(parts[1]), text(parts[2])));
        }
        assertEquals(lines.size(), results.size(), run::console);
        return results;
    }

    @Test
    void shouldAnswerEveryCommandLineAsTheRealOne() throws Exception {
        if (!Guest.isInstalled()) {
            System.out.println("no user-mode kernel on this machine (package user-mode-linux): no fresh command lines");
            return;
        }
        final CommandMaker maker = new CommandMaker(SEED);
        final List<CommandMaker.Line> lines = new ArrayList<>();
        for (int i = 0; i < LINES; i++) {
            lines.add(maker.next());
        }
        final List<Ipvsadm.Result> wanted = kernel(lines);
        final Ipvsadm ipvsadm = weir();
        final StringBuilder differences = new StringBuilder();
        for (int i = 0; i < LINES; i++) {
            final CommandMaker.Line line = lines.get(i);
            final Ipvsadm.Result got = ipvsadm.run(line.words(), line.input());
            if (!got.equals(wanted.get(i))) {
                differences
                        .append(i)
                        .append(": ")
                        .append(line)
                        .append("\n  wanted ")
                        .append(wanted.get(i));
                differences.append("\n  got    ").append(got).append('\n');
            }
        }
        assertEquals("", differences.toString());
    }
}
