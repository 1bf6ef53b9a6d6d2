package io.weir.control.plugin;

import io.weir.sched.Scheduler;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/** One jar in a class loader of its own, and the schedulers it names as services. */
final class PluginJar {
    private PluginJar() {}

    /**
     * Loads a jar's schedulers. The class loader lives as long as they do: the file must stay as it is.
     *
     * @return what makes each of them, by name; each call makes a new one, for an empty service
     */
    static Map<String, Supplier<Scheduler>> load(Path jar) throws PluginException {
        readable(jar);
        final Map<String, Supplier<Scheduler>> found = new TreeMap<>();
        try {
            final URLClassLoader loader =
                    new URLClassLoader(jar.getFileName().toString(), urls(jar), Scheduler.class.getClassLoader());
            for (ServiceLoader.Provider<Scheduler> provider :
                    (Iterable<ServiceLoader.Provider<Scheduler>>) ServiceLoader.load(Scheduler.class, loader).stream()
                            .filter(each -> each.type().getClassLoader() == loader)::iterator) {
                final String name = provider.get().name();
                if (found.put(name, provider) != null) {
                    throw new PluginException("two of its schedulers are called '" + name + "'");
                }
            }
        } catch (ServiceConfigurationError | LinkageError | RuntimeException e) {
            throw new PluginException(reason(e));
        }
        if (found.isEmpty()) {
            throw new PluginException("no scheduler in it: META-INF/services/" + Scheduler.class.getName()
                    + " must name a class that implements " + Scheduler.class.getName());
        }
        return found;
    }

    private static URL[] urls(Path jar) {
        try {
            return new URL[] {jar.toUri().toURL()};
        } catch (MalformedURLException e) {
            throw new IllegalArgumentException("no file: path=" + jar, e);
        }
    }

    /** A class loader would take a file that is no jar for an empty one. */
    private static void readable(Path jar) throws PluginException {
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            if (zip.size() == 0) {
                throw new PluginException("an empty jar");
            }
        } catch (ZipException e) {
            throw new PluginException("not a jar: " + e.getMessage());
        } catch (IOException e) {
            throw new PluginException("cannot read: " + e.getMessage());
        }
    }

    private static String reason(Throwable e) {
        final Throwable cause = e.getCause();
        final String own = String.valueOf(e.getMessage()).replaceAll("\\s+", " ");
        return "cannot load: "
                + (e instanceof ServiceConfigurationError ? own : e.getClass().getName() + ": " + own)
                + (cause == null ? "" : " (" + cause.toString().replaceAll("\\s+", " ") + ")");
    }
}
