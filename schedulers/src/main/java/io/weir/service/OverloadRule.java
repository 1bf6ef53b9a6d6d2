package io.weir.service;

/**
 * When a destination's connection thresholds ({@code -x}, {@code -y}) set and clear its overload mark.
 *
 * <p>The mark is set when a connection is bound and cleared when one is unbound or the thresholds are edited; in between
 * it stays, whatever the counts do. Only active and inactive connections count, templates do not.
 *
 * <p><b>Source</b>: ip_vs_bind_dest() and ip_vs_unbind_dest() in net/netfilter/ipvs/ip_vs_conn.c,
 * __ip_vs_update_dest() in ip_vs_ctl.c.
 */
public final class OverloadRule {
    private OverloadRule() {}

    /** Does the connection just counted in fill the destination up? */
    public static boolean overloadsAtBind(Destination destination, DestinationLoad load) {
        return destination.upperThreshold() != 0
                && connections(destination, load) >= asUnsigned(destination.upperThreshold());
    }

    /** Is there room again, now that a connection was counted out? Without a lower threshold: below 3/4 of the upper. */
    public static boolean clearsAtUnbind(Destination destination, DestinationLoad load) {
        if (destination.lowerThreshold() != 0) {
            return connections(destination, load) < asUnsigned(destination.lowerThreshold());
        }
        return destination.upperThreshold() == 0
                || connections(destination, load) * 4 < asUnsigned(destination.upperThreshold()) * 3;
    }

    /** Does an edit from one upper threshold to another clear the mark at once? */
    public static boolean clearsAtEdit(int oldUpperThreshold, int newUpperThreshold) {
        return newUpperThreshold == 0 || Integer.compareUnsigned(newUpperThreshold, oldUpperThreshold) > 0;
    }

    private static long connections(Destination destination, DestinationLoad load) {
        return load.active(destination.slot()) + load.inactive(destination.slot());
    }

    private static long asUnsigned(int threshold) {
        return threshold & 0xFFFF_FFFFL;
    }
}
