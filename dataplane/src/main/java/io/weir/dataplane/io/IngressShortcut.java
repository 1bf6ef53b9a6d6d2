package io.weir.dataplane.io;

import io.weir.dataplane.io.linux.Bpf;
import io.weir.dataplane.io.linux.InterfaceControl;
import io.weir.dataplane.io.linux.LibC;
import io.weir.dataplane.io.linux.NativeException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
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
 * <p><b>Thread</b>: control, one at a time.
 */
public final class IngressShortcut implements RuleFollower, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(IngressShortcut.class);
    private static final int NO_SOCKETS = 0;

    private final Deque<Integer> descriptors = new ArrayDeque<>();
    private final XdpFilter filter;
    private final Bpf bpf = new Bpf("guard");
    private final int program;

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
    public static @Nullable IngressShortcut open(List<String> interfaces) {
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
        write(() -> filter.follow(rules));
    }

    @Override
    public void follow(GuardRules.Change change) {
        write(() -> filter.follow(change));
    }

    /** What cannot be written whole is not there at all: the guard's rules then do everything. */
    private void write(Runnable task) {
        try {
            task.run();
        } catch (NativeException e) {
            LOG.warn("event=guard shortcut=ended reason=\"{}\"", e.getMessage());
            close();
        }
    }

    /** For tests: false once something could not be written. */
    boolean isOpen() {
        return !descriptors.isEmpty();
    }

    /** For tests: the verdict on a frame. */
    int verdict(byte[] frame) {
        return bpf.run(program, frame);
    }

    @Override
    @SuppressWarnings("NullAway") // without a filter where the constructor fails
    public void close() {
        if (filter != null) {
            filter.close();
        }
        while (!descriptors.isEmpty()) {
            LibC.close(descriptors.pop());
        }
    }
}
