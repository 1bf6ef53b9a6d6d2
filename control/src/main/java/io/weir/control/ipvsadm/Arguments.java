package io.weir.control.ipvsadm;

import io.weir.conntrack.StateTimeouts;
import io.weir.control.ipvsadm.AddressText.Endpoint;
import io.weir.control.ipvsadm.ListOptions.Subject;
import io.weir.control.ipvsadm.ListOptions.View;
import io.weir.control.state.ServerSpec;
import io.weir.control.state.ServiceSpec;
import io.weir.control.state.SyncDaemon;
import io.weir.packet.IpAddress;
import io.weir.packet.ProtocolNumbers;
import io.weir.service.ServiceKey;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The options of one command line, gathered from left to right with ipvsadm's defaults. */
final class Arguments {
    /** 31 days. */
    private static final int MAX_TIMEOUT = 86_400 * 31;

    private static final int DEFAULT_PERSISTENCE = 360;
    private static final String DEFAULT_SCHEDULER = "wlc";
    private static final int IPV6_BITS = 128;

    private static final int MASQUERADING = 0;
    private static final int TUNNELLING = 2;
    private static final int ROUTING = 3;
    private static final int FULLNAT = 5;

    private final NameService names;
    private final Set<OptionClass> given = EnumSet.noneOf(OptionClass.class);
    private final DaemonArguments daemon = new DaemonArguments();
    private final TunnelArguments tunnel = new TunnelArguments();
    private final TuningArguments tuning = new TuningArguments();

    private int protocol;
    private IpAddress address = IpAddress.ANY4;
    private boolean ipv6;
    private int port;
    private int fwmark;
    private int netmask = ServiceSpec.FULL_NETMASK;
    private String scheduler = "";
    private int persistence;
    private String schedulerFlagsText = "";
    private int schedulerFlags;
    private @Nullable String engine;
    private IpAddress serverAddress = IpAddress.ANY4;
    private boolean serverIpv6;
    private int serverPort;
    private int method = ROUTING;
    private int weight = 1;
    private int upperThreshold;
    private int lowerThreshold;
    private IpAddress localAddress = IpAddress.ANY4;
    private StateTimeouts timeouts = StateTimeouts.NONE;

    Arguments(NameService names) {
        this.names = names;
    }

    Set<OptionClass> given() {
        return given;
    }

    /** Takes one option in. */
    void take(CliOption option, @Nullable String argument) throws IpvsadmException {
        final OptionClass kind = option.kind();
        if (kind != null && !given.add(kind)) {
            throw IpvsadmException.refused("multiple '" + kind.label() + "' options specified");
        }
        final String text = argument == null ? "" : argument;
        switch (option) {
            case TCP_SERVICE -> service(ProtocolNumbers.TCP, text);
            case UDP_SERVICE -> service(ProtocolNumbers.UDP, text);
            case SCTP_SERVICE -> service(ProtocolNumbers.SCTP, text);
            case FWMARK_SERVICE -> mark(text);
            case IPV6 -> markIsIpv6();
            case SCHEDULER -> scheduler = text;
            case PERSISTENT -> persistence = argument == null ? DEFAULT_PERSISTENCE : timeout(argument, 1);
            case NETMASK -> netmask = netmask(text);
            case PE -> engine = text.isEmpty() ? null : text;
            case SCHED_FLAGS -> schedulerFlagsText = text;
            case REAL_SERVER -> server(text);
            case MASQUERADING -> method = MASQUERADING;
            case IPIP -> method = TUNNELLING;
            case GATEWAYING -> method = ROUTING;
            case FULLNAT -> method = FULLNAT;
            case WEIGHT -> weight = number(text, "weight");
            case U_THRESHOLD -> upperThreshold = number(text, "u_threshold");
            case L_THRESHOLD -> lowerThreshold = number(text, "l_threshold");
            case LOCAL_ADDRESS -> localAddress = local(text);
            case TIMEOUTS -> timeouts = timeouts(text);
            default -> {
                daemon.take(option, text);
                tunnel.take(option, text);
                tuning.take(option, text);
            }
        }
    }

