package io.weir.conntrack;

import java.io.IOException;
import java.nio.file.Path;

/** What can be known of a table's file before it is opened with {@link ConnectionTable#open}. */
public final class SavedTable {
    private SavedTable() {}

    /** The seed that it was last used with, or {@code otherwise}: all workers must go on with one seed. */
    public static long seedOf(Path file, long otherwise) throws IOException {
        return TableFile.seedOf(file, otherwise);
    }

    /** How many records it has room for; 0 if there is no such file, or no table of this layout in it. */
    public static int capacityOf(Path file) throws IOException {
        return TableFile.capacityOf(file);
    }
}
