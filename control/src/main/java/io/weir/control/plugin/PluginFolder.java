package io.weir.control.plugin;

import io.weir.sched.Scheduler;
import io.weir.sched.Schedulers;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The jars of a folder, tried and loaded.
 *
 * <p>A jar is copied first, and the copy is tried and used: whoever writes to the folder later changes nothing that runs. What
 * was good once in this process is not tried again. Its classes stay loaded until the process ends.
 *
 * <p><b>Thread</b>: any. A trial takes seconds: hold no lock.
 */
public final class PluginFolder {
    /** A good jar takes two seconds or three; a machine may be busy. */
    private static final long TRIAL_SECONDS = 60;

    /** Those found good, by the digest of their bytes. */
    private static final Map<String, Map<String, Supplier<Scheduler>>> GOOD = new ConcurrentHashMap<>();

    private PluginFolder() {}

    /**
     * Reads a folder's {@code *.jar}, in alphabetical order.
     *
     * @param problems takes one line for each jar that is refused
     */
    public static Schedulers.Plugins read(Path folder, Consumer<String> problems) {
        return read(folder, problems, TRIAL_SECONDS);
    }

    static Schedulers.Plugins read(Path folder, Consumer<String> problems, long trialSeconds) {
        final Map<String, Supplier<Scheduler>> all = new TreeMap<>();
        final Map<String, Path> owners = new TreeMap<>();
        for (Path jar : jars(folder, problems)) {
            try {
                for (Map.Entry<String, Supplier<Scheduler>> each :
                        good(jar, trialSeconds).entrySet()) {
                    final String name = each.getKey();
                    if (Schedulers.isBuiltIn(name)) {
                        throw new PluginException("there is a built-in scheduler '" + name + "' already");
                    }
                    if (owners.putIfAbsent(name, jar) != null) {
                        throw new PluginException("there is a scheduler '" + name + "' already, in "
                                + owners.get(name).getFileName());
                    }
                    all.put(name, each.getValue());
                }
            } catch (PluginException e) {
                problems.accept(jar.getFileName() + " is refused: " + e.getMessage());
            }
        }
        return new Schedulers.Plugins(all);
    }

    private static List<Path> jars(Path folder, Consumer<String> problems) {
        final List<Path> jars = new ArrayList<>();
        if (!Files.isDirectory(folder)) {
            problems.accept("no such folder: " + folder);
            return jars;
        }
        try (Stream<Path> files = Files.list(folder)) {
            files.filter(each -> each.toString().endsWith(".jar")).sorted().forEach(jars::add);
        } catch (IOException e) {
            problems.accept("cannot read the folder " + folder + ": " + e.getMessage());
        }
        return jars;
    }

    private static Map<String, Supplier<Scheduler>> good(Path jar, long trialSeconds) throws PluginException {
        try {
            final byte[] bytes = Files.readAllBytes(jar);
            final String digest = digest(bytes);
            final Map<String, Supplier<Scheduler>> known = GOOD.get(digest);
            if (known != null) {
                return known;
            }
            final Path copy = Files.createTempFile("weir-plugin-", ".jar");
            copy.toFile().deleteOnExit();
            Files.write(copy, bytes);
            try {
                PluginTrial.run(copy, trialSeconds);
                final Map<String, Supplier<Scheduler>> loaded = PluginJar.load(copy);
                GOOD.put(digest, loaded);
                return loaded;
            } catch (PluginException e) {
                Files.delete(copy);
                throw e;
            }
        } catch (IOException e) {
            throw new PluginException("cannot read: " + e.getMessage());
        }
    }

    private static String digest(byte[] bytes) {
        try {
            return new BigInteger(1, MessageDigest.getInstance("SHA-256").digest(bytes)).toString(16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
