package io.weir.control;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.jar.JarFile;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;

/**
 * {@code weir rehearse}: loads every class of Weir's own and goes where a director goes, without a device or a socket. The
 * launcher and the Debian package run it once, so that the virtual machine writes an archive of the classes, from which
 * the next ones start in half of the time.
 */
@Command(name = "rehearse", hidden = true, description = "Loads what a director loads, and ends.")
final class RehearseCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(RehearseCommand.class);
    private static final String OWN = "io/weir/";
    private static final String CLASS = ".class";

    @Override
    public Integer call() throws IOException {
        for (String jar : System.getProperty("java.class.path").split(":", -1)) {
            if (Path.of(jar).getFileName().toString().startsWith("weir-") && jar.endsWith(".jar")) {
                load(jar);
            }
        }
        WarmPath.begin(true, List.of()).await();
        return WarmStart.run(true) == 0 ? 0 : 1;
    }

    private static void load(String jar) throws IOException {
        try (JarFile file = new JarFile(jar)) {
            file.stream()
                    .map(entry -> entry.getName())
                    .filter(name -> name.startsWith(OWN) && name.endsWith(CLASS))
                    .map(name ->
                            name.substring(0, name.length() - CLASS.length()).replace('/', '.'))
                    .forEach(RehearseCommand::find);
        }
    }

    private static void find(String name) {
        try {
            Class.forName(name, false, RehearseCommand.class.getClassLoader());
        } catch (ClassNotFoundException | LinkageError e) {
            LOG.debug("event=rehearse class={} problem=\"{}\"", name, e.getMessage());
        }
    }
}
