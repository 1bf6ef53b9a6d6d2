package io.weir.control.vrrp;

import io.weir.control.keepalived.KeepalivedConfig.VirtualAddress;
import java.io.File;
import java.io.IOException;
import java.net.NetworkInterface;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Addresses and routes that the host itself has while an instance is master: those that no service of Weir uses, as a
 * gateway for the real servers.
 *
 * <p><b>Thread</b>: {@code weir-vrrp}. <b>Owner</b>: what it has set, {@link #clear} takes back.
 */
final class HostAddresses {
    private static final Logger LOG = LoggerFactory.getLogger(HostAddresses.class);
    private static final long LIMIT_S = 5;

    private final Set<List<String>> undo = new LinkedHashSet<>();

    void set(VirtualAddress address, String interfaceName, boolean on) {
        final String device = address.device() == null ? interfaceName : address.device();
        change("addr", List.of(address.address() + "/" + address.length(), "dev", device), on);
    }

    /** Takes away what an earlier run left when it was killed; else two directors would have it. */
    void forget(VirtualAddress address, String interfaceName) {
        final String device = address.device() == null ? interfaceName : address.device();
        try {
            final NetworkInterface found = NetworkInterface.getByName(device);
            if (found != null
                    && found.inetAddresses()
                            .anyMatch(each -> Arrays.equals(
                                    each.getAddress(), address.address().toBytes()))) {
                LOG.info("event=cleaned what=address address={} device={}", address.address(), device);
                run(command("addr", "del", List.of(address.address() + "/" + address.length(), "dev", device)));
            }
        } catch (IOException e) {
            LOG.warn("event=host-address problem=\"{}\"", e.getMessage());
        }
    }

    /** {@code ip route}'s words. */
    void route(String words, boolean on) {
        change("route", List.of(words.split("\\s+", -1)), on);
    }

    /** {@code ip rule}'s words. */
    void rule(String words, boolean on) {
        change("rule", List.of(words.split("\\s+", -1)), on);
    }

    private void change(String what, List<String> words, boolean on) {
        final List<String> remove = command(what, "del", words);
        if (on == undo.contains(remove)) {
            return;
        }
        if (on) {
            undo.add(remove);
            run(command(what, what.equals("route") ? "replace" : "add", words));
        } else {
            undo.remove(remove);
            run(remove);
        }
    }

    private static List<String> command(String what, String verb, List<String> words) {
        final List<String> command = new ArrayList<>(List.of("ip", what, verb));
        command.addAll(words);
        return command;
    }

    void clear() {
        undo.forEach(HostAddresses::run);
        undo.clear();
    }

    private static void run(List<String> command) {
        try {
            final Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.to(new File("/dev/null")))
                    .start();
            if (!process.waitFor(LIMIT_S, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            } else if (process.exitValue() != 0) {
                LOG.warn("event=host-address command={} status={}", command, process.exitValue());
            }
        } catch (IOException e) {
            LOG.warn("event=host-address command={} problem=\"{}\"", command, e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
