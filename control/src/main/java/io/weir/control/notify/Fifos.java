package io.weir.control.notify;

import io.weir.control.keepalived.GlobalSettings.Fifo;
import io.weir.control.keepalived.KeepalivedConfig.Script;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All FIFOs that are told, each with the script that reads it for as long as this lives. */
final class Fifos implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Fifos.class);
    private static final long FOR_EVER_MS = Long.MAX_VALUE / 4_000_000;

    private final Map<Fifo, FifoWriter> writers = new LinkedHashMap<>();
    private final Map<Fifo, Runnable> readers = new LinkedHashMap<>();

    /** Opens them; one that cannot be opened is logged and left out. */
    Fifos(List<Fifo> fifos, ScriptRunner scripts) {
        for (Fifo each : fifos) {
            try {
                writers.put(each, new FifoWriter(each, scripts.owner(each.user(), each.group())));
            } catch (IOException e) {
                LOG.error("event=notify-fifo path={} problem=\"{}\"", each.path(), e.getMessage());
                continue;
            }
            final Script script = each.script();
            if (script != null) {
                readers.put(
                        each,
                        scripts.run(
                                script,
                                List.of(each.path()),
                                FOR_EVER_MS,
                                status -> LOG.info(
                                        "event=notify-fifo-script command={} status={}", script.command(), status)));
            }
        }
    }

    /** Tells those that want to know of virtual routers. */
    void router(String kind, String name, String state, int priority) {
        say(Fifo::vrrp, kind + " \"" + name + "\" " + state + " " + priority);
    }

    /** Tells those that want to know of services: {@code VS name UP} or {@code RS server service DOWN}. */
    void service(String line) {
        say(Fifo::services, line);
    }

    private void say(Predicate<Fifo> wants, String line) {
        writers.forEach((fifo, writer) -> {
            if (wants.test(fifo)) {
                writer.say(line);
            }
        });
    }

    @Override
    public void close() {
        writers.values().forEach(FifoWriter::close);
        readers.values().forEach(Runnable::run);
    }
}