    private void service(int newProtocol, String text) throws IpvsadmException {
        protocol = newProtocol;
        final Endpoint endpoint = AddressText.parse(text, protocol, names);
        if (endpoint == null) {
            throw IpvsadmException.refused("illegal virtual server address[:port] specified");
        }
        address = endpoint.address();
        ipv6 = endpoint.ipv6();
        port = Math.max(endpoint.port(), 0);
        if (ipv6) {
            netmask = IPV6_BITS;
        }
    }

    private void mark(String text) throws IpvsadmException {
        fwmark = Numbers.mark(text);
        if (fwmark == 0) {
            throw IpvsadmException.refused("invalid fwmark value `" + text + "' specified");
        }
        protocol = ProtocolNumbers.TCP;
    }

    private void markIsIpv6() throws IpvsadmException {
        if (fwmark == 0) {
            throw IpvsadmException.refused("-6 used before -f\n");
        }
        ipv6 = true;
        netmask = IPV6_BITS;
    }

    /** Seconds of a timeout from {@code min} to 31 days. */
    static int timeout(String text, int min) throws IpvsadmException {
        final int seconds = Numbers.parse(text, min, MAX_TIMEOUT);
        if (seconds == Numbers.ILLEGAL) {
            throw IpvsadmException.refused("invalid timeout value `" + text + "' specified");
        }
        return seconds;
    }

    private int netmask(String text) throws IpvsadmException {
        if (ipv6) {
            final int bits = Numbers.leading(text);
            if (bits < 1 || bits > IPV6_BITS) {
                throw IpvsadmException.refused("illegal ipv6 netmask specified");
            }
            return bits;
        }
        final IpAddress mask = AddressText.ipv4(text);
        if (mask == null) {
            throw IpvsadmException.refused("illegal virtual server persistent mask specified");
        }
        return (int) mask.lo();
    }

    private void server(String text) throws IpvsadmException {
        final Endpoint endpoint = AddressText.parse(text, protocol, names);
        if (endpoint == null) {
            throw IpvsadmException.refused("illegal real server address[:port] specified");
        }
        serverAddress = endpoint.address();
        serverIpv6 = endpoint.ipv6();
        serverPort = endpoint.hasPort() ? endpoint.port() : port;
    }

    private static int number(String text, String what) throws IpvsadmException {
        final int value = Numbers.parse(text, 0, Integer.MAX_VALUE);
        if (value == Numbers.ILLEGAL) {
            throw IpvsadmException.refused("illegal " + what + " specified");
        }
        return value;
    }

    private static IpAddress local(String text) throws IpvsadmException {
        final IpAddress four = AddressText.ipv4(text);
        final IpAddress found = four != null ? four : AddressText.ipv6(text);
        if (found == null) {
            throw IpvsadmException.refused("illegal local address specified");
        }
        return found;
    }

    private static StateTimeouts timeouts(String text) throws IpvsadmException {
        try {
            return StateTimeouts.parse(text);
        } catch (IllegalArgumentException e) {
            throw IpvsadmException.refused(String.valueOf(e.getMessage()));
        }
    }

    /** Reads {@code -b}, once the scheduler is known. */
    void resolveFlags() throws IpvsadmException {
        if (given.contains(OptionClass.SCHED_FLAGS)) {
            schedulerFlags = SchedulerFlagNames.parse(scheduler, schedulerFlagsText);
        }
    }

