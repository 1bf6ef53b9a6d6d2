package io.weir.control.ipvsadm;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Every option of the command line, with its spellings. */
enum CliOption {
    ADD_SERVICE('A', "add-service", CommandKind.ADD_SERVICE),
    EDIT_SERVICE('E', "edit-service", CommandKind.EDIT_SERVICE),
    DELETE_SERVICE('D', "delete-service", CommandKind.DELETE_SERVICE),
    CLEAR('C', "clear", CommandKind.CLEAR),
    LIST('L', "list", CommandKind.LIST),
    LIST_TOO('l', "list", CommandKind.LIST),
    ZERO('Z', "zero", CommandKind.ZERO),
    ADD_SERVER('a', "add-server", CommandKind.ADD_SERVER),
    EDIT_SERVER('e', "edit-server", CommandKind.EDIT_SERVER),
    DELETE_SERVER('d', "delete-server", CommandKind.DELETE_SERVER),
    SET('\0', "set", CommandKind.SET),
    HELP('h', "help", CommandKind.HELP),
    VERSION('v', "version", CommandKind.VERSION),
    RESTORE('R', "restore", CommandKind.RESTORE),
    SAVE('S', "save", CommandKind.SAVE),
    START_DAEMON('\0', "start-daemon", CommandKind.START_DAEMON, Argument.REQUIRED),
    STOP_DAEMON('\0', "stop-daemon", CommandKind.STOP_DAEMON, Argument.REQUIRED),
    ADD_LOCAL('P', "add-laddr", CommandKind.ADD_LOCAL),
    DELETE_LOCAL('Q', "del-laddr", CommandKind.DELETE_LOCAL),
    LIST_LOCAL('G', "get-laddr", CommandKind.LIST_LOCAL),

    TCP_SERVICE('t', "tcp-service", OptionClass.SERVICE_ADDRESS, Argument.REQUIRED),
    UDP_SERVICE('u', "udp-service", OptionClass.SERVICE_ADDRESS, Argument.REQUIRED),
    SCTP_SERVICE('\0', "sctp-service", OptionClass.SERVICE_ADDRESS, Argument.REQUIRED),
    FWMARK_SERVICE('f', "fwmark-service", OptionClass.SERVICE_ADDRESS, Argument.REQUIRED),
    SCHEDULER('s', "scheduler", OptionClass.SCHEDULER, Argument.REQUIRED),
    PERSISTENT('p', "persistent", OptionClass.PERSISTENT, Argument.OPTIONAL),
    NETMASK('M', "netmask", OptionClass.NETMASK, Argument.REQUIRED),
    REAL_SERVER('r', "real-server", OptionClass.REAL_SERVER, Argument.REQUIRED),
    MASQUERADING('m', "masquerading", OptionClass.FORWARDING_METHOD, Argument.NONE),
    IPIP('i', "ipip", OptionClass.FORWARDING_METHOD, Argument.NONE),
    GATEWAYING('g', "gatewaying", OptionClass.FORWARDING_METHOD, Argument.NONE),
    FULLNAT('\0', "fullnat", OptionClass.FORWARDING_METHOD, Argument.NONE),
    WEIGHT('w', "weight", OptionClass.WEIGHT, Argument.REQUIRED),
    U_THRESHOLD('x', "u-threshold", OptionClass.U_THRESHOLD, Argument.REQUIRED),
    L_THRESHOLD('y', "l-threshold", OptionClass.L_THRESHOLD, Argument.REQUIRED),
    NUMERIC('n', "numeric", OptionClass.NUMERIC, Argument.NONE),
    CONNECTION('c', "connection", OptionClass.CONNECTION, Argument.NONE),
    MCAST_INTERFACE('\0', "mcast-interface", OptionClass.MCAST_INTERFACE, Argument.REQUIRED),
    SYNCID('\0', "syncid", OptionClass.SYNCID, Argument.REQUIRED),
    TIMEOUT('\0', "timeout", OptionClass.TIMEOUT, Argument.NONE),
    DAEMON('\0', "daemon", OptionClass.DAEMON, Argument.NONE),
    STATS('\0', "stats", OptionClass.STATS, Argument.NONE),
    RATE('\0', "rate", OptionClass.RATE, Argument.NONE),
    THRESHOLDS('\0', "thresholds", OptionClass.THRESHOLDS, Argument.NONE),
    PERSISTENT_CONN('\0', "persistent-conn", OptionClass.PERSISTENT_CONN, Argument.NONE),
    TUN_INFO('\0', "tun-info", OptionClass.TUN_INFO, Argument.NONE),
    NOSORT('\0', "nosort", OptionClass.NOSORT, Argument.NONE),
    SORT('\0', "sort"),
    EXACT('X', "exact", OptionClass.EXACT, Argument.NONE),
    IPV6('6', "ipv6"),
    OPS('o', "ops", OptionClass.OPS, Argument.NONE),
    PE('\0', "pe", OptionClass.PE, Argument.REQUIRED),
    SCHED_FLAGS('b', "sched-flags", OptionClass.SCHED_FLAGS, Argument.REQUIRED),
    SYNC_MAXLEN('\0', "sync-maxlen", OptionClass.SYNC_MAXLEN, Argument.REQUIRED),
    MCAST_GROUP('\0', "mcast-group", OptionClass.MCAST_GROUP, Argument.REQUIRED),
    MCAST_PORT('\0', "mcast-port", OptionClass.MCAST_PORT, Argument.REQUIRED),
    MCAST_TTL('\0', "mcast-ttl", OptionClass.MCAST_TTL, Argument.REQUIRED),
    TUN_TYPE('\0', "tun-type", OptionClass.TUN_TYPE, Argument.REQUIRED),
    TUN_PORT('\0', "tun-port", OptionClass.TUN_PORT, Argument.REQUIRED),
    TUN_NOCSUM('\0', "tun-nocsum", OptionClass.TUN_NOCSUM, Argument.NONE),
    TUN_CSUM('\0', "tun-csum", OptionClass.TUN_CSUM, Argument.NONE),
    TUN_REMCSUM('\0', "tun-remcsum", OptionClass.TUN_REMCSUM, Argument.NONE),
    LOCAL_ADDRESS('z', "local-address", OptionClass.LOCAL_ADDRESS, Argument.REQUIRED),
    TOA('\0', "toa", OptionClass.TOA, Argument.NONE),
    TABLE_SIZE('\0', "table-size", OptionClass.TABLE_SIZE, Argument.REQUIRED),
    LOAD_BOUND('\0', "load-bound", OptionClass.LOAD_BOUND, Argument.REQUIRED),
    SLOW_START('\0', "slow-start", OptionClass.SLOW_START, Argument.REQUIRED),
    SHADOW('\0', "shadow", OptionClass.SHADOW, Argument.REQUIRED),
    TIMEOUTS('\0', "timeouts", OptionClass.TIMEOUTS, Argument.REQUIRED);

