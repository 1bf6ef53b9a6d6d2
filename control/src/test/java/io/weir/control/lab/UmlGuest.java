package io.weir.control.lab;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A real kernel with IPVS: Debian's user-mode Linux, whose interfaces are taps in a namespace.
 *
 * <p>Needs the packages user-mode-linux, ipvsadm, kmod and util-linux. Its root is the machine's own, read-only.
 *
 * <p><b>Owner</b>: {@link #close} ends it.
 */
final class UmlGuest implements AutoCloseable {
    private static final Duration BOOT_LIMIT = Duration.ofSeconds(60);
    private static final String KERNEL = "/usr/bin/linux.uml";

    private final Path folder;
    private final Background process;

    /**
     * Boots a guest and waits until its setup has run.
     *
     * @param taps names of tap devices in {@code where}; they are eth0, eth1 ... in the guest
     * @param setup shell commands
     */
    UmlGuest(Namespace where, String name, List<String> taps, String setup) throws IOException {
        folder = Files.createDirectories(where.folder().resolve(name));
        Files.writeString(folder.resolve("setup"), setup);
        try (InputStream script = UmlGuest.class.getResourceAsStream("/uml/guest-init.sh")) {
            Files.copy(Objects.requireNonNull(script), folder.resolve("init"), StandardCopyOption.REPLACE_EXISTING);
        }
        if (!folder.resolve("init").toFile().setExecutable(true)) {
            throw new IOException("cannot make it executable: " + folder.resolve("init"));
        }
        // Its helpers outlive a killed guest, unless it is the first process of a namespace that ends with it.
        final List<String> command =
                new ArrayList<>(List.of("unshare", "--pid", "--fork", "--kill-child", "--mount-proc"));
        command.add(System.getProperty("java.home") + File.separator + "bin" + File.separator + "java");
        command.addAll(List.of("-Xmx64m", "-Djnr.ffi.x86asm.enabled=false", "-cp"));
        command.add(ManagementFactory.getRuntimeMXBean().getClassPath());
        command.addAll(List.of(WithoutXsave.class.getName(), KERNEL, "mem=192M", "rootfstype=hostfs", "rootflags=/"));
        command.addAll(List.of("ro", "init=" + folder.resolve("init"), "weir_folder=" + folder));
        command.addAll(List.of("con=null", "con0=null,fd:1", "quiet"));
        for (int i = 0; i < taps.size(); i++) {
            command.add("eth" + i + "=tuntap," + taps.get(i));
        }
        process = where.start(name, command);
        try {
            process.awaitUntil(BOOT_LIMIT, () -> Files.exists(folder.resolve("ready")));
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** Runs a shell command in the guest and returns what it said. */
    String run(String command) throws IOException {
        final Path answer = folder.resolve("answer");
        Files.deleteIfExists(answer);
        final Path request = folder.resolve("command.new");
        Files.writeString(request, command + "\n");
        Files.move(request, folder.resolve("command"), StandardCopyOption.ATOMIC_MOVE);
        process.awaitUntil(BOOT_LIMIT, () -> Files.exists(answer));
        return Files.readString(answer);
    }

    /** What the setup said. */
    String setupLog() throws IOException {
        return Files.readString(folder.resolve("setup.log"));
    }

    /** Ends it at once, in the middle of its work. */
    void kill() {
        process.kill();
    }

    /** A guest that is told to end does not hurry; its disk is not its own. */
    @Override
    public void close() {
        process.kill();
    }
}
