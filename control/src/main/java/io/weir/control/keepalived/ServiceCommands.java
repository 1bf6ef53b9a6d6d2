package io.weir.control.keepalived;

import io.weir.control.keepalived.ServiceSettings.ServerSettings;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The services of a configuration, with the servers they begin with, in ipvsadm's words. */
public final class ServiceCommands {
    /** A line for ipvsadm and the line of the file it comes from. */
    public record Line(int line, String where, String text) {}

    private ServiceCommands() {}

    /** All of them, in the order of the file. */
    public static List<Line> of(KeepalivedConfig config) {
        final List<Line> lines = new ArrayList<>();
        for (ServiceSettings service : config.services()) {
            final String where = "virtual_server " + service.name();
            for (String key : service.keys()) {
                lines.add(new Line(service.line(), where, "-A " + key + " " + service.options()));
                service.localAddresses()
                        .forEach(each ->
                                lines.add(new Line(service.line(), where, "--add-laddr " + key + " -z " + each)));
                initial(service)
                        .forEach((server, weight) -> lines.add(
                                new Line(service.line(), where, "-a " + key + " -r " + server + " -w " + weight)));
            }
        }
        return lines;
    }

    /**
     * The pool a service begins with, before any check: the servers that need no proof first.
     *
     * @return ipvsadm's words for a server, and its weight
     */
    public static Map<String, Integer> initial(ServiceSettings service) {
        final Map<String, Integer> pool = new LinkedHashMap<>();
        for (ServerSettings server : service.servers()) {
            final boolean alpha =
                    server.checks().stream().anyMatch(check -> check.timers().alpha());
            if (!alpha || server.inhibit()) {
                pool.put(server.words(), alpha ? 0 : server.weight());
            }
        }
        return pool;
    }
}
