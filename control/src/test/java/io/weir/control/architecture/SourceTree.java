package io.weir.control.architecture;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;

/** The files of the repository, from wherever a test runs. */
public final class SourceTree {
    private static final Set<String> LEFT_OUT = Set.of("target", ".git");

    private SourceTree() {}

    /** The repository's root: the folder that holds README.md and the launcher. */
    public static Path root() {
        Path at = Path.of("").toAbsolutePath();
        while (!Files.exists(at.resolve("README.md")) || !Files.exists(at.resolve("weir"))) {
            at = Objects.requireNonNull(at.getParent(), "not inside the repository");
        }
        return at;
    }

    /** A path as the documents write it: from the root, with slashes. */
    static String name(Path file) {
        return root().relativize(file).toString().replace('\\', '/');
    }

    /** Java files under {@code src/main} or {@code src/test} of every module. */
    static List<Path> javaFiles(String sourceSet) throws IOException {
        return files(path ->
                path.toString().endsWith(".java") && name(path).matches("[a-z]+/src/" + sourceSet + "/java/.*"));
    }

    /** README.md and everything under docs. */
    static List<Path> documents() throws IOException {
        return files(path -> path.toString().endsWith(".md")
                && (path.startsWith(root().resolve("docs")) || path.equals(root().resolve("README.md"))));
    }

    /** Without what is built, which may come and go meanwhile. */
    private static List<Path> files(Predicate<Path> wanted) throws IOException {
        final List<Path> found = new ArrayList<>();
        Files.walkFileTree(root(), new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                final Path name = folder.getFileName();
                return name != null && LEFT_OUT.contains(name.toString())
                        ? FileVisitResult.SKIP_SUBTREE
                        : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                if (wanted.test(file)) {
                    found.add(file);
                }
                return FileVisitResult.CONTINUE;
            }
        });
        Collections.sort(found);
        return found;
    }
}
