package io.weir.control.config;

import io.weir.control.config.WeirConfig.Metrics;
import io.weir.packet.IpAddress;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the {@code metrics} section: {@code listen} is ADDRESS:PORT, or PORT for the loopback address only. */
final class MetricsRules {
    private static final Pattern LISTEN = Pattern.compile("(?:(?:\\[([^\\]]+)\\]|([^:\\[\\]]+)):)?(\\d{1,5})");
    private static final int MAX_PORT = 65_535;

    private MetricsRules() {}

    static Metrics of(Fields fields) {
        final String listen = fields.text("listen");
        fields.end();
        if (listen == null) {
            return new Metrics(null, 0);
        }
        final Matcher matcher = LISTEN.matcher(listen);
        if (matcher.matches()) {
            final int port = Integer.parseInt(matcher.group(3));
            final String six = matcher.group(1);
            final String four = matcher.group(2) == null ? "127.0.0.1" : matcher.group(2);
            try {
                final IpAddress address = IpAddress.parse(six == null ? four : six);
                if (port > 0 && port <= MAX_PORT && address.isV4() == (six == null)) {
                    return new Metrics(address, port);
                }
            } catch (IllegalArgumentException e) {
                // Explained below, as every other mistake in it is.
            }
        }
        fields.problem(
                "listen",
                "must be PORT (of 127.0.0.1), ADDRESS:PORT or [ADDRESS]:PORT, port 1 to 65535, not '" + listen + "'");
        return new Metrics(null, 0);
    }
}
