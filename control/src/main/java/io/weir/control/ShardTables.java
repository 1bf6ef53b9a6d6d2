package io.weir.control;

import io.weir.conntrack.ClientHash;
import io.weir.conntrack.ConnectionTable;
import io.weir.conntrack.Resharding;
import io.weir.conntrack.SavedTable;
import io.weir.conntrack.Ticks;
import io.weir.control.config.WeirConfig;
import io.weir.dataplane.Ownership;
import io.weir.dataplane.WorkerOptions;
import io.weir.dataplane.io.linux.HugePages;
import io.weir.service.ServiceTable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connection tables of all workers, and the files behind them.
 *
 * <p>Worker 0 has the file that the configuration names, worker n that name with {@code .n}. Each holds its share of the
 * configured size. A file of another size, or of a worker that is no more, is put aside as {@code .old.n} until its
 * connections are in the tables of their owners; an interrupted start goes on with that at the next one.
 *
 * <p><b>Thread</b>: the director's, before the workers run.
 */
final class ShardTables {
    private static final Logger LOG = LoggerFactory.getLogger(ShardTables.class);
    private static final String OLD = ".old.";
    private static final Set<String> IN_MEMORY = Set.of("tmpfs", "ramfs", "hugetlbfs");

    private final WeirConfig.Table config;
    private final int workers;
    private final int size;
    private final long seed;
    private final Ownership ownership;
    private final List<ConnectionTable> tables = new ArrayList<>();

    private ShardTables(WeirConfig.Table config, int workers, ServiceTable services) throws IOException {
        this.config = config;
        this.workers = workers;
        this.size = (config.size() + workers - 1) / workers;
        final long fresh = new SecureRandom().nextLong();
        this.seed = config.file() == null ? fresh : SavedTable.seedOf(config.file(), fresh);
        this.ownership = Ownership.of(new ClientHash(seed), workers).widened(services);
    }

    /** Opens or makes them; all or none. */
    static ShardTables open(WeirConfig.Table config, int workers, ServiceTable services) throws IOException {
        final ShardTables shards = new ShardTables(config, workers, services);
        try {
            shards.openAll(config.file());
            return shards;
        } catch (IOException | RuntimeException e) {
            shards.tables.forEach(ConnectionTable::close);
            throw e;
        }
    }

    private void openAll(@Nullable Path file) throws IOException {
        if (file == null) {
            for (int i = 0; i < workers; i++) {
                // FULLNAT always: local addresses may come later, by a command.
                tables.add(ConnectionTable.create(size, seed, size, HugePages.ADVICE));
            }
            return;
        }
        final Path folder = file.toAbsolutePath().getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        final List<Path> old = putAside(file);
        for (int i = 0; i < workers; i++) {
            tables.add(ConnectionTable.open(shard(file, i), size, seed, size, HugePages.ADVICE));
        }
        warnOfDisk(file);
        final Resharding resharding =
                new Resharding(tables.toArray(new ConnectionTable[0]), ownership::owner, (table, id) -> {});
        for (Path each : old) {
            takeIn(each, resharding);
        }
        for (int i = 0; workers > 1 && i < workers; i++) {
            resharding.empty(tables.get(i), i, now());
        }
        if (resharding.moved() + resharding.lost() > 0) {
            LOG.info("event=resharded workers={} moved={} lost={}", workers, resharding.moved(), resharding.lost());
        }
    }

    /** What is written to a disk now and then is held against the worker's writes meanwhile. */
    private static void warnOfDisk(Path file) throws IOException {
        final String type = Files.getFileStore(file).type();
        if (!IN_MEMORY.contains(type)) {
            LOG.warn(
                    "event=table-on-disk file={} type={} problem=\"packets wait while the kernel writes it back\""
                            + " try=\"a file in /run or /dev/shm\"",
                    file,
                    type);
        }
    }

    private static int now() {
        return Ticks.ofNanos(System.nanoTime());
    }

    private static Path shard(Path file, int worker) {
        return worker == 0 ? file : file.resolveSibling(file.getFileName() + "." + worker);
    }

    /** Renames the files that do not fit any more; returns all that wait to be taken in. */
    private List<Path> putAside(Path file) throws IOException {
        final String name = String.valueOf(file.getFileName());
        final List<Path> old = new ArrayList<>();
        for (Path each : beside(file)) {
            final String rest = String.valueOf(each.getFileName()).substring(name.length());
            if (rest.startsWith(OLD)) {
                old.add(each);
            } else if (isOutgrown(each, worker(rest))) {
                refuseIfInUse(each);
                int number = worker(rest);
                while (Files.exists(file.resolveSibling(name + OLD + number))) {
                    number += WorkerOptions.MOST;
                }
                final Path aside = file.resolveSibling(name + OLD + number);
                old.add(Files.move(each, aside, StandardCopyOption.ATOMIC_MOVE));
            }
        }
        return old;
    }

    private boolean isOutgrown(Path file, int worker) throws IOException {
        final int capacity = SavedTable.capacityOf(file);
        return capacity > 0 && (capacity != size || worker >= workers);
    }

    private static void refuseIfInUse(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock()) {
            if (lock == null) {
                throw new IOException("connection table is in use by another process: file=" + file);
            }
        }
    }

    private static int worker(String rest) {
        return rest.isEmpty() ? 0 : Integer.parseInt(rest.substring(1));
    }

    private static List<Path> beside(Path file) throws IOException {
        final Path folder = file.toAbsolutePath().getParent();
        final String name = Pattern.quote(String.valueOf(file.getFileName()));
        if (folder == null) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(each -> String.valueOf(each.getFileName()).matches(name + "((\\.old)?\\.\\d{1,3})?"))
                    .filter(Files::isRegularFile)
                    .sorted()
                    .toList();
        }
    }

    private void takeIn(Path file, Resharding resharding) throws IOException {
        final int capacity = SavedTable.capacityOf(file);
        if (capacity == 0) {
            LOG.warn("event=table-left file={} problem=\"no connection table of this version\"", file);
            return;
        }
        try (ConnectionTable from = ConnectionTable.open(file, capacity, seed, capacity)) {
            resharding.empty(from, Resharding.ELSEWHERE, now());
        }
        Files.delete(file);
    }

    /** By worker. */
    List<ConnectionTable> tables() {
        return List.copyOf(tables);
    }

    Ownership ownership() {
        return ownership;
    }
}
