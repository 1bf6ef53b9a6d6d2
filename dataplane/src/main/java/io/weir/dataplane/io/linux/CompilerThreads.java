package io.weir.dataplane.io.linux;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The virtual machine's compilers, which have work for seconds after every start and after every new kind of load.
 *
 * <p>There is no flag for their priority that an unprivileged process can use without a warning, so it is set from
 * outside (setpriority(2)): a thread may always be made to wait longer.
 */
public final class CompilerThreads {
    /** The kernel keeps 15 letters of a name: "C1 CompilerThread0". */
    private static final String NAME = "C[12] CompilerThre";

    private static final Path TASKS = Path.of("/proc/self/task");
    private static final int PRIO_PROCESS = 0;
    /** A little: with 10 a command once waited for half a second, perhaps for a lock that a compiler held. */
    private static final int NICE = 4;

    private CompilerThreads() {}

    /**
     * Packets and commands go first from now on, with the compilers that are started later, too: those have the priority of
     * the one that started them. Without /proc nothing changes.
     */
    public static void letOthersGoFirst() {
        try (DirectoryStream<Path> tasks = Files.newDirectoryStream(TASKS)) {
            for (final Path task : tasks) {
                if (isCompiler(task)) {
                    LibC.setpriority(PRIO_PROCESS, Integer.parseInt(String.valueOf(task.getFileName())), NICE);
                }
            }
        } catch (IOException e) {
            return;
        }
    }

    private static boolean isCompiler(Path task) {
        try {
            return Files.readString(task.resolve("comm")).strip().matches(NAME);
        } catch (IOException e) {
            // It has ended meanwhile.
            return false;
        }
    }
}
