package io.weir.bench.report;

import io.weir.bench.quality.Quality;
import java.util.List;
import java.util.Map;

/**
 * All figures of one run and the conditions they hold under; what {@code report.json} contains.
 *
 * @param conditions by name, in the order they are printed
 */
public record Report(
        Map<String, String> conditions, List<Speed> speeds, List<BuildTime> builds, List<Quality> quality) {

    /**
     * What a new connection costs.
     *
     * @param threads that share the scheduler
     * @param weights {@code equal} or {@code skewed}
     * @param ns for a connection of one thread
     * @param errorNs half of the 99.9 % interval
     * @param perSecond connections of all threads together
     * @param bytes allocated for a connection
     */
    public record Speed(
            String scheduler,
            int servers,
            int threads,
            String weights,
            double ns,
            double errorNs,
            double perSecond,
            double bytes) {
        /** What is measured, without the figures. */
        String key() {
            return scheduler + "/" + servers + "/" + threads + "/" + weights;
        }
    }

    /**
     * What a table costs the director.
     *
     * @param table scheduler and size
     * @param buildMs from an empty service to all servers
     * @param rebuildMs when one server goes
     */
    public record BuildTime(String table, int servers, String weights, double buildMs, double rebuildMs) {}
}
