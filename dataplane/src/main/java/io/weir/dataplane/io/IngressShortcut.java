package io.weir.dataplane.io;

import io.weir.dataplane.io.linux.Bpf;
import io.weir.dataplane.io.linux.InterfaceControl;
import io.weir.dataplane.io.linux.LibC;
import io.weir.dataplane.io.linux.NativeException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the director's frames in the kernel right behind the packet taps, by a program of some fifty instructions, before the
 * {@link IngressGuard}'s rules are asked: they cost the receiving CPU as much as the tap itself.
 *
 * <p>It only spares the guard work. Where it is not (kernels before 6.6, no CAP_BPF, a map that is full, a frame whose
 * headers it cannot read in one piece) the guard does the same. It is attached by links, which end with the process.
 *
 * <p><b>Threads</b>: additions are written by a thread of its own, nobody waits for them; a change that takes something
 * away returns when the kernel has it.
 */
final class IngressShortcut implements RuleFollower, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(IngressShortcut.class);
    private static final int NO_SOCKETS = 0;

    private final Deque<Integer> descriptors = new ArrayDeque<>();
    private final XdpFilter filter;
    private final Bpf bpf = new Bpf("guard");
    private final int program;
    private final ExecutorService writer = Executors.newSingleThreadExecutor(task -> {
        final Thread thread = new Thread(task, "weir-guard");
        thread.setDaemon(true);
        return thread;
    });

    private IngressShortcut(List<String> interfaces) {
        try {
            filter = new XdpFilter(bpf, descriptors);
            program = bpf.ingressProgram("weir_guard", XdpProgram.assembleDropping(filter.maps(NO_SOCKETS)));
            descriptors.push(program);
            for (final String name : interfaces) {
                attach(name);
            }
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private void attach(String name) {
        try (InterfaceControl control = new InterfaceControl(name)) {
            final int link = bpf.linkIngress(program, control.index());
            if (link < 0) {
                throw new NativeException("bpf(LINK_CREATE)", -link, "interface " + name);
            }
            descriptors.push(link);
        }
    }

    /** Attaches it, without rules; null, and a line in the log, if this kernel does not take it. */
    static @Nullable IngressShortcut open(List<String> interfaces) {
        if (interfaces.isEmpty()) {
            return null;
        }
        try {
            return new IngressShortcut(interfaces);
        } catch (NativeException | IllegalStateException e) {
            LOG.info("event=guard shortcut=none reason=\"{}\"", e.getMessage());
            return null;
        }
    }

    @Override
    public void follow(GuardRules rules) {
        write(() -> filter.follow(rules)).join();
    }

    @Override
    public void follow(GuardRules.Change change) {
        final CompletableFuture<Void> written = write(() -> filter.follow(change));
        if (change.takesAway()) {
            written.join();
        }
    }

    /** What cannot be written whole is not there at all: the guard's rules then do everything. */
    private CompletableFuture<Void> write(Runnable task) {
        return CompletableFuture.runAsync(task, writer).exceptionally(problem -> {
            LOG.warn("event=guard shortcut=ended reason=\"{}\"", problem.getMessage());
            release();
            return null;
        });
    }

    /** For tests: waits until everything is written. */
    void settle() {
        write(() -> {}).join();
    }

    /** For tests: false once something could not be written. */
    synchronized boolean isOpen() {
        return !descriptors.isEmpty();
    }

    /** For tests: the verdict on a frame. */
    int verdict(byte[] frame) {
        return bpf.run(program, frame);
    }

    private synchronized void release() {
        if (filter != null) {
            filter.close();
        }
        while (!descriptors.isEmpty()) {
            LibC.close(descriptors.pop());
        }
    }

    @Override
    public void close() {
        if (writer.isShutdown()) {
            return;
        }
        CompletableFuture.runAsync(this::release, writer).join();
        writer.shutdown();
    }
}
