package io.weir.dataplane.io;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.weir.dataplane.io.linux.LibC;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

/** A network namespace for one test, without IPv6 noise; deleted by close. Sockets made in it stay in it. */
final class Netns implements AutoCloseable {
    private static final long WITHIN_S = 20;

    private final String name;

    Netns(String purpose) {
        this.name = "weirio-" + ProcessHandle.current().pid() + "-" + purpose;
        run("ip", "netns", "add", name);
        exec("sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1", "net.ipv6.conf.default.disable_ipv6=1");
        exec("ip", "link", "set", "lo", "up");
    }

    /** Makes a veth pair with one end in each namespace, both up. */
    static void veth(Netns a, String nameInA, Netns b, String nameInB) {
        a.exec("ip", "link", "add", nameInA, "type", "veth", "peer", "name", nameInB, "netns", b.name);
        a.exec("ip", "link", "set", nameInA, "up");
        b.exec("ip", "link", "set", nameInB, "up");
    }

    /** Runs a command in it; gives its output. */
    String exec(String... command) {
        final List<String> all = new ArrayList<>(List.of("ip", "netns", "exec", name));
        all.addAll(List.of(command));
        return run(all.toArray(new String[0]));
    }

    /** Runs a command in it; gives its exit status. */
    int status(String... command) {
        try {
            exec(command);
            return 0;
        } catch (CommandFailed e) {
            return e.status;
        }
    }

    /** Calls on a thread of its own that is in the namespace. */
    <T> T call(Callable<T> task) {
        final FutureTask<T> future = new FutureTask<>(() -> {
            LibC.enterNetworkNamespace("/run/netns/" + name);
            return task.call();
        });
        new Thread(future, name).start();
        try {
            return future.get();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    String name() {
        return name;
    }

    @Override
    public void close() {
        run("ip", "netns", "del", name);
    }

    private static String run(String... command) {
        try {
            final Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            final String output = new String(process.getInputStream().readAllBytes(), UTF_8);
            if (!process.waitFor(WITHIN_S, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IllegalStateException("does not end: " + String.join(" ", command));
            }
            if (process.exitValue() != 0) {
                throw new CommandFailed(process.exitValue(), String.join(" ", command) + ": " + output);
            }
            return output;
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static final class CommandFailed extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final int status;

        CommandFailed(int status, String message) {
            super(message);
            this.status = status;
        }
    }
}
