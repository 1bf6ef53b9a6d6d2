package io.weir.control.lab;

import java.io.File;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;

/**
 * How to start another {@code weir} from this one: through the launcher that started us, or, in a test, with the
 * virtual machine and the flags we run with ourselves.
 */
final class WeirCommand {
    private WeirCommand() {}

    static List<String> of(String subcommand) {
        final String launcher = System.getProperty("weir.launcher");
        if (launcher != null) {
            return List.of(launcher, subcommand);
        }
        final List<String> command = new ArrayList<>();
        command.add(System.getProperty("java.home") + File.separator + "bin" + File.separator + "java");
        for (String flag : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
            if (!flag.startsWith("-Xmx") && !flag.startsWith("-javaagent")) {
                command.add(flag);
            }
        }
        command.addAll(List.of("-Xmx256m", "-cp", System.getProperty("java.class.path"), "io.weir.control.WeirMain"));
        command.add(subcommand);
        return command;
    }
}
