package io.weir.bench;

/**
 * Random order without memory: turns a counter into scattered flow numbers, and a flow number into its client's endpoint,
 * so that the keys of ten million flows take no cache from what is measured.
 */
final class Scatter {
    private Scatter() {}

    /** The flow to look at in step {@code step}: anywhere in 0 .. flows - 1. */
    static int flow(long step, int flows) {
        long z = step * 0x9E3779B97F4A7C15L;
        z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
        return (int) ((z >>> 32) * flows >>> 32);
    }

    /** The client's IPv4 address of a flow; no two flows have the same. */
    static int address(int flow) {
        int h = flow * 0x85EBCA6B;
        h = (h ^ h >>> 15) * 0xC2B2AE35;
        return h ^ h >>> 16;
    }

    /** The client's port of a flow, 1024 or above. */
    static int port(int flow) {
        return 1024 + flow % 60_000;
    }
}
