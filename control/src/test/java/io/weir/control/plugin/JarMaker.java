package io.weir.control.plugin;

import io.weir.sched.Scheduler;
import java.io.IOException;
import java.io.Writer;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/** Makes plug-in jars out of source text, as an author's build would. */
public final class JarMaker {
    private static final String SERVICES = "META-INF/services/" + Scheduler.class.getName();

    private JarMaker() {}

    /**
     * Compiles one class and packs it.
     *
     * @param className with its package
     * @param service what META-INF/services says
     */
    public static Path make(Path jar, String className, String source, String service) throws IOException {
        final Path classes = Files.createTempDirectory(jar.toAbsolutePath().getParent(), "classes");
        compile(classes, className, source);
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar));
                Stream<Path> files = Files.walk(classes)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                put(out, classes.relativize(file).toString(), Files.readAllBytes(file));
            }
            put(out, SERVICES, service.getBytes(StandardCharsets.UTF_8));
        }
        return jar;
    }

    private static void compile(Path classes, String className, String source) throws IOException {
        final JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        final JavaFileObject file =
                new SimpleJavaFileObject(
                        URI.create("string:///" + className.replace('.', '/') + ".java"), JavaFileObject.Kind.SOURCE) {
                    @Override
                    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                        return source;
                    }
                };
        final List<String> problems = new ArrayList<>();
        final String path = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path", ""));
        final boolean good = compiler.getTask(
                        Writer.nullWriter(),
                        null,
                        problem -> problems.add(problem.toString()),
                        List.of("--release", "17", "-proc:none", "-cp", path, "-d", classes.toString()),
                        null,
                        List.of(file))
                .call();
        if (!good) {
            throw new IOException("does not compile: " + problems);
        }
    }

    private static void put(JarOutputStream out, String name, byte[] bytes) throws IOException {
        out.putNextEntry(new JarEntry(name));
        out.write(bytes);
        out.closeEntry();
    }
}
