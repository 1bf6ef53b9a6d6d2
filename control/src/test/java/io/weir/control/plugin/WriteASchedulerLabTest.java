package io.weir.control.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.packet.IpAddress;
import io.weir.sched.Flow;
import io.weir.sched.Scheduler;
import io.weir.sched.Schedulers.Plugins;
import io.weir.service.Destination;
import io.weir.service.DestinationLoad;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What docs/labs/write-a-scheduler.md prints compiles, passes, does what it says, and fails as it says. */
class WriteASchedulerLabTest {
    private static final Pattern CODE = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

    @TempDir
    private Path folder;

    private final List<String> problems = new ArrayList<>();

    private static String page() throws IOException {
        Path root = Path.of("").toAbsolutePath();
        while (!Files.exists(root.resolve("docs/labs"))) {
            root = Objects.requireNonNull(root.getParent());
        }
        return Files.readString(root.resolve("docs/labs/write-a-scheduler.md"));
    }

    private static String code() throws IOException {
        final Matcher code = CODE.matcher(page());
        assertTrue(code.find());
        return code.group(1);
    }

    private Plugins load(String source) throws IOException {
        JarMaker.make(folder.resolve("subnet.jar"), "lab.SubnetScheduler", source, "lab.SubnetScheduler\n");
        return PluginFolder.read(folder, problems::add);
    }

    @Test
    void shouldTakeTheSchedulerOfThePage() throws IOException {
        final Plugins plugins = load(code());
        assertEquals(List.of(), problems);
        final List<Destination> servers = new ArrayList<>();
        for (int slot = 0; slot < 5; slot++) {
            servers.add(new Destination(
                    slot, new IpAddress(0, IpAddress.v4(10 << 24 | slot)), 80, 1, 3, 0, 0, Destination.Tunnel.IPIP));
        }
        final Scheduler subnet =
                Objects.requireNonNull(plugins.factories().get("subnet")).get().withDestinations(servers, 0);
        final DestinationLoad load = DestinationLoad.allocate(5);
        final long[] chosen = new long[5];
        for (int network = 0; network < 1000; network++) {
            final int first = choose(subnet, load, network << 8 | 1);
            assertEquals(first, choose(subnet, load, network << 8 | 254));
            chosen[first]++;
        }
        for (final long networks : chosen) {
            assertTrue(networks > 100, () -> "a server has but " + networks + " of 1000 networks");
        }
    }

    private static int choose(Scheduler scheduler, DestinationLoad load, int client) {
        final Flow flow = new Flow();
        flow.srcLo = IpAddress.v4(client);
        return scheduler.schedule(flow, load);
    }

    @Test
    void shouldRefuseTheFirstMistakeAsThePageShows() throws IOException {
        load(code().replace("weights[at] > 0 && ", ""));
        assertEquals(1, problems.size(), problems::toString);
        assertTrue(page().contains(": schedulers.plugins: " + problems.get(0) + "\n"), problems::toString);
    }
}
