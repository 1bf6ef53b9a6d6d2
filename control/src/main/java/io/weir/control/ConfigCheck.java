package io.weir.control;

import io.weir.control.config.ConfigException;
import io.weir.control.config.Problem;
import io.weir.control.config.WeirConfig;
import io.weir.control.mark.MarkRuleParser;
import io.weir.control.state.DirectorState;
import io.weir.control.state.Surroundings;
import io.weir.dataplane.MarkRules;
import io.weir.dataplane.route.InterfaceInfo;
import io.weir.dataplane.route.KernelRoutes;
import io.weir.packet.IpAddress;
import io.weir.sched.Schedulers;
import java.io.IOException;
import java.net.NetworkInterface;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Holds a configuration against the machine and against itself, and fills the director's state with it: do the interfaces
 * exist, are the sysctls known, would ipvsadm take every line?
 *
 * <p><b>Fails</b>: with all problems at once, each with the line of the file it comes from.
 */
final class ConfigCheck {
    private final WeirConfig config;
    private final DirectorCommands commands;
    private final DirectorState state;
    private final List<Problem> problems = new ArrayList<>();

    private ConfigCheck(WeirConfig config, DirectorCommands commands) {
        this.config = config;
        this.commands = commands;
        this.state = commands.state();
    }

    /** Fills {@code commands}' state, which is empty, or throws; returns the rules that set marks. */
    static MarkRules fill(String file, WeirConfig config, DirectorCommands commands) throws ConfigException {
        final ConfigCheck check = new ConfigCheck(config, commands);
        final MarkRules marks = Schedulers.considering(config.plugins(), () -> {
            check.run();
            return check.marks();
        });
        if (!check.problems.isEmpty()) {
            throw new ConfigException(file, check.problems);
        }
        return marks;
    }

    private MarkRules marks() {
        final MarkRuleParser parser = new MarkRuleParser(
                config.interfaces().stream().map(WeirConfig.Interface::name).toList());
        final List<MarkRules.Rule> rules = new ArrayList<>();
        for (WeirConfig.SourceLine line : config.marks()) {
            try {
                rules.add(parser.parse(line.text()));
            } catch (IllegalArgumentException e) {
                problem(line.line(), line.field(), String.valueOf(e.getMessage()));
            }
        }
        return new MarkRules(rules);
    }

    private void run() {
        final List<InterfaceInfo> found = interfaces();
        state.surroundings(new Surroundings(found, HostInterfaces::mtu));
        state.workers(config.worker().count());
        workers();
        config.sysctls().forEach((name, value) -> {
            try {
                state.sysctl(name, value.value());
            } catch (IllegalArgumentException e) {
                problem(value.line(), "sysctls." + name, String.valueOf(e.getMessage()));
            }
        });
        state.stateTimeouts(config.timeouts().states());
        state.setTimeouts(
                config.timeouts().tcp(),
                config.timeouts().tcpFin(),
                config.timeouts().udp());
        for (WeirConfig.SourceLine line : config.commands()) {
            commands.problemOf(line.text())
                    .ifPresent(message -> problem(line.line(), line.field(), message + "  (" + line.text() + ")"));
        }
        config.localAddresses().forEach(local -> state.addLocalAddress(local.address()));
        addresses(found);
        methods();
    }

    private void workers() {
        for (WeirConfig.Interface each : config.interfaces()) {
            if (config.worker().count() > 1 && !List.of("afpacket", "auto").contains(each.scheme())) {
                problem(
                        each.line(),
                        "interfaces",
                        each.device() + " has one worker, and worker.count is "
                                + config.worker().count() + ": several need afpacket interfaces");
            }
        }
    }

    private List<InterfaceInfo> interfaces() {
        final List<InterfaceInfo> found = new ArrayList<>();
        for (WeirConfig.Interface each : config.interfaces()) {
            if (each.scheme().equals("tun")) {
                continue;
            }
            try {
                found.add(KernelRoutes.interfaceInfo(found.size(), each.name()));
            } catch (IOException e) {
                problem(
                        each.line(),
                        "interfaces",
                        "no such interface: " + each.name() + " (there are: " + interfaceNames() + ")");
            }
        }
        return found;
    }

    private static String interfaceNames() {
        try {
            return NetworkInterface.networkInterfaces()
                    .map(NetworkInterface::getName)
                    .sorted()
                    .collect(Collectors.joining(", "));
        } catch (IOException e) {
            return "unknown";
        }
    }

    /** A local address must be nobody else's: not the host's, not a VIP. */
    private void addresses(List<InterfaceInfo> found) {
        final Set<IpAddress> own = new HashSet<>();
        found.forEach(info -> info.addresses().forEach(prefix -> own.add(prefix.address())));
        final Set<IpAddress> vips = new HashSet<>();
        state.services().forEach(service -> vips.add(service.key().address()));
        for (WeirConfig.Local local : config.localAddresses()) {
            if (own.contains(local.address())) {
                problem(
                        local.line(),
                        "local_addresses",
                        local.address() + " is configured on the host; Weir must have it alone");
            }
            if (vips.contains(local.address())) {
                problem(local.line(), "local_addresses", local.address() + " is a service's address, too");
            }
        }
    }

    /** What the devices or the addresses cannot serve. */
    private void methods() {
        final boolean routed =
                config.interfaces().stream().allMatch(each -> each.scheme().equals("tun"));
        final Set<String> words = new TreeSet<>();
        for (WeirConfig.SourceLine line : config.commands()) {
            words.clear();
            words.addAll(List.of(line.text().split("\\s+")));
            if (!words.contains("-a") && !words.contains("--add-server")) {
                continue;
            }
            if (words.contains("--fullnat") && state.localAddresses().isEmpty()) {
                problem(line.line(), line.field(), "fullnat needs local_addresses");
            }
            final boolean other = words.contains("-m")
                    || words.contains("--masquerading")
                    || words.contains("-i")
                    || words.contains("--ipip")
                    || words.contains("--fullnat");
            if (routed && !other) {
                problem(
                        line.line(),
                        line.field(),
                        "direct routing (dr) needs a link layer, and there are only TUN devices");
            }
        }
    }

    private void problem(int line, String field, String message) {
        problems.add(new Problem(line, field, message));
    }
}
