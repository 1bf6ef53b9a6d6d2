package io.weir.control;

import io.weir.control.config.WeirConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Gives a TUN device the addresses of the configuration; they go with the device. */
final class TunAddresses {
    private TunAddresses() {}

    static void give(WeirConfig.Interface device) throws IOException, RunException {
        give(device.name(), device.addresses());
    }

    static void give(String name, List<WeirConfig.Network> addresses) throws IOException, RunException {
        for (WeirConfig.Network network : addresses) {
            ip(List.of("ip", "addr", "replace", network.address() + "/" + network.length(), "dev", name));
        }
        if (!addresses.isEmpty()) {
            ip(List.of("ip", "link", "set", name, "up"));
        }
    }

    private static void ip(List<String> command) throws IOException, RunException {
        final Process process =
                new ProcessBuilder(command).redirectErrorStream(true).start();
        final String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (process.waitFor() != 0) {
                throw new RunException("weir: " + String.join(" ", command) + ": " + said.strip());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RunException("weir: interrupted", e);
        }
    }
}
