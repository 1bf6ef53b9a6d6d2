package io.weir.control.ipvsadm;

import io.weir.control.state.SyncDaemon;
import io.weir.packet.IpAddress;
import org.jspecify.annotations.Nullable;

/** The options of {@code --start-daemon}. */
final class DaemonArguments {
    private static final int MAX_ID = 255;
    private static final int MAX_MESSAGE = 65_535 - 28;
    private static final int MAX_PORT = 65_535;
    private static final int MAX_TTL = 255;

    private String interfaceName = "eth0";
    private int syncId;
    private int maxLength;
    private IpAddress group = SyncDaemon.DEFAULT_GROUP;
    private int port = SyncDaemon.DEFAULT_PORT;
    private int ttl = 1;

    void take(CliOption option, String text) throws IpvsadmException {
        switch (option) {
            case MCAST_INTERFACE -> interfaceName = text;
            case SYNCID -> syncId = number(text, 0, MAX_ID, "syncid");
            case SYNC_MAXLEN -> maxLength = number(text, 1, MAX_MESSAGE, "sync-maxlen");
            case MCAST_GROUP -> group = group(text);
            case MCAST_PORT -> port = number(text, 1, MAX_PORT, "mcast-port");
            case MCAST_TTL -> ttl = number(text, 1, MAX_TTL, "mcast-ttl");
            default -> {
                // not one of ours
            }
        }
    }

    private static int number(String text, int min, int max, String what) throws IpvsadmException {
        final int value = Numbers.parse(text, min, max);
        if (value == Numbers.ILLEGAL) {
            throw IpvsadmException.refused("illegal " + what + " specified");
        }
        return value;
    }

    private static IpAddress group(String text) throws IpvsadmException {
        final boolean six = text.indexOf(':') >= 0;
        final IpAddress parsed = six ? AddressText.ipv6(text) : AddressText.ipv4(text);
        if (parsed == null || !isMulticast(parsed, six)) {
            throw IpvsadmException.refused("invalid " + (six ? "IPv6" : "IPv4") + " mcast-group `" + text + "'");
        }
        return parsed;
    }

    private static boolean isMulticast(@Nullable IpAddress address, boolean six) {
        if (address == null) {
            return false;
        }
        return six ? address.hi() >>> 56 == 0xFF : (address.lo() >>> 28 & 0xF) == 0xE;
    }

    SyncDaemon daemon(boolean master) {
        return new SyncDaemon(
                master, interfaceName.isEmpty() ? "eth0" : interfaceName, syncId, maxLength, group, port, ttl);
    }
}
