package io.weir.control.state;

import io.weir.dataplane.Sysctls;

/** Runs the sync daemons that the state lists. */
public interface DaemonHost {
    /** Runs none: a replay's daemons, and those of a configuration that is only checked, are lines of a list. */
    DaemonHost NONE = new DaemonHost() {
        @Override
        public void start(SyncDaemon daemon, int ports, Sysctls sysctls) {
            // only listed
        }

        @Override
        public void stop(boolean master) {
            // only listed
        }
    };

    /**
     * Starts a daemon.
     *
     * @param ports how many it uses, from {@link SyncDaemon#port} on
     * @throws StateException if it cannot run; nothing is left of it then
     */
    void start(SyncDaemon daemon, int ports, Sysctls sysctls) throws StateException;

    /** Stops the master, or the backup. */
    void stop(boolean master);
}
