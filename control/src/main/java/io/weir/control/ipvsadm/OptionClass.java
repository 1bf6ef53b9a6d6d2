package io.weir.control.ipvsadm;

import java.util.Locale;

/** Kinds of options as ipvsadm names them in its messages; the order is that in which it complains. */
enum OptionClass {
    NUMERIC,
    CONNECTION,
    SERVICE_ADDRESS,
    SCHEDULER,
    PERSISTENT,
    NETMASK,
    REAL_SERVER,
    FORWARDING_METHOD,
    WEIGHT,
    U_THRESHOLD,
    L_THRESHOLD,
    MCAST_INTERFACE,
    TIMEOUT,
    DAEMON,
    STATS,
    RATE,
    THRESHOLDS,
    PERSISTENT_CONN,
    NOSORT,
    SYNCID,
    EXACT,
    OPS,
    PE,
    SCHED_FLAGS,
    SYNC_MAXLEN,
    MCAST_GROUP,
    MCAST_PORT,
    MCAST_TTL,
    TUN_INFO,
    TUN_TYPE,
    TUN_PORT,
    TUN_NOCSUM,
    TUN_CSUM,
    TUN_REMCSUM,
    /** Ours: {@code -z}. */
    LOCAL_ADDRESS,
    /** Ours: {@code --toa}. */
    TOA,
    /** Ours: {@code --table-size}. */
    TABLE_SIZE,
    /** Ours: {@code --load-bound}. */
    LOAD_BOUND,
    /** Ours: {@code --slow-start}. */
    SLOW_START,
    /** Ours: {@code --shadow}. */
    SHADOW,
    /** Ours: {@code --timeouts}. */
    TIMEOUTS;

    /** As it stands in a message. */
    String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
