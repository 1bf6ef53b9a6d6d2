package io.weir.control.health;

import io.weir.control.keepalived.Block;
import io.weir.control.keepalived.ServiceSettings.CheckSettings;
import io.weir.control.keepalived.Statement;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * {@code FILE_CHECK}: a number in a file. Without a weight 0 is up; with one the number times the weight is added to the
 * server's, and a sum far below zero is down.
 */
final class FileChecker implements Checker {
    private static final int LONGEST = 64;

    /**
     * Which file, and what its number means.
     *
     * @param path or the name of a track_file
     * @param dynamic the weight in IPVS follows
     */
    record Options(String path, int weight, boolean dynamic) {}

    @Override
    public String keyword() {
        return "FILE_CHECK";
    }

    @Override
    public int defaultRetries() {
        return 0;
    }

    @Override
    public boolean hasEndpoint() {
        return false;
    }

    @Override
    public Object options(Block block, String virtualHost) {
        final @Nullable String name = block.text("track_file");
        if (name == null) {
            block.report().wrong(block.statement(), "'track_file' is missing");
        }
        final Statement line = block.last("weight");
        final int weight = line == null ? 0 : block.integer(line, 1, Integer.MIN_VALUE + 1, Integer.MAX_VALUE, 0);
        final boolean reverse = line != null && line.words().contains("reverse");
        return new Options(name == null ? "" : name, reverse ? -weight : weight, block.flag("dynamic", false));
    }

    @Override
    public Probe probe(CheckSettings check, CheckLoop loop) {
        return new Probe() {
            @Override
            public void start(Outcome outcome) {
                outcome.done(read((Options) check.options()));
            }

            @Override
            public void cancel() {}
        };
    }

    private static CheckResult read(Options options) {
        final Path path = Path.of(options.path());
        try {
            final String text = new String(Files.readAllBytes(path), StandardCharsets.US_ASCII).strip();
            final long value = text.isEmpty() ? 0 : Long.parseLong(text.substring(0, Math.min(LONGEST, text.length())));
            if (options.weight() == 0) {
                return value == 0 ? CheckResult.up("the file says 0") : CheckResult.down("the file says " + value);
            }
            final long weight = Math.multiplyExact(value, (long) options.weight());
            if (weight <= Integer.MIN_VALUE) {
                return CheckResult.down("the file says " + value);
            }
            final int bounded = (int) Math.min(Integer.MAX_VALUE, weight);
            return options.dynamic()
                    ? CheckResult.up("the file says " + value, bounded)
                    : CheckResult.up("the file says " + value);
        } catch (IOException e) {
            return CheckResult.up("there is no file " + path);
        } catch (NumberFormatException | ArithmeticException e) {
            return CheckResult.down("no number in " + path);
        }
    }
}
