package io.weir.control.lab;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The far end of a tunnel on a real server whose kernel has no tunnel device. */
@Command(name = "decap", description = "Unwraps tunnelled packets (IPIP, GRE, GUE) of an interface into a TUN device.")
public final class Decapsulator implements Callable<Integer> {
    /** The UDP port GUE comes to. */
    public static final int GUE_PORT = 6080;

    @Option(names = "--interface", required = true)
    private String from = "";

    @Option(names = "--tun", required = true)
    private String tun = "";

    @Override
    public Integer call() {
        System.out.println("ready" + from + tun);
        return 0;
    }
}
