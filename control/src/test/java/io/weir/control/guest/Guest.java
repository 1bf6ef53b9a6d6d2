package io.weir.control.guest;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * A kernel that runs a shell script as root and powers off.
 *
 * <p>The script sees the host's files read-only and the work folder, writable, as {@code /mnt}; IPVS with all its schedulers,
 * {@code iptables-legacy}'s marks and TAP devices are loaded. A network device of the guest is an argument of the kernel:
 * {@code vec0:transport=tap,ifname=TAP} gives it the device {@code vec0} at the other end of the host's TAP.
 *
 * <p><b>Thread</b>: any, one run at a time for each work folder. Boots in about 3 s.
 */
public final class Guest {
    private static final Path KERNEL = Path.of("/usr/bin/linux.uml");
    private static final List<String> SCRIPTS = List.of("start.pl", "init.sh", "replay.pl");
    private static final String HOSTS =
            """
            127.0.0.1 localhost
            203.0.113.1 vip1.test
            203.0.113.2 vip2.test
            10.20.0.10 rs10.test
            10.20.0.11 rs11.test
            """;
    /** The guest keeps its hands off registers that its kernel does not save (see start.pl). */
    private static final String NO_AVX = "GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX2,-AVX,-AVX512F,-AVX512VL,-AVX512BW,"
            + "-AVX512DQ,-AVX2_Usable,-AVX_Fast_Unaligned_Load,-ERMS,-FSRM,-RTM";

    private final Path work;
    private final List<String> arguments = new ArrayList<>();

    /**
     * How a run ended.
     *
     * @param finished false if it was ended because its time was up
     * @param console all that the guest printed
     */
    public record Run(boolean finished, String console) {}

    private Guest(Path work) {
        this.work = work;
    }

    /** Is the kernel installed? */
    public static boolean isInstalled() {
        return Files.isExecutable(KERNEL);
    }

    /** A guest with this work folder, which must exist; its path may have no blank and no comma. */
    public static Guest in(Path work) throws IOException {
        for (String name : SCRIPTS) {
            final Path file = work.resolve(name);
            try (InputStream in = Objects.requireNonNull(Guest.class.getResourceAsStream("/guest/" + name))) {
                Files.write(file, in.readAllBytes());
            }
            if (!file.toFile().setExecutable(true)) {
                throw new IOException(file + ": cannot be made executable");
            }
        }
        Files.writeString(work.resolve("hosts"), HOSTS);
        return new Guest(work.toAbsolutePath());
    }

    /** With one more argument for the kernel. */
    public Guest with(String argument) {
        arguments.add(argument);
        return this;
    }

    /** Starts the guest; its console is {@code console.log} in the work folder. Destroying the process ends the guest. */
    public Process start(String script) throws IOException {
        Files.writeString(work.resolve("run.sh"), script, StandardCharsets.UTF_8);
        final List<String> command = new ArrayList<>(List.of(
                "perl",
                work.resolve("start.pl").toString(),
                KERNEL.toString(),
                "mem=256M",
                "rootfstype=hostfs",
                "rootflags=/",
                "ro",
                "init=" + work.resolve("init.sh"),
                "weir_work=" + work,
                NO_AVX,
                "con=null",
                "con0=fd:0,fd:1",
                "quiet"));
        command.addAll(arguments);
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(work.resolve("console.log").toFile())
                .start();
    }

    /** Runs a script to its end, or for that long. */
    public Run run(String script, Duration limit) throws IOException, InterruptedException {
        final Process process = start(script);
        try {
            final boolean finished = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
            return new Run(finished, finished ? console() : "");
        } finally {
            end(process);
        }
    }

    /** What the guest has printed so far. */
    public String console() throws IOException {
        return Files.readString(work.resolve("console.log"), StandardCharsets.ISO_8859_1);
    }

    /** Ends the kernel with all its processes, which are the host's. */
    public static void end(Process process) throws InterruptedException {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
    }
}
