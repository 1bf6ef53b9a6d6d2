package io.weir.control.ipvsadm;

import io.weir.service.Destination.Tunnel;
import io.weir.service.Destination.TunnelChecksum;
import io.weir.service.Destination.TunnelType;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The {@code --tun-...} options of a real server. */
final class TunnelArguments {
    private static final int MAX_PORT = 65_535;
    private static final Set<OptionClass> ALL = EnumSet.of(
            OptionClass.TUN_TYPE,
            OptionClass.TUN_PORT,
            OptionClass.TUN_NOCSUM,
            OptionClass.TUN_CSUM,
            OptionClass.TUN_REMCSUM);
    /** In the order in which ipvsadm complains. */
    private static final List<OptionClass> CHECKED =
            List.of(OptionClass.TUN_PORT, OptionClass.TUN_NOCSUM, OptionClass.TUN_CSUM, OptionClass.TUN_REMCSUM);

    private TunnelType type = TunnelType.IPIP;
    private int port;

    void take(CliOption option, String text) throws IpvsadmException {
        if (option == CliOption.TUN_TYPE) {
            type = type(text);
        } else if (option == CliOption.TUN_PORT) {
            port = Numbers.parse(text, 1, MAX_PORT);
            if (port == Numbers.ILLEGAL) {
                throw IpvsadmException.refused("illegal tunnel port specified");
            }
        }
    }

    private static TunnelType type(String text) throws IpvsadmException {
        for (TunnelType type : TunnelType.values()) {
            if (name(type).equals(text)) {
                return type;
            }
        }
        throw IpvsadmException.refused("illegal tunnel type specified");
    }

    static String name(TunnelType type) {
        return type.name().toLowerCase(Locale.ROOT);
    }

    void check(Set<OptionClass> given, boolean tunnelling) throws IpvsadmException {
        if (!tunnelling) {
            if (!Collections.disjoint(given, ALL)) {
                throw IpvsadmException.refused("Tunnel options conflict with forward method");
            }
            return;
        }
        OptionClass checksum = null;
        for (OptionClass option : CHECKED) {
            if (!given.contains(option)) {
                if (option == OptionClass.TUN_PORT && type == TunnelType.GUE) {
                    throw IpvsadmException.refused(
                            "You need to supply the 'tun-port' option for the 'gue' tunnel type");
                }
            } else if (!isAllowed(option)) {
                throw IpvsadmException.refused(
                        "Illegal '" + option.label() + "' option with the '" + name(type) + "' tunnel type");
            } else if (option != OptionClass.TUN_PORT) {
                if (checksum != null) {
                    throw IpvsadmException.refused("The option '" + option.label() + "' conflicts with the '"
                            + checksum.label() + "' option in the '" + name(type) + "' tunnel type");
                }
                checksum = option;
            }
        }
    }

    private boolean isAllowed(OptionClass option) {
        return switch (type) {
            case IPIP -> false;
            case GUE -> true;
            case GRE -> option == OptionClass.TUN_NOCSUM || option == OptionClass.TUN_CSUM;
        };
    }

    Tunnel tunnel(Set<OptionClass> given) {
        final TunnelChecksum checksum;
        if (given.contains(OptionClass.TUN_REMCSUM)) {
            checksum = TunnelChecksum.REMCSUM;
        } else {
            checksum = given.contains(OptionClass.TUN_CSUM) ? TunnelChecksum.CSUM : TunnelChecksum.NONE;
        }
        return type == TunnelType.IPIP && checksum == TunnelChecksum.NONE
                ? Tunnel.IPIP
                : new Tunnel(type, type == TunnelType.GUE ? port : 0, checksum);
    }
}
