package io.weir.control.lab;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code weir demo}: the product's main job in a lab of network namespaces. */
@Command(name = "demo", description = "Shows the director at work in a lab of network namespaces.")
public final class DemoCommand implements Callable<Integer> {
    private static final List<LabMethod> USUAL = List.of(LabMethod.DR, LabMethod.NAT, LabMethod.TUN, LabMethod.FULLNAT);
    /** 128 + SIGINT, as shells have it. */
    private static final int INTERRUPTED = 130;

    private static final int MAX_REQUESTS = 10_000;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Option(
            names = "--mode",
            paramLabel = "MODE",
            description =
                    "One of dr, nat, tun, tun-gre, tun-gue, fullnat; without it dr, nat, tun and fullnat in turn.")
    private @Nullable String mode;

    @Option(names = "--keep", description = "Leaves the lab and the director up; needs --mode.")
    private boolean keep;

    @Option(names = "--down", description = "Takes down the lab that --keep left up.")
    private boolean down;

    @Option(names = "--requests", paramLabel = "N", description = "Pages to fetch in each mode (${DEFAULT-VALUE}).")
    private int requests = 24;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Shows this help.")
    private boolean help;

    @Override
    public Integer call() {
        final Terminal terminal = new Terminal(System.out);
        if (down) {
            terminal.line(Lab.removeKept() ? "The lab is gone." : "There is no lab.");
            return 0;
        }
        final List<LabMethod> methods = methods();
        final Demo demo = new Demo(terminal, requests);
        try {
            for (LabMethod method : methods) {
                demo.show(method, keep);
            }
        } catch (LabException e) {
            if (Lab.isInterrupted()) {
                return INTERRUPTED;
            }
            throw e;
        }
        demo.farewell(keep);
        return 0;
    }

    private List<LabMethod> methods() {
        if (requests < 1 || requests > MAX_REQUESTS) {
            throw usage("--requests must be 1 to " + MAX_REQUESTS + ", not " + requests);
        }
        if (mode == null) {
            if (keep) {
                throw usage("--keep needs --mode: one lab is left up, not four");
            }
            return USUAL;
        }
        final List<LabMethod> result = new ArrayList<>();
        try {
            result.add(LabMethod.parse(mode));
        } catch (IllegalArgumentException e) {
            throw usage(String.valueOf(e.getMessage()));
        }
        return result;
    }

    private CommandLine.ParameterException usage(String message) {
        return new CommandLine.ParameterException(spec.commandLine(), "weir: " + message);
    }
}
