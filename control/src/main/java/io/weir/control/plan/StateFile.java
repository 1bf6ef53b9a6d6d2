package io.weir.control.plan;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * The table as a file: what commands have changed lives on over a restart.
 *
 * <p><b>Layout</b>: {@code # weir state 1 BASIS}, restore lines, {@code # end}. BASIS is a digest of the configuration the
 * commands were given on: when that file has been edited since, it is right and the saved table is not.
 *
 * <p>It is written beside itself and renamed: at every moment there is a whole one, the old or the new. <b>Thread</b>: any
 * one at a time.
 */
public final class StateFile {
    private static final String HEAD = "# weir state 1 ";
    private static final String END = "# end\n";

    private final Path file;

    public StateFile(Path file) {
        this.file = file;
    }

    /** The digest of a configuration's text. */
    public static String basis(String configuration) {
        try {
            final MessageDigest digest = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(digest.digest(configuration.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** Replaces the file. Fails with IOException, and leaves the old one, if the disk is full or says no. */
    public void write(String basis, String lines) throws IOException {
        final Path folder = file.toAbsolutePath().getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        final Path fresh = file.resolveSibling(file.getFileName() + ".new");
        try {
            write(fresh, HEAD + basis + "\n" + lines + END);
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(fresh);
        }
    }

    private static void write(Path to, String text) throws IOException {
        try (FileChannel channel = FileChannel.open(
                to, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            final ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
    }

    /**
     * The saved lines.
     *
     * @return null if there are none for this basis
     */
    public @Nullable String read(String basis) throws IOException {
        final String text;
        try {
            text = Files.readString(file);
        } catch (NoSuchFileException e) {
            return null;
        }
        final int line = text.indexOf('\n');
        if (!text.startsWith(HEAD) || !text.endsWith(END)) {
            throw new IOException("no state file, or cut short");
        }
        return text.substring(HEAD.length(), line).equals(basis)
                ? text.substring(line + 1, text.length() - END.length())
                : null;
    }

    @Override
    public String toString() {
        return file.toString();
    }
}
