package io.weir.control.lab;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code weir demo}: the product's main job in a lab of network namespaces. */
@Command(name = "demo", description = "Shows the director at work in a lab of network namespaces.")
public final class DemoCommand implements Callable<Integer> {
    @Option(
            names = "--mode",
            paramLabel = "MODE",
            description = "One of dr, nat, tun, tun-gre, tun-gue, fullnat; without it the first, second, third, last.")
    private List<String> modes = List.of("dr", "nat", "tun", "fullnat");

    @Option(names = "--keep", description = "Leaves the lab and the director up (with --mode).")
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
        if (down) {
            System.out.println(Lab.removeKept() ? "The lab is gone." : "There is no lab.");
            return 0;
        }
        final LabMethod method = LabMethod.parse(modes.get(0));
        LabOptions options = LabOptions.of(method);
        if (keep) {
            options = options.kept();
        }
        final long t0 = System.nanoTime();
        try (Lab lab = Lab.create(options)) {
            System.out.println("up in " + (System.nanoTime() - t0) / 1_000_000 + " ms" + requests);
            System.out.println(lab.server(1)
                    .run("curl", "-s", "-D", "-", "http://127.0.0.1/")
                    .output());
            System.out.println(lab.server(1).run("ip", "addr").output());
            System.out.println(
                    lab.client().run("ping", "-c1", LabPlan.CLIENT_NET4 + "254").output());
            System.out.println(
                    lab.client().run("ping", "-c1", LabPlan.CLIENT_NET6 + "254").output());
            if (keep) {
                lab.leaveUp();
            }
        }
        return 0;
    }
}
