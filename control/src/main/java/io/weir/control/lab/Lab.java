package io.weir.control.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A lab as {@link LabPlan} draws it, up from {@link #create} to {@link #close}.
 *
 * <p><b>Owner</b>: who made it closes it; a shutdown hook does when the process ends first (Ctrl-C), and the next
 * process that makes a lab takes down those of processes killed before they could.
 *
 * <p><b>Fails</b>: with a {@link LabException} of one line, after taking down what was up.
 */
public final class Lab implements AutoCloseable {
    private static final AtomicInteger SEQUENCE = new AtomicInteger();

    /** The process is ending while a lab is up. */
    private static volatile boolean interrupted;

    private final LabOptions options;
    private final String name;
    private final Path folder;
    private final Namespace client;
    private final Namespace director;
    private final Namespace router;
    private final Namespace network;
    private final List<Namespace> servers = new ArrayList<>();
    private final List<Background> processes = Collections.synchronizedList(new ArrayList<>());
    private final Thread hook;
    private volatile boolean closed;

    private Lab(LabOptions options) {
        this.options = options;
        name = options.keep()
                ? Leftovers.KEPT
                : "weirlab-" + ProcessHandle.current().pid() + "-" + SEQUENCE.incrementAndGet();
        folder = Leftovers.FOLDER.resolve(name);
        client = namespace("client");
        director = namespace("director");
        router = namespace("router");
        network = namespace("switch");
        for (int i = 1; i <= options.servers(); i++) {
            servers.add(namespace("rs" + i));
        }
        hook = new Thread(
                () -> {
                    interrupted = true;
                    takeDown();
                    // Ctrl-C may have come while another thread was at it, and cut it short.
                    if (Leftovers.exists(name)) {
                        Leftovers.remove(name);
                    }
                },
                "lab-cleanup");
    }

    /** Makes a lab, with its web servers answering. */
    public static Lab create(LabOptions options) {
        Leftovers.clean();
        if (options.keep() && Leftovers.exists(Leftovers.KEPT)) {
            throw new LabException("a kept lab is up already; take it down first: weir demo --down");
        }
        final Lab lab = new Lab(options);
        Runtime.getRuntime().addShutdownHook(lab.hook);
        try {
            lab.build();
        } catch (RuntimeException e) {
            lab.close();
            throw e;
        }
        return lab;
    }

    /** Takes down the lab that {@code --keep} left up. Returns false if there is none. */
    public static boolean removeKept() {
        final boolean there = Leftovers.exists(Leftovers.KEPT);
        if (there) {
            Leftovers.remove(Leftovers.KEPT);
        }
        return there;
    }

    /** Was a lab taken from under us by Ctrl-C? Then nothing that failed since is worth a word. */
    static boolean isInterrupted() {
        return interrupted;
    }

    private void build() {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new LabException("cannot make " + folder + ": " + e.getMessage(), e);
        }
        new LabBuilder(this).build();
        for (int i = 1; i <= servers.size(); i++) {
            new WebServer(this, i).start();
        }
        for (int i = 1; i <= servers.size(); i++) {
            new WebServer(this, i).awaitAnswer();
        }
    }

    /** Starts a command that lives no longer than the lab. */
    public Background start(Namespace where, String what, List<String> command) {
        final Background process = where.start(what, command);
        processes.add(process);
        return process;
    }

    /** Starts the director on {@code configuration} (YAML) and waits until it forwards. */
    public Background startDirector(String configuration) {
        return DirectorProcess.start(this, configuration);
    }

    public LabOptions options() {
        return options;
    }

    public LabMethod method() {
        return options.method();
    }

    /** The prefix of its namespaces. */
    public String name() {
        return name;
    }

    /** Its files: logs, captures, configurations, web servers' documents. */
    public Path folder() {
        return folder;
    }

    public Namespace client() {
        return client;
    }

    public Namespace director() {
        return director;
    }

    public Namespace router() {
        return router;
    }

    /** Where all wires meet; its interface {@code p-ROLE-IF} is the far end of a role's interface. */
    public Namespace network() {
        return network;
    }

    /** Server {@code number}, from 1. */
    public Namespace server(int number) {
        return servers.get(number - 1);
    }

    public List<Namespace> servers() {
        return Collections.unmodifiableList(servers);
    }

    List<Namespace> namespaces() {
        final List<Namespace> all = new ArrayList<>(List.of(network, client, director, router));
        all.addAll(servers);
        return all;
    }

    /** Lets a kept lab live on after this process. */
    public void leaveUp() {
        closed = true;
        Runtime.getRuntime().removeShutdownHook(hook);
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        takeDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // Shutting down: the hook runs, or has run, and found nothing left to do.
            return;
        }
    }

    private synchronized void takeDown() {
        if (closed) {
            return;
        }
        closed = true;
        // Last started, first stopped: captures and the director before the servers.
        for (int i = processes.size() - 1; i >= 0; i--) {
            processes.get(i).close();
        }
        Leftovers.remove(name);
    }

    private Namespace namespace(String role) {
        return new Namespace(name + "-" + role, role, folder);
    }
}
