package io.weir.control.ipvsadm;

import java.util.EnumSet;
import java.util.Set;

/** The commands, and which kinds of options each needs and may take. */
// The sets are filled before the constants are made and never changed.
@SuppressWarnings("ImmutableEnumChecker")
enum CommandKind {
    ADD_SERVICE("add-service", need(OptionClass.SERVICE_ADDRESS), Options.SERVICE),
    EDIT_SERVICE("edit-service", need(OptionClass.SERVICE_ADDRESS), Options.SERVICE),
    DELETE_SERVICE("delete-service", need(OptionClass.SERVICE_ADDRESS), Options.NONE),
    CLEAR("flush", Options.NONE, Options.NONE),
    LIST("list", Options.NONE, Options.LIST),
    ADD_SERVER("add-server", need(OptionClass.SERVICE_ADDRESS, OptionClass.REAL_SERVER), Options.SERVER),
    DELETE_SERVER("delete-server", need(OptionClass.SERVICE_ADDRESS, OptionClass.REAL_SERVER), Options.NONE),
    EDIT_SERVER("edit-server", need(OptionClass.SERVICE_ADDRESS, OptionClass.REAL_SERVER), Options.SERVER),
    SET("set", Options.NONE, Options.NONE),
    START_DAEMON("start-daemon", Options.NONE, Options.DAEMON),
    STOP_DAEMON("stop-daemon", Options.NONE, EnumSet.of(OptionClass.SYNCID)),
    RESTORE("restore", Options.NONE, Options.NONE),
    SAVE("save", Options.NONE, EnumSet.of(OptionClass.NUMERIC)),
    ZERO("zero", Options.NONE, EnumSet.of(OptionClass.SERVICE_ADDRESS)),
    /** Ours. */
    ADD_LOCAL("add-laddr", need(OptionClass.SERVICE_ADDRESS, OptionClass.LOCAL_ADDRESS), Options.NONE),
    /** Ours. */
    DELETE_LOCAL("del-laddr", need(OptionClass.SERVICE_ADDRESS, OptionClass.LOCAL_ADDRESS), Options.NONE),
    /** Ours. */
    LIST_LOCAL("get-laddr", Options.NONE, EnumSet.of(OptionClass.SERVICE_ADDRESS)),
    HELP("help", Options.NONE, Options.NONE),
    VERSION("version", Options.NONE, Options.NONE);

    /** Of these the list command takes one. */
    private static final Set<OptionClass> LISTED =
            EnumSet.of(OptionClass.CONNECTION, OptionClass.SERVICE_ADDRESS, OptionClass.TIMEOUT, OptionClass.DAEMON);

    private final String label;
    private final Set<OptionClass> needed;
    private final Set<OptionClass> allowed;
    /** Both. */
    private final Set<OptionClass> known;

    CommandKind(String label, Set<OptionClass> needed, Set<OptionClass> allowed) {
        this.label = label;
        this.needed = needed;
        this.allowed = allowed;
        this.known = EnumSet.copyOf(needed);
        this.known.addAll(allowed);
    }

    private static Set<OptionClass> need(OptionClass first, OptionClass... rest) {
        return EnumSet.of(first, rest);
    }

    /** Refuses what this command does not take, in ipvsadm's order. */
    void check(Set<OptionClass> given) throws IpvsadmException {
        if (this != LIST && given.containsAll(needed) && known.containsAll(given)) {
            return;
        }
        OptionClass last = null;
        for (OptionClass option : OptionClass.values()) {
            if (!given.contains(option)) {
                if (needed.contains(option)) {
                    throw IpvsadmException.refused(
                            "You need to supply the '" + option.label() + "' option for the '" + label + "' command");
                }
            } else if (!needed.contains(option) && !allowed.contains(option)) {
                throw IpvsadmException.refused(
                        "Illegal '" + option.label() + "' option with the '" + label + "' command");
            } else if (this == LIST && LISTED.contains(option)) {
                if (last != null) {
                    throw IpvsadmException.refused("The option '" + option.label() + "' conflicts with the '"
                            + last.label() + "' option in the '" + label + "' command");
                }
                last = option;
            }
        }
    }

    /** Sets of options that commands share; a class of its own because enum constants are made before statics. */
    private static final class Options {
        static final Set<OptionClass> NONE = EnumSet.noneOf(OptionClass.class);
        static final Set<OptionClass> SERVICE = EnumSet.of(
                OptionClass.SCHEDULER,
                OptionClass.PERSISTENT,
                OptionClass.NETMASK,
                OptionClass.OPS,
                OptionClass.PE,
                OptionClass.SCHED_FLAGS,
                OptionClass.TOA,
                OptionClass.TABLE_SIZE,
                OptionClass.LOAD_BOUND,
                OptionClass.SLOW_START,
                OptionClass.SHADOW,
                OptionClass.TIMEOUTS);
        static final Set<OptionClass> SERVER = EnumSet.of(
                OptionClass.FORWARDING_METHOD,
                OptionClass.WEIGHT,
                OptionClass.U_THRESHOLD,
                OptionClass.L_THRESHOLD,
                OptionClass.TUN_TYPE,
                OptionClass.TUN_PORT,
                OptionClass.TUN_NOCSUM,
                OptionClass.TUN_CSUM,
                OptionClass.TUN_REMCSUM,
                OptionClass.TIMEOUTS);
        static final Set<OptionClass> LIST = EnumSet.of(
                OptionClass.NUMERIC,
                OptionClass.CONNECTION,
                OptionClass.SERVICE_ADDRESS,
                OptionClass.TIMEOUT,
                OptionClass.DAEMON,
                OptionClass.STATS,
                OptionClass.RATE,
                OptionClass.THRESHOLDS,
                OptionClass.PERSISTENT_CONN,
                OptionClass.NOSORT,
                OptionClass.SYNCID,
                OptionClass.EXACT,
                OptionClass.TUN_INFO);
        static final Set<OptionClass> DAEMON = EnumSet.of(
                OptionClass.MCAST_INTERFACE,
                OptionClass.SYNCID,
                OptionClass.SYNC_MAXLEN,
                OptionClass.MCAST_GROUP,
                OptionClass.MCAST_PORT,
                OptionClass.MCAST_TTL);

        private Options() {}
    }
}
