package io.weir.conntrack;

/** Decides about a connection whose time is up, see {@link ConnectionTable#expire}. */
@FunctionalInterface
public interface ExpiryHandler {
    /**
     * Called on the table's thread while the record can still be read. May insert, remove and schedule other records, but
     * not this one.
     *
     * @return ticks to live on, or 0 to let the record go
     */
    int onExpired(ConnectionTable table, int id, int nowTick);
}