    /** The command, after the checks that concern several options together. */
    Command command(CommandKind kind) throws IpvsadmException {
        return switch (kind) {
            case ADD_SERVICE -> new Command.AddService(serviceSpec());
            case EDIT_SERVICE -> new Command.EditService(serviceSpec());
            case DELETE_SERVICE -> new Command.DeleteService(key());
            case ADD_SERVER -> new Command.AddServer(key(), serverSpec());
            case EDIT_SERVER -> new Command.EditServer(key(), serverSpec());
            case DELETE_SERVER -> new Command.DeleteServer(key(), serverAddress, serverIpv6, serverPort);
            case ADD_LOCAL -> new Command.AddLocalAddress(key(), localAddress);
            case DELETE_LOCAL -> new Command.DeleteLocalAddress(key(), localAddress);
            case LIST_LOCAL -> new Command.ListLocalAddresses(
                    given.contains(OptionClass.SERVICE_ADDRESS) ? key() : null);
            case LIST -> new Command.ListTable(listOptions());
            case ZERO -> new Command.Zero(given.contains(OptionClass.SERVICE_ADDRESS) ? key() : null);
            case SAVE -> new Command.Save(given.contains(OptionClass.NUMERIC));
            case RESTORE -> new Command.Restore();
            case CLEAR -> new Command.Clear();
            default -> throw new IllegalArgumentException("not for options: command=" + kind);
        };
    }

    private ServiceKey key() {
        return fwmark != 0
                ? new ServiceKey(0, ipv6 ? IpAddress.ANY6 : IpAddress.ANY4, 0, fwmark, ipv6)
                : new ServiceKey(protocol, address, port, 0, ipv6);
    }

    private ServiceSpec serviceSpec() throws IpvsadmException {
        if (fwmark == 0 && port == 0 && persistence == 0) {
            throw IpvsadmException.refused("Zero port specified for non-persistent service");
        }
        final boolean onePacket = given.contains(OptionClass.OPS);
        if (onePacket && fwmark == 0 && protocol != ProtocolNumbers.UDP) {
            throw IpvsadmException.refused("One-Packet Scheduling is only for UDP virtual services");
        }
        final String chosen = scheduler.isEmpty() ? DEFAULT_SCHEDULER : scheduler;
        return new ServiceSpec(
                key(),
                chosen,
                persistence,
                netmask,
                onePacket,
                schedulerFlags,
                engine,
                given.contains(OptionClass.TOA),
                tuning.tuning(chosen),
                timeouts);
    }

    private ServerSpec serverSpec() throws IpvsadmException {
        final boolean forcedPort = fwmark == 0 && (method == TUNNELLING || method == ROUTING);
        if (serverIpv6 != ipv6 && method != TUNNELLING) {
            throw IpvsadmException.refused("Different address family is allowed only for tunneling servers");
        }
        tunnel.check(given, method == TUNNELLING);
        return new ServerSpec(
                serverAddress,
                serverIpv6,
                forcedPort ? port : serverPort,
                method,
                weight,
                upperThreshold,
                lowerThreshold,
                tunnel.tunnel(given),
                timeouts);
    }

    private ListOptions listOptions() throws IpvsadmException {
        final boolean times = has(OptionClass.TIMEOUT) || has(OptionClass.DAEMON);
        final boolean columns = has(OptionClass.STATS) || has(OptionClass.RATE) || has(OptionClass.THRESHOLDS);
        if ((times || has(OptionClass.CONNECTION)) && columns || times && has(OptionClass.PERSISTENT_CONN)) {
            throw IpvsadmException.refused("options conflicts in the list command");
        }
        return new ListOptions(
                subject(),
                view(),
                has(OptionClass.SERVICE_ADDRESS) ? key() : null,
                has(OptionClass.NUMERIC),
                !has(OptionClass.NOSORT),
                has(OptionClass.EXACT),
                has(OptionClass.PERSISTENT_CONN));
    }

    private Subject subject() {
        if (has(OptionClass.CONNECTION)) {
            return Subject.CONNECTIONS;
        }
        if (has(OptionClass.TIMEOUT)) {
            return Subject.TIMEOUTS;
        }
        return has(OptionClass.DAEMON) ? Subject.DAEMONS : Subject.SERVICES;
    }

    private View view() {
        for (View view : View.values()) {
            if (view != View.PLAIN && has(OptionClass.valueOf(view.name()))) {
                return view;
            }
        }
        return View.PLAIN;
    }

    private boolean has(OptionClass option) {
        return given.contains(option);
    }

    SyncDaemon daemon(boolean master) {
        return Objects.requireNonNull(daemon.daemon(master));
    }
}