    /** Does an option take an argument? */
    enum Argument {
        NONE,
        REQUIRED,
        /** The next word, unless it looks like an option. */
        OPTIONAL
    }

    private static final Map<Character, CliOption> BY_LETTER = new HashMap<>();
    private static final Map<String, CliOption> BY_NAME = new HashMap<>();

    static {
        for (CliOption option : values()) {
            if (option.letter != '\0') {
                BY_LETTER.put(option.letter, option);
            }
            BY_NAME.putIfAbsent(option.longName, option);
        }
    }

    private final char letter;
    private final String longName;
    private final @Nullable CommandKind command;
    private final @Nullable OptionClass kind;
    private final Argument argument;

    CliOption(char letter, String longName, CommandKind command) {
        this(letter, longName, command, null, Argument.NONE);
    }

    CliOption(char letter, String longName, CommandKind command, Argument argument) {
        this(letter, longName, command, null, argument);
    }

    CliOption(char letter, String longName, OptionClass kind, Argument argument) {
        this(letter, longName, null, kind, argument);
    }

    CliOption(char letter, String longName) {
        this(letter, longName, null, null, Argument.NONE);
    }

    CliOption(
            char letter,
            String longName,
            @Nullable CommandKind command,
            @Nullable OptionClass kind,
            Argument argument) {
        this.letter = letter;
        this.longName = longName;
        this.command = command;
        this.kind = kind;
        this.argument = argument;
    }

    static @Nullable CliOption ofLetter(char letter) {
        return BY_LETTER.get(letter);
    }

    static @Nullable CliOption ofName(String name) {
        return BY_NAME.get(name);
    }

    /** The command this is, or null if it is an option of one. */
    @Nullable
    CommandKind command() {
        return command;
    }

    /** The kind of option, of which a command takes one; null if it may be repeated. */
    @Nullable
    OptionClass kind() {
        return kind;
    }

    Argument argument() {
        return argument;
    }
}
