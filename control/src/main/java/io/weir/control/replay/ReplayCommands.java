package io.weir.control.replay;

import io.weir.control.ipvsadm.Ipvsadm;
import io.weir.control.ipvsadm.Ipvsadm.Result;
import io.weir.control.ipvsadm.ProcListing;
import io.weir.control.mark.MarkRuleParser;
import io.weir.control.state.ConnectionInfo;
import io.weir.control.state.DirectorState;
import io.weir.control.state.Surroundings;
import io.weir.dataplane.MarkRules;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/** The commands a scenario may use, each acting on the director and its surroundings instead of a kernel. */
final class ReplayCommands {
    private static final Set<String> KNOWN = Set.of(
            "ipvsadm",
            "ipvsadm-save",
            "ipvsadm-restore",
            "ip",
            "iptables",
            "iptables-legacy",
            "ip6tables",
            "ip6tables-legacy",
            "echo",
            "printf",
            "cat",
            "true",
            "false",
            ":");
    private static final String VS = "/proc/sys/net/ipv4/vs/";
    private static final Result DONE = new Result(0, "", "");

    private final Ipvsadm ipvsadm;
    private final DirectorState state;
    private final Supplier<? extends Collection<ConnectionInfo>> connections;
    private final List<MarkRules.Rule> marks = new ArrayList<>();
    private Topology topology;
    private long revision;

    ReplayCommands(
            Ipvsadm ipvsadm,
            DirectorState state,
            Supplier<? extends Collection<ConnectionInfo>> connections,
            Topology topology) {
        this.ipvsadm = ipvsadm;
        this.state = state;
        this.connections = connections;
        this.topology = topology;
        state.surroundings(new Surroundings(topology.interfaces()));
    }

    Topology topology() {
        return topology;
    }

    MarkRules marks() {
        return new MarkRules(marks);
    }

    /** Grows with each change of marks and topology. */
    long revision() {
        return revision;
    }

    boolean isKnown(String command) {
        return KNOWN.contains(command);
    }

    Result run(List<String> words, String input) {
        final List<String> arguments = words.subList(1, words.size());
        return switch (words.get(0)) {
            case "ipvsadm" -> ipvsadm.run(arguments, input);
            case "ipvsadm-save" -> save(arguments);
            case "ipvsadm-restore" -> restore(input);
            case "ip" -> ip(arguments);
            case "iptables", "iptables-legacy", "ip6tables", "ip6tables-legacy" -> mark(words);
            case "echo" -> new Result(0, String.join(" ", arguments) + "\n", "");
            case "printf" -> printf(arguments);
            case "cat" -> cat(arguments);
            case "false" -> new Result(1, "", "");
            default -> DONE;
        };
    }

    private Result save(List<String> arguments) {
        if (!arguments.isEmpty() && !arguments.equals(List.of("-n"))) {
            return new Result(1, "", "ipvsadm-save: only -n is known\n");
        }
        final List<String> words = new ArrayList<>(List.of("-S"));
        words.addAll(arguments);
        return ipvsadm.run(words, "");
    }

    /** The script empties the table first, and takes comments out. */
    private Result restore(String input) {
        final Result cleared = ipvsadm.run(List.of("-C"), "");
        final StringBuilder rules = new StringBuilder();
        input.lines().filter(line -> !line.startsWith("#")).forEach(line -> rules.append(line)
                .append('\n'));
        return cleared.status() == 0 ? ipvsadm.run(List.of("-R"), rules.toString()) : cleared;
    }

    private Result mark(List<String> words) {
        try {
            marks.add(new MarkRuleParser(topology.interfaceNames()).parse(words));
            revision++;
            return DONE;
        } catch (IllegalArgumentException e) {
            return new Result(2, "", words.get(0) + ": " + e.getMessage() + "\n");
        }
    }

    /** {@code ip link set X mtu N}, {@code ip addr add P dev X}; what else a scenario sets up is there already. */
    private Result ip(List<String> arguments) {
        final List<String> words = new ArrayList<>(arguments);
        words.removeIf(word -> word.startsWith("-"));
        try {
            final String subject = words.isEmpty() ? "" : words.get(0);
            final int mtu = words.indexOf("mtu");
            final int dev = words.indexOf("dev");
            if ("link".equals(subject) && mtu > 2 && mtu + 1 < words.size()) {
                final String name = dev > 0 && dev < mtu ? words.get(dev + 1) : words.get(2);
                change(topology.withMtu(name, Integer.parseInt(words.get(mtu + 1))));
            } else if (subject.startsWith("addr") && words.size() > 2 && dev > 0 && dev + 1 < words.size()) {
                change(topology.withAddress(words.get(dev + 1), TopologyReader.prefix(words.get(2))));
            }
            return DONE;
        } catch (ReplayException | IllegalArgumentException e) {
            return new Result(1, "", "ip: " + e.getMessage() + "\n");
        }
    }

    private void change(Topology changed) {
        topology = changed;
        state.surroundings(new Surroundings(changed.interfaces()));
        revision++;
    }

    private static Result printf(List<String> arguments) {
        final int first = !arguments.isEmpty() && "--".equals(arguments.get(0)) ? 1 : 0;
        if (first == arguments.size()) {
            return new Result(2, "", "sh: 1: printf: usage: printf format [arg ...]\n");
        }
        final String format = arguments.get(first);
        final StringBuilder out = new StringBuilder();
        int argument = first + 1;
        for (int i = 0; i < format.length(); i++) {
            final char c = format.charAt(i);
            final char next = i + 1 < format.length() ? format.charAt(i + 1) : '\0';
            if (c == '\\' && "nrt\\".indexOf(next) >= 0) {
                out.append("\n\r\t\\".charAt("nrt\\".indexOf(next)));
                i++;
            } else if (c == '%' && next == '%') {
                out.append('%');
                i++;
            } else if (c == '%' && next == 's') {
                out.append(argument < arguments.size() ? arguments.get(argument++) : "");
                i++;
            } else {
                out.append(c);
            }
        }
        return new Result(0, out.toString(), "");
    }

    private Result cat(List<String> files) {
        final StringBuilder out = new StringBuilder();
        for (String file : files) {
            if ("/proc/net/ip_vs".equals(file)) {
                out.append(ProcListing.services(state));
            } else if ("/proc/net/ip_vs_conn".equals(file)) {
                out.append(ProcListing.connections(connections.get()));
            } else if (file.startsWith(VS)) {
                out.append(state.sysctls().text(file.substring(VS.length()))).append('\n');
            } else {
                return new Result(1, out.toString(), "cat: " + file + ": No such file or directory\n");
            }
        }
        return new Result(0, out.toString(), "");
    }

    /** Output redirected into a file: a setting of IPVS takes effect, others are the surroundings' and ignored. */
    Result write(String file, Result result) {
        if (file.startsWith(VS)) {
            try {
                state.sysctl(file.substring(VS.length()), result.out().trim());
            } catch (IllegalArgumentException e) {
                return new Result(1, "", "sh: 1: echo: echo: I/O error\n");
            }
        }
        return new Result(result.status(), "", result.err());
    }
}
