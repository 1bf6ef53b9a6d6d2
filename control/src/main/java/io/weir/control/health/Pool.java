package io.weir.control.health;

import io.weir.control.keepalived.ServiceSettings;
import io.weir.control.keepalived.ServiceSettings.FailureAction;
import io.weir.control.keepalived.ServiceSettings.PanicRule;
import io.weir.control.keepalived.ServiceSettings.ServerSettings;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which servers a service should have, with which weight, and the ipvsadm lines that lead there from what it has.
 *
 * <p><b>Thread</b>: {@code weir-health}.
 */
final class Pool {
    private Pool() {}

    /**
     * The wish: ipvsadm's words for a server, and its weight, in the order they are added.
     *
     * @param sorryIn the sorry server serves, alone
     */
    static Map<String, Integer> wanted(
            ServiceSettings service, List<ServerHealth> servers, boolean sorryIn, boolean panic) {
        final Map<String, Integer> wanted = new LinkedHashMap<>();
        for (ServerHealth server : servers) {
            final ServerSettings settings = server.settings();
            final boolean weightless =
                    settings.inhibit() || service.failure() == FailureAction.KEEP || server.isDraining();
            if (server.isAlive() && !sorryIn || panic && service.panic() == PanicRule.ALL) {
                wanted.put(settings.words(), server.weight());
            } else if (weightless && !server.isAlive()) {
                wanted.put(settings.words(), 0);
            }
        }
        final ServerSettings sorry = service.sorry();
        if (sorry != null && sorryIn) {
            wanted.put(sorry.words(), sorry.weight());
        } else if (sorry != null && sorry.inhibit()) {
            wanted.putIfAbsent(sorry.words(), 0);
        }
        return wanted;
    }

    /** The lines from one pool to another, for every address of the service. */
    static List<String> lines(List<String> keys, Map<String, Integer> from, Map<String, Integer> to) {
        final List<String> lines = new ArrayList<>();
        for (String key : keys) {
            // The new come before the old go: there is always a server if both pools have one.
            to.forEach((server, weight) -> {
                final Integer before = from.get(server);
                if (before == null) {
                    lines.add("-a " + key + " -r " + server + " -w " + weight);
                } else if (!before.equals(weight)) {
                    lines.add("-e " + key + " -r " + server + " -w " + weight);
                }
            });
            from.keySet().stream()
                    .filter(server -> !to.containsKey(server))
                    .forEach(server -> lines.add("-d " + key + " -r " + address(server)));
        }
        return lines;
    }

    /** The address without the words after it. */
    static String address(String server) {
        final int end = server.indexOf(' ');
        return end < 0 ? server : server.substring(0, end);
    }
}
