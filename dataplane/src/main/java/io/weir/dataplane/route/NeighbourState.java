package io.weir.dataplane.route;

/** States of a neighbour, as RFC 4861 section 7.3.2 names them. */
public final class NeighbourState {
    /** The slot is empty. */
    public static final int NONE = 0;
    /** Asked for, no answer yet. */
    public static final int INCOMPLETE = 1;
    /** Answered within the last 30 s. */
    public static final int REACHABLE = 2;
    /** The address is known but was not confirmed lately; nobody uses it. */
    public static final int STALE = 3;
    /** Like STALE, but in use: being asked again while packets go on to the known address. */
    public static final int PROBE = 4;
    /** Did not answer. */
    public static final int FAILED = 5;
    /** Configured; never asked for. */
    public static final int PERMANENT = 6;

    private static final String[] NAMES = {"none", "incomplete", "reachable", "stale", "probe", "failed", "permanent"};

    private NeighbourState() {}

    /** The state's name, for listings. */
    public static String name(int state) {
        return NAMES[state];
    }
}
