package io.weir.bench;

import io.weir.control.ControlClient;
import io.weir.control.client.Call;
import io.weir.control.lab.Background;
import io.weir.control.lab.Lab;
import io.weir.control.lab.LabConfig;
import io.weir.control.lab.LabMethod;
import io.weir.control.lab.LabOptions;
import io.weir.control.lab.LabPlan;
import io.weir.control.lab.Traffic;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How long a large table takes to load, and one change in it, while a client fetches pages through the director.
 *
 * <p>Times are from the request to the acknowledgement, which comes when the packet worker uses the change. Needs root:
 * the director, the client and two web servers live in namespaces of their own.
 */
final class LoadTime {
    private static final int SERVICES = 10_000;
    private static final int SERVERS = 10;
    private static final int CHANGES = 100;
    private static final double NS_PER_MS = 1e6;

    private static String method = "-m";

    private LoadTime() {}

    /** {@code [SERVICES [SERVERS [-m|-g]]]}: the method of the large table. */
    static int run(String[] arguments) {
        final int services = arguments.length > 0 ? Integer.parseInt(arguments[0]) : SERVICES;
        final int servers = arguments.length > 1 ? Integer.parseInt(arguments[1]) : SERVERS;
        method = arguments.length > 2 ? arguments[2] : "-m";
        try (Lab lab = Lab.create(LabOptions.of(LabMethod.NAT));
                Background director = lab.startDirector(LabConfig.of(lab))) {
            if (!director.isAlive()) {
                return 1;
            }
            System.out.print(Conditions.describe(List.of(), "load " + services + " " + servers + " " + method));
            return measure(lab, services, servers);
        } catch (IOException | InterruptedException e) {
            System.err.println("load: " + e.getMessage());
            return 1;
        }
    }

    private static int measure(Lab lab, int services, int servers) throws IOException, InterruptedException {
        final AtomicBoolean stop = new AtomicBoolean();
        final AtomicInteger pages = new AtomicInteger();
        final AtomicInteger failures = new AtomicInteger();
        final Thread client = new Thread(() -> {
            final Traffic traffic = new Traffic(lab);
            while (!stop.get()) {
                try {
                    traffic.fetch(false);
                    pages.incrementAndGet();
                } catch (RuntimeException e) {
                    failures.incrementAndGet();
                }
            }
        });
        client.start();
        try {
            final String table = LargeTable.lines(services, servers, method);
            print("load, cold virtual machine", List.of(restore(lab, table)));
            changes(lab, services, servers);
            print("clear", List.of(ask(lab, "ipvsadm", "-C")));
            // As the lab's own services went with the others, traffic goes on over these.
            final String own = "-A -t " + LabPlan.VIP4 + ":80 -s rr\n-a -t " + LabPlan.VIP4 + ":80 -r "
                    + LabPlan.server4(1) + ":" + LabPlan.MAPPED_PORT + " -m\n";
            failures.set(0);
            print("load again", List.of(restore(lab, own + table)));
            changes(lab, services, servers);
        } finally {
            stop.set(true);
            client.join();
        }
        System.out.printf("pages fetched meanwhile: %d%n", pages.get());
        return 0;
    }

    private static void changes(Lab lab, int services, int servers) throws IOException {
        final List<Long> weights = new ArrayList<>();
        final List<Long> adds = new ArrayList<>();
        final List<Long> deletes = new ArrayList<>();
        final List<Long> newServices = new ArrayList<>();
        for (int i = 0; i < CHANGES; i++) {
            final int service = (int) (i * 2_654_435_761L % services);
            final String server = LargeTable.server(service, i % servers);
            weights.add(ask(
                    lab,
                    "ipvsadm",
                    "-e",
                    "-t",
                    LargeTable.virtual(service),
                    "-r",
                    server,
                    method,
                    "-w",
                    "" + (i % 7 + 2)));
            final String fresh = "10.99." + i / 250 + "." + (i % 250 + 1);
            adds.add(ask(lab, "ipvsadm", "-a", "-t", LargeTable.virtual(service), "-r", fresh, method));
            deletes.add(ask(lab, "ipvsadm", "-d", "-t", LargeTable.virtual(service), "-r", fresh));
            newServices.add(ask(lab, "ipvsadm", "-A", "-t", "172.31.0." + (i % 250 + 1) + ":" + (i + 1000)));
            ask(lab, "ipvsadm", "-D", "-t", "172.31.0." + (i % 250 + 1) + ":" + (i + 1000));
        }
        print("one change: weight", weights);
        print("one change: new server", adds);
        print("one change: delete server", deletes);
        print("one change: new service, new VIP", newServices);
    }

    private static long restore(Lab lab, String table) throws IOException {
        return call(lab, table, "ipvsadm", "-R");
    }

    private static long ask(Lab lab, String... words) throws IOException {
        return call(lab, "", words);
    }

    private static long call(Lab lab, String input, String... words) throws IOException {
        final ByteArrayOutputStream said = new ByteArrayOutputStream();
        final byte[] bytes = input.getBytes(StandardCharsets.US_ASCII);
        final long start = System.nanoTime();
        final int status = Call.run(ControlClient.socket(lab.name()), Call.words(words), bytes, said, said);
        final long took = System.nanoTime() - start;
        if (status != 0 || said.size() > 0) {
            throw new IOException(String.join(" ", words) + ": " + said.toString(StandardCharsets.UTF_8));
        }
        return took;
    }

    private static void print(String what, List<Long> times) {
        final long[] sorted = times.stream().mapToLong(Long::longValue).sorted().toArray();
        System.out.printf(
                Locale.ROOT,
                "%-34s p50 %8.1f ms  p90 %8.1f ms  p99 %8.1f ms  max %8.1f ms  n=%d%n",
                what,
                sorted[sorted.length / 2] / NS_PER_MS,
                sorted[Math.min(sorted.length - 1, sorted.length * 9 / 10)] / NS_PER_MS,
                sorted[Math.max(0, sorted.length * 99 / 100 - 1)] / NS_PER_MS,
                sorted[sorted.length - 1] / NS_PER_MS,
                sorted.length);
    }
}
