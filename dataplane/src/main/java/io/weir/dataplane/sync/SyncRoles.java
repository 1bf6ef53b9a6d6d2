package io.weir.dataplane.sync;

/**
 * Which sync daemons run, as far as a worker must know; part of a published snapshot.
 *
 * @param master connections are told to others
 * @param backup connections are taken from others
 * @param ports how many ports, and so streams of messages, there are; a power of two
 */
public record SyncRoles(boolean master, boolean backup, int ports) {
    /** No daemon. */
    public static final SyncRoles NONE = new SyncRoles(false, false, 1);
}
