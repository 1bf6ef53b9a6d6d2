package io.weir.bench.quality;

import io.weir.packet.IpAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Reads recorded arrivals: a CSV file with a connection a line, {@code time,client,port,duration[,destination]}.
 *
 * <p><b>Units</b>: time and duration are decimal seconds; time may start anywhere and lines may come in any order. Blank
 * lines, lines that start with # and a first line of names are skipped.
 *
 * <p><b>Fails</b>: with IOException and a line for the user that names file, line and what is allowed.
 */
final class ArrivalFile {
    private static final IpAddress VIP = IpAddress.parse("203.0.113.1");
    private static final int LEAST_FIELDS = 4;
    private static final int MOST_FIELDS = 5;
    private static final int HIGHEST_PORT = 65_535;
    private static final double LONGEST_SECONDS = 1e8;

    private ArrivalFile() {}

    static Workload read(Path file, int servers) throws IOException {
        if (!Files.isReadable(file)) {
            throw new IOException(file + ": no such file, or it cannot be read");
        }
        final List<String> lines = Files.readAllLines(file);
        final List<Arrival> arrivals = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            final String line = lines.get(i).strip();
            if (line.isEmpty() || line.startsWith("#") || i == 0 && line.startsWith("time")) {
                continue;
            }
            try {
                arrivals.add(arrival(line.split(",", -1)));
            } catch (IllegalArgumentException e) {
                throw new IOException(file + ":" + (i + 1) + ": " + e.getMessage(), e);
            }
        }
        if (arrivals.isEmpty()) {
            throw new IOException(file + ": no arrivals in it");
        }
        return workload(arrivals, servers);
    }

    private static Workload workload(List<Arrival> arrivals, int servers) {
        arrivals.sort(Comparator.comparingLong(Arrival::startNs));
        final long first = arrivals.get(0).startNs();
        final List<Arrival> shifted = arrivals.stream()
                .map(a -> new Arrival(a.startNs() - first, a.client(), a.port(), a.destination(), a.durationNs()))
                .toList();
        final long last = shifted.get(shifted.size() - 1).startNs();
        return new Workload(
                "recorded", shifted, Workloads.equalWeights(servers), Math.max(1000, last), Workload.Outage.NONE);
    }

    private static Arrival arrival(String[] fields) {
        if (fields.length < LEAST_FIELDS || fields.length > MOST_FIELDS) {
            throw new IllegalArgumentException(
                    "must be time,client,port,duration[,destination]: 4 or 5 fields, not " + fields.length);
        }
        final int port = (int) number("port", fields[2], HIGHEST_PORT);
        return new Arrival(
                ns(number("time", fields[0], LONGEST_SECONDS)),
                address("client", fields[1]),
                port,
                fields.length == MOST_FIELDS ? address("destination", fields[4]) : VIP,
                ns(number("duration", fields[3], LONGEST_SECONDS)));
    }

    private static long ns(double seconds) {
        return (long) (seconds * TimeUnit.SECONDS.toNanos(1));
    }

    private static double number(String name, String text, double most) {
        double value = Double.NaN;
        try {
            value = Double.parseDouble(text.strip());
        } catch (NumberFormatException e) {
            // said below, with the range
        }
        if (!(value >= 0 && value <= most)) {
            throw new IllegalArgumentException(
                    name + " must be a number from 0 to " + (long) most + ", not '" + text + "'");
        }
        return value;
    }

    private static IpAddress address(String name, String text) {
        try {
            return IpAddress.parse(text.strip());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(name + " must be an IP address, not '" + text + "'", e);
        }
    }
}
