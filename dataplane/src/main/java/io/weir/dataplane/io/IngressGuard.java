package io.weir.dataplane.io;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.weir.dataplane.io.linux.InterfaceControl;
import io.weir.dataplane.io.linux.LinuxConstants;
import io.weir.dataplane.io.linux.NativeException;
import io.weir.dataplane.io.linux.NetfilterSocket;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the host's stack away from what the director took.
 *
 * <p>A packet socket only gets copies; without more, the host would answer or forward every packet a second time. The
 * guard is an nftables table of family netdev: its ingress hook runs after packet taps and before the IP stack. It holds
 * no state in the kernel but that table, {@code weir_guard_NAME}, which is replaced in one transaction. An {@link IngressShortcut}
 * in front, if it follows, spares the table nearly all frames; that ends with the process, the table stays.
 *
 * <p>ARP and neighbour discovery stay with the host, except requests for VIPs, which the director answers. ICMP errors of
 * real servers behind NAT pass too: nobody listens to them twice.
 *
 * <p><b>Fails</b>: with one line: no such interface, or nft's own first line of complaint.
 *
 * <p><b>Thread</b>: control; nft is started in the network namespace of the calling thread.
 */
public final class IngressGuard implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(IngressGuard.class);
    private static final String PREFIX = "weir_guard_";
    /** NFT_NAME_MAXLEN is 256. */
    private static final int LONGEST_NAME = 64;

    private static final long NFT_WITHIN_S = 30;

    private final String table;
    private final List<String> interfaces;
    private final List<RuleFollower> followers;
    private @Nullable NetfilterSocket socket;
    private GuardBatch.@Nullable Messages question;
    private boolean installed;
    /** Replies that the sets of known size can still take; servers are fewer. */
    private int room;

    private IngressGuard(String table, List<String> interfaces, List<RuleFollower> followers) {
        this.table = table;
        this.interfaces = List.copyOf(interfaces);
        this.followers = List.copyOf(followers);
    }

    /**
     * Installs the guard, in place of one that is there under the same name.
     *
     * @param name of the director's configuration
     * @param interfaces the kernel's names of those with packet sockets
     * @param followers devices that are told of the rules, always after the guard has them
     */
    public static IngressGuard install(
            String name, List<String> interfaces, GuardRules rules, List<RuleFollower> followers) {
        interfaces.forEach(IngressGuard::requireInterface);
        final IngressGuard guard = new IngressGuard(tableName(name), interfaces, followers);
        try {
            guard.replace(rules);
        } catch (RuntimeException e) {
            guard.remove();
            throw e;
        }
        return guard;
    }

    /** Newer kernels take a chain for an interface that is not there, and nft 1.0.6 crashes at a name that is too long. */
    private static void requireInterface(String name) {
        try (InterfaceControl control = new InterfaceControl(name)) {
            control.index();
        }
    }

    /** Replaces the rules; at no time are there none. */
    public void replace(GuardRules rules) {
        nft(GuardScript.replace(table, interfaces, rules));
        installed = true;
        room = GuardScript.size(rules) - rules.replies().size();
        followers.forEach(follower -> follower.follow(rules));
    }

    /** Do the sets have room for what a change adds? If not, they are to be replaced by larger ones. */
    public boolean hasRoomFor(GuardRules.Change change) {
        return change.replies().added().size() <= room;
    }

    /** Changes some of the rules in one transaction. */
    public void change(GuardRules.Change change) {
        if (!change.isEmpty()) {
            if (!GuardBatch.isEnough(change) || !transact(change)) {
                nft(GuardScript.change(table, change));
            }
            room += change.replies().removed().size() - change.replies().added().size();
            followers.forEach(follower -> follower.follow(change));
        }
    }

    /**
     * Writes what a change would send to the kernel, and sends it nowhere: whoever warms up goes this way, too.
     *
     * @return how many bytes that is
     */
    public static int rehearse(GuardRules.Change change) {
        return GuardBatch.of(PREFIX, change).bytes().limit();
    }

    /** False if the kernel refuses: nft knows how to put it, for example a VIP within a prefix that is there. */
    private boolean transact(GuardRules.Change change) {
        final GuardBatch.Messages messages = GuardBatch.of(table, change);
        try {
            final int refusal = socket().transact(messages.bytes(), messages.last());
            if (refusal != 0) {
                LOG.debug("event=guard refused=errno-{}", refusal);
            }
            return refusal == 0;
        } catch (NativeException e) {
            closeSocket();
            LOG.debug("event=guard problem=\"{}\"", e.getMessage());
            return false;
        }
    }

    /**
     * Has somebody else removed it, with all tables of nftables for example? Two system calls; false, too, if the kernel
     * does not say.
     */
    public boolean isGone() {
        if (!installed) {
            return false;
        }
        if (question == null) {
            question = GuardBatch.question(table);
        }
        try {
            return socket().transact(question.bytes(), question.last()) == LinuxConstants.ENOENT;
        } catch (NativeException e) {
            closeSocket();
            LOG.debug("event=guard problem=\"{}\"", e.getMessage());
            return false;
        }
    }

    private NetfilterSocket socket() {
        if (socket == null) {
            socket = new NetfilterSocket();
        }
        return socket;
    }

    private void closeSocket() {
        if (socket != null) {
            socket.close();
            socket = null;
        }
    }

    /** Removes the guard; again does nothing. */
    public void remove() {
        closeSocket();
        if (installed) {
            installed = false;
            nft(GuardScript.remove(table));
        }
    }

    @Override
    public void close() {
        remove();
    }

    /**
     * Removes what a director of that name left behind when it was killed.
     *
     * @return was there something?
     */
    public static boolean cleanLeftover(String name) {
        final String table = tableName(name);
        final String tables = nft("list tables netdev\n");
        if (tables.lines().noneMatch(line -> line.strip().equals("table netdev " + table))) {
            return false;
        }
        nft(GuardScript.remove(table));
        return true;
    }

    /** The nftables table of a director; letters that nft does not take in names become underscores. */
    static String tableName(String name) {
        final String clean = name.replaceAll("[^A-Za-z0-9_]", "_");
        // Two names that are cleaned into one, or cut, must not share a table.
        final boolean same = clean.equals(name) && name.length() <= LONGEST_NAME;
        final String start = clean.substring(0, Math.min(LONGEST_NAME, clean.length()));
        return PREFIX + (same ? start : start + "_" + Integer.toHexString(name.hashCode()));
    }

    /** Runs nft; IllegalStateException if it complains, or does not end. */
    static String nft(String script) {
        return run(List.of("nft", "-f", "-"), script, NFT_WITHIN_S);
    }

    /** Runs nft, or what tests have for it, for no longer than that, whether it reads, writes or does neither. */
    static String run(List<String> command, String script, long withinSeconds) {
        final Process process;
        try {
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            throw new IllegalStateException("nft: cannot be started (Debian package nftables)", e);
        }
        final CompletableFuture<Process> end = process.onExit().orTimeout(withinSeconds, TimeUnit.SECONDS);
        // Its end closes both pipes, so that nobody waits for them for longer.
        final CompletableFuture<Process> cleared = end.whenComplete((ended, late) -> {
            if (late != null) {
                process.destroyForcibly();
            }
        });
        try {
            try (OutputStream in = process.getOutputStream()) {
                in.write(script.getBytes(UTF_8));
            }
            final String answer = new String(process.getInputStream().readAllBytes(), UTF_8);
            final int status = cleared.join().exitValue();
            if (status != 0) {
                throw new IllegalStateException(
                        "nft: " + answer.lines().findFirst().orElse("exit status " + status));
            }
            return answer;
        } catch (IOException | CompletionException e) {
            final String why = end.isCompletedExceptionally() ? "does not end" : e.getMessage();
            throw new IllegalStateException("nft: " + why, e);
        } finally {
            process.destroyForcibly();
        }
    }
}
