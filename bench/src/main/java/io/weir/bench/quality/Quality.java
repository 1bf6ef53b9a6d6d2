package io.weir.bench.quality;

/**
 * How one scheduler did with one workload.
 *
 * <p>A server's <em>load</em> is its active connections per weight. Figures over time are of samples taken from a tenth of
 * the run on with at least half of the average load, of the servers that were in service then.
 *
 * @param connections that got a server, those that came again included
 * @param refused arrivals for which the scheduler had no server
 * @param broken connections whose server died; each came again a second later
 * @param maxToMean the highest load to the mean load over time; 1 is best
 * @param worstMaxToMean the same, at the worst moment
 * @param variation the coefficient of variation of the loads over time; 0 is best
 * @param p99Active active connections of a server that it was below in 99 of 100 samples
 * @param fairness Jain's index of the loads, window by window, averaged; 1 is best, 1/servers is worst
 * @param worstFairness the same, of the worst window
 * @param moved of the clients whose server stayed when another went, the share whose next connection went elsewhere; NaN
 *     if no server went
 * @param movedAnyway of all connections of clients seen before, while all servers were there, the share that went
 *     elsewhere than the one before
 * @param activeByWindow by window and server: active connections, averaged
 * @param fairnessByWindow by window: Jain's index; NaN if there was no load
 */
// Arrays: nobody writes to them.
@SuppressWarnings("ArrayRecordComponent")
public record Quality(
        String scheduler,
        String workload,
        int connections,
        int refused,
        int broken,
        double maxToMean,
        double worstMaxToMean,
        double variation,
        long p99Active,
        double fairness,
        double worstFairness,
        double moved,
        double movedAnyway,
        double[][] activeByWindow,
        double[] fairnessByWindow) {}
