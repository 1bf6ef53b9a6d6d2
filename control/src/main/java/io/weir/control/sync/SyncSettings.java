package io.weir.control.sync;

import io.weir.dataplane.Sysctls;

/**
 * What of the sysctls a daemon takes when it starts.
 *
 * @param queueLimit sync_qlen_max, in messages
 * @param bufferBytes sync_sock_size; 0 leaves it to the system
 */
record SyncSettings(int queueLimit, int bufferBytes) {
    static SyncSettings of(Sysctls sysctls) {
        return new SyncSettings(sysctls.value("sync_qlen_max"), sysctls.value("sync_sock_size"));
    }
}
