package io.weir.control.vrrp;

import io.weir.control.keepalived.KeepalivedConfig.VirtualAddress;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.net.NetworkInterface;
import java.nio.charset.StandardCharsets;
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
 * <p>What is wanted is collected, and one {@code ip} does all of it: adverts wait meanwhile.
 *
 * <p><b>Thread</b>: {@code weir-vrrp}. <b>Owner</b>: what it has set, {@link #clear} takes back.
 */
final class HostAddresses {
    private static final Logger LOG = LoggerFactory.getLogger(HostAddresses.class);
    private static final long LIMIT_S = 5;

    private final Set<String> undo = new LinkedHashSet<>();
    private final List<String> wanted = new ArrayList<>();

    void set(VirtualAddress address, String interfaceName, boolean on) {
        change("addr", words(address, interfaceName), on);
    }

    private static String words(VirtualAddress address, String interfaceName) {
        final String device = address.device() == null ? interfaceName : address.device();
        return address.address() + "/" + address.length() + " dev " + device;
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
                wanted.add("addr del " + words(address, interfaceName));
            }
        } catch (IOException e) {
            LOG.warn("event=host-address problem=\"{}\"", e.getMessage());
        }
    }

    /** {@code ip route}'s words. */
    void route(String words, boolean on) {
        change("route", words, on);
    }

    /** {@code ip rule}'s words. */
    void rule(String words, boolean on) {
        change("rule", words, on);
    }

    private void change(String what, String words, boolean on) {
        final String remove = what + " del " + words;
        if (on == undo.contains(remove)) {
            return;
        }
        if (on) {
            undo.add(remove);
            wanted.add(what + (what.equals("rule") ? " add " : " replace ") + words);
        } else {
            undo.remove(remove);
            wanted.add(remove);
        }
    }

    /** Takes back all of it. */
    void clear() {
        wanted.addAll(undo);
        undo.clear();
        apply();
    }

    /** Does what was asked for. */
    void apply() {
        if (wanted.isEmpty()) {
            return;
        }
        final List<String> commands = List.copyOf(wanted);
        wanted.clear();
        try {
            final Process process = new ProcessBuilder("ip", "-force", "-batch", "-")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.to(new File("/dev/null")))
                    .start();
            try (OutputStream in = process.getOutputStream()) {
                in.write((String.join("\n", commands) + "\n").getBytes(StandardCharsets.UTF_8));
            }
            if (!process.waitFor(LIMIT_S, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                LOG.warn("event=host-address commands={} problem=\"not done after {} s\"", commands, LIMIT_S);
            } else if (process.exitValue() != 0) {
                LOG.warn("event=host-address commands={} status={}", commands, process.exitValue());
            }
        } catch (IOException e) {
            LOG.warn("event=host-address commands={} problem=\"{}\"", commands, e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
