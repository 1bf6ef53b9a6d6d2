package io.weir.control;

import io.prometheus.metrics.model.registry.MultiCollector;
import io.weir.conntrack.ConnectionTable;
import io.weir.control.config.WeirConfig;
import io.weir.control.metrics.MetricsServer;
import io.weir.dataplane.io.PacketDevice;
import io.weir.dataplane.io.RuleFollower;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;

/** What a configuration asks a director to have: devices, a connection table, an endpoint for Prometheus. */
final class Equipment {
    private Equipment() {}

    /** The device's URI with the options of the rings. */
    static String uri(WeirConfig.Interface each, WeirConfig.Ring ring) {
        final StringBuilder uri = new StringBuilder(each.device());
        if (each.scheme().equals("afpacket") || each.scheme().equals("auto")) {
            if (ring.throughput()) {
                uri.append(uri.indexOf("?") < 0 ? '?' : '&').append("v3");
            }
            if (ring.slots() > 0) {
                uri.append(uri.indexOf("?") < 0 ? '?' : '&').append("slots=").append(ring.slots());
            }
        }
        return uri.toString();
    }

    /** The names of the interfaces that the kernel also listens on. */
    static List<String> linkInterfaces(WeirConfig config) {
        return config.interfaces().stream()
                .filter(each -> !each.scheme().equals("tun"))
                .map(WeirConfig.Interface::name)
                .toList();
    }

    /** Those of the devices that must know what the director takes. */
    static List<RuleFollower> followers(List<PacketDevice> devices) {
        return devices.stream()
                .filter(RuleFollower.class::isInstance)
                .map(RuleFollower.class::cast)
                .toList();
    }

    /** Opened, or made anew. */
    static ConnectionTable table(WeirConfig.Table config) throws IOException {
        final int size = config.size();
        // Always: local addresses may come later, by a command.
        final int fullNat = size;
        final long seed = new SecureRandom().nextLong();
        final Path file = config.file();
        if (file == null) {
            return ConnectionTable.create(size, seed, fullNat);
        }
        final Path folder = file.toAbsolutePath().getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        return ConnectionTable.open(file, size, ConnectionTable.seedOf(file, seed), fullNat);
    }

    /** Listens, if asked to. */
    static AutoCloseable metrics(WeirConfig.Metrics config, MultiCollector collector) throws IOException {
        if (config.address() == null) {
            return () -> {};
        }
        final InetAddress address = InetAddress.getByName(config.address().toString());
        return MetricsServer.start(address, config.port(), collector);
    }
}
