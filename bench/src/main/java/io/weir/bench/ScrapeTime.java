package io.weir.bench;

import io.weir.control.ControlClient;
import io.weir.control.client.Call;
import io.weir.control.lab.Background;
import io.weir.control.lab.Lab;
import io.weir.control.lab.LabConfig;
import io.weir.control.lab.LabMethod;
import io.weir.control.lab.LabOptions;
import io.weir.control.lab.Shell;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * How long a scrape of {@code /metrics} takes for curl beside a running director with a large table. Needs root, for the
 * director's namespace.
 */
final class ScrapeTime {
    private static final int SERVICES = 1_000;
    private static final int SERVERS = 10;
    private static final int SCRAPES = 40;
    private static final int WARM_UP = 10;
    private static final double MS_PER_SECOND = 1e3;

    private ScrapeTime() {}

    /** {@code [SERVICES [SERVERS]]}. */
    static int run(String[] arguments) {
        final int services = arguments.length > 0 ? Integer.parseInt(arguments[0]) : SERVICES;
        final int servers = arguments.length > 1 ? Integer.parseInt(arguments[1]) : SERVERS;
        try (Lab lab = Lab.create(LabOptions.of(LabMethod.NAT));
                Background director = lab.startDirector(LabConfig.of(lab) + "metrics: {listen: 9640}\n")) {
            restore(lab, LargeTable.lines(services, servers, "-m"));
            System.out.print(Conditions.describe(List.of(), "scrape " + services + " " + servers));
            measure(lab, "plain", List.of());
            measure(lab, "compressed", List.of("--compressed"));
            return director.isAlive() ? 0 : 1;
        } catch (IOException e) {
            System.err.println("scrape: " + e.getMessage());
            return 1;
        }
    }

    private static void restore(Lab lab, String table) throws IOException {
        final ByteArrayOutputStream said = new ByteArrayOutputStream();
        final byte[] input = table.getBytes(StandardCharsets.US_ASCII);
        if (Call.run(ControlClient.socket(lab.name()), Call.words("ipvsadm", "-R"), input, said, said) != 0) {
            throw new IOException(said.toString(StandardCharsets.UTF_8));
        }
    }

    private static void measure(Lab lab, String what, List<String> options) {
        final List<Double> cold = new ArrayList<>();
        final List<Double> warm = new ArrayList<>();
        String bytes = "";
        for (int i = 0; i < SCRAPES; i++) {
            final List<String> curl = new ArrayList<>(List.of("curl", "-sf", "-o", "/dev/null"));
            curl.addAll(options);
            curl.addAll(List.of("-w", "%{time_total} %{size_download}", "http://127.0.0.1:9640/metrics"));
            final Shell.Result result = lab.director().run(curl.toArray(new String[0]));
            final String[] said = result.output().split(" ", -1);
            (i < WARM_UP ? cold : warm).add(Double.parseDouble(said[0]) * MS_PER_SECOND);
            bytes = said[1];
        }
        print(what + ", first " + WARM_UP, cold, bytes);
        print(what + ", then", warm, bytes);
    }

    private static void print(String what, List<Double> times, String bytes) {
        final double[] sorted =
                times.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        System.out.printf(
                Locale.ROOT,
                "%-24s p50 %7.1f ms  p90 %7.1f ms  max %7.1f ms  n=%d  %s bytes%n",
                what,
                sorted[sorted.length / 2],
                sorted[Math.min(sorted.length - 1, sorted.length * 9 / 10)],
                sorted[sorted.length - 1],
                sorted.length,
                bytes);
    }
}
