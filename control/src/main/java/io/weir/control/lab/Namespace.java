package io.weir.control.lab;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One network namespace of a lab, as {@code ip netns} keeps it.
 *
 * @param name as {@code ip netns list} shows it
 * @param role what it plays: client, director, rs1 ...
 * @param folder for the files of its processes
 */
public record Namespace(String name, String role, Path folder) {
    /** Runs {@code ip} commands in it, one per line, in one process. */
    void ip(String lines) {
        Shell.must(List.of("ip", "-n", name, "-batch", "-"), lines);
    }

    /** Sets sysctls, each {@code name=value}. */
    void sysctl(String... settings) {
        final List<String> command = new ArrayList<>(List.of("sysctl", "-q", "-w"));
        command.addAll(Arrays.asList(settings));
        must(command.toArray(new String[0]));
    }

    /** Runs a command in it. */
    public Shell.Result run(String... command) {
        return Shell.run(inside(List.of(command)));
    }

    /** Runs a command that must succeed in it, and returns what it said. */
    public String must(String... command) {
        return Shell.must(inside(List.of(command)), "");
    }

    /** Starts a command in it that runs beside us; its words go to {@code what.log} in the lab's folder. */
    public Background start(String what, List<String> command) {
        return Background.start(role + " " + what, inside(command), folder.resolve(role + "-" + what + ".log"));
    }

    private List<String> inside(List<String> command) {
        final List<String> argv = new ArrayList<>(List.of("ip", "netns", "exec", name));
        argv.addAll(command);
        return argv;
    }
}
