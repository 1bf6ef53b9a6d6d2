package io.weir.control.lab;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A SYN flood as docs/operations.md has it: a running director, a table it fills several times over, the three defences
 * automatic. Downloads that had begun go on to their ends, and when it is over everything is as before.
 */
@Tag("netns")
@Tag("once")
@SuppressWarnings("NullAway.Init") // the lab is made before each test
class SynFloodIT {
    private static final int TABLE = 4096;
    private static final int SYNS = 24_000;
    private static final int PER_SECOND = 3_000;
    private static final int DOWNLOADS = 4;
    /** Three megabytes take longer than the flood. */
    private static final String SLOWLY = "100k";

    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final Duration CALM = Duration.ofMinutes(2);

    private Lab lab;

    @BeforeEach
    void setUp() {
        lab = Lab.create(LabOptions.of(LabMethod.NAT));
        // Answers of the servers find a way out, to where nobody takes them.
        lab.director().ip("route add 198.18.0.0/15 via " + LabPlan.CLIENT4 + "\n");
        lab.startDirector(LabConfig.of(lab).replace("size: 65536", "size: " + TABLE)
                + "sysctls: {drop_entry: 1, drop_packet: 1, secure_tcp: 1}\n");
    }

    @AfterEach
    void tearDown() {
        lab.close();
    }

    private long counter(String name) {
        return DirectorProcess.counters(lab)
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToLong(line -> Long.parseLong(line.split(" ", -1)[1]))
                .findFirst()
                .orElse(0);
    }

    private Path file(int number) {
        return lab.folder().resolve("download" + number);
    }

    private List<Background> startDownloads() {
        final List<Background> all = new ArrayList<>();
        for (int i = 0; i < DOWNLOADS; i++) {
            final List<String> command = new ArrayList<>(List.of("curl", "-sS", "-f", "-m", "110"));
            command.addAll(List.of("-o", file(i).toString(), "http://" + LabPlan.VIP4 + "/big?rate=" + SLOWLY));
            all.add(lab.start(lab.client(), "download" + i, command));
        }
        for (int i = 0; i < DOWNLOADS; i++) {
            final Path file = file(i);
            all.get(i).awaitUntil(LIMIT, () -> file.toFile().length() > 0);
        }
        return all;
    }

    private Background startFlood() {
        final List<String> command = new ArrayList<>(WeirCommand.of("run"));
        command.subList(command.indexOf("io.weir.control.WeirMain"), command.size())
                .clear();
        command.add(SynFlood.class.getName());
        command.addAll(List.of("c0", LabPlan.mac(1, 1), LabPlan.VIP4, "80"));
        command.addAll(List.of(Integer.toString(SYNS), Integer.toString(PER_SECOND)));
        final Background flood = lab.start(lab.client(), "flood", command);
        flood.awaitUntil(LIMIT, () -> flood.output().contains("begun"));
        return flood;
    }

    @Test
    void shouldCarryWhatIsEstablishedThroughAFlood() throws Exception {
        final byte[] right = MessageDigest.getInstance("SHA-256").digest(WebServer.big());
        final List<Background> downloads = startDownloads();
        assertEquals(1, counter("defence.drop_entry"));

        final Background flood = startFlood();
        await(() -> counter("defence.drop_entry") == 2 && counter("defence.secure_tcp") == 2);
        await(() -> flood.output().contains("sent " + SYNS));

        final String counters = DirectorProcess.counters(lab);
        assertTrue(counter("sacrificed") > 0, counters);
        assertTrue(counter("drop.DEFENCE") > 0, counters);
        assertTrue(counter("received") > SYNS, counters);
        assertEquals(0, counter("bugs"), counters);
        for (int i = 0; i < DOWNLOADS; i++) {
            final Background download = downloads.get(i);
            assertTrue(
                    download.isAlive(),
                    () -> "the download ended before the flood: " + download.status() + " " + download.output());
        }
        for (int i = 0; i < DOWNLOADS; i++) {
            final Background download = downloads.get(i);
            await(() -> !download.isAlive());
            assertEquals(0, download.status(), download.output());
            assertArrayEquals(right, MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file(i))));
        }
        await(() -> counter("defence.drop_entry") == 1 && counter("defence.secure_tcp") == 1);
        assertTrue(new Traffic(lab).fetch(false).startsWith("rs"));
    }

    private static void await(BooleanSupplier condition) {
        final long end = System.nanoTime() + CALM.toNanos();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() - end < 0, "waited in vain");
            Background.pause(100);
        }
    }
}
