package io.weir.control.fuzz;

import java.util.ArrayList;
import java.util.List;

/** Makes services, servers and edits of them as command lines of ipvsadm. */
final class RuleMaker {
    private static final int[] PORTS = {80, 443, 53, 5060, 8080};
    private static final int FIRST_SERVER = 2;
    private static final int LAST_SERVER = 9;

    /**
     * A virtual service.
     *
     * @param kind t, u, s or f
     * @param vip of a mark: the address that is marked
     * @param mark 0 if the service has an address
     */
    record Service(char kind, String vip, int port, int mark, boolean persistent, List<Server> servers) {
        boolean isIpv6() {
            return Frames.isIpv6(vip);
        }

        /** How ipvsadm names it. */
        String name() {
            return switch (kind) {
                case 'f' -> "-f " + mark + (isIpv6() ? " -6" : "");
                case 's' -> "--sctp-service " + end(vip, port);
                default -> "-" + kind + " " + end(vip, port);
            };
        }
    }

    /**
     * A real server.
     *
     * @param method g, m or i
     */
    record Server(String address, int port, char method) {}

    private final Dice dice;
    private final List<Service> services = new ArrayList<>();

    /** Not together with mh, which hashes a server of the other family otherwise: left alone. */
    private final boolean mixesFamilies;

    RuleMaker(Dice dice) {
        this.dice = dice;
        this.mixesFamilies = dice.chance(50);
    }

    List<Service> services() {
        return services;
    }

    static String end(String address, int port) {
        return Frames.isIpv6(address) ? "[" + address + "]:" + port : address + ":" + port;
    }

    /** Adds a service with servers; the commands that make it, those about marks in {@code net}. */
    List<String> service(List<String> net) {
        final boolean six = dice.chance(35);
        final char kind = dice.pick('t', 't', 't', 'u', 'u', 's', 'f');
        final String vip = (six ? "2001:db8:f::" : "203.0.113.") + dice.between(1, 3);
        final boolean persistent = dice.chance(25);
        final int port = persistent && dice.chance(30) ? 0 : PORTS[dice.between(0, PORTS.length - 1)];
        final int mark = kind == 'f' ? services.size() + 1 : 0;
        if (kind == 'f') {
            net.add((six ? "ip6tables-legacy" : "iptables-legacy") + " -t mangle -A PREROUTING -d " + vip
                    + (dice.chance(70) ? " -p " + dice.pick("tcp", "udp") + " --dport " + (port == 0 ? 80 : port) : "")
                    + " -j MARK --set-mark " + mark);
        }
        final Service service = new Service(kind, vip, port, mark, persistent, new ArrayList<>());
        services.add(service);
        final List<String> lines = new ArrayList<>();
        lines.add("-A " + service.name() + options(service));
        final int count = dice.pick(1, 1, 2, 2, 3, 4, 0);
        for (int i = 0; i < count; i++) {
            lines.add(addServer(service));
        }
        return lines;
    }

    private String options(Service service) {
        final StringBuilder text = new StringBuilder();
        if (dice.chance(85)) {
            text.append(
                    !mixesFamilies && dice.chance(20)
                            ? dice.pick(
                                    " -s mh",
                                    " -s mh -b mh-fallback",
                                    " -s mh -b mh-port",
                                    " -s mh -b mh-fallback,mh-port")
                            : dice.pick(
                                    " -s rr",
                                    " -s rr",
                                    " -s wrr",
                                    " -s lc",
                                    " -s wlc",
                                    " -s lblc",
                                    " -s lblcr",
                                    " -s dh",
                                    " -s sh",
                                    " -s sh -b sh-fallback",
                                    " -s sh -b sh-port",
                                    " -s sh -b sh-fallback,sh-port",
                                    " -s sed",
                                    " -s nq",
                                    " -s fo",
                                    " -s ovf"));
        }
        if (service.persistent()) {
            text.append(dice.chance(60) ? " -p " + dice.pick(5, 60, 300, 3600) : " -p");
            if (dice.chance(30)) {
                text.append(" -M ")
                        .append(
                                service.isIpv6()
                                        ? dice.pick("64", "128", "48")
                                        : dice.pick("255.255.255.0", "255.255.0.0"));
            }
        }
        if (dice.chance(service.kind() == 'u' || service.kind() == 'f' ? 20 : 1)) {
            text.append(" -o");
        }
        return text.toString();
    }

    /** One more server for a service. */
    String addServer(Service service) {
        final char method = service.servers().isEmpty() || dice.chance(15)
                ? dice.pick('m', 'm', 'm', 'g', 'i')
                : service.servers().get(0).method();
        final boolean six = service.isIpv6() != (mixesFamilies && method == 'i' && dice.chance(20));
        final Server server = new Server(
                serverAddress(six, method == 'm' && (service.kind() == 'u' || service.kind() == 'f')),
                dice.chance(30) ? 8080 : Math.max(service.port(), 0),
                method);
        service.servers().add(server);
        return "-a " + service.name() + " -r " + end(server.address(), server.port()) + serverOptions(server);
    }

    private String serverAddress(boolean six, boolean far) {
        if (dice.chance(4)) {
            // None under NAT that may be one-packet: what becomes of the host's errors there is left alone.
            return far ? far(six) : six ? "2001:db8:f::9" : dice.pick("203.0.113.9", "127.0.0.1");
        }
        if (dice.chance(5)) {
            return far(six);
        }
        return (six ? "fd00:20::" : "10.20.0.") + dice.between(FIRST_SERVER, LAST_SERVER);
    }

    private static String far(boolean six) {
        return six ? "fd00:30::5" : "10.30.0.5";
    }

    private String serverOptions(Server server) {
        final StringBuilder text = new StringBuilder(" -").append(server.method());
        if (dice.chance(60)) {
            text.append(" -w ").append(dice.pick(0, 1, 1, 2, 3, 5, 10));
        }
        if (dice.chance(10)) {
            final int upper = dice.between(1, 4);
            text.append(" -x ").append(upper);
            if (dice.chance(50)) {
                text.append(" -y ").append(dice.between(0, upper));
            }
        }
        if (server.method() == 'i' && dice.chance(60)) {
            text.append(dice.pick(
                    " --tun-type ipip",
                    " --tun-type gre",
                    " --tun-type gre --tun-csum",
                    " --tun-type gue --tun-port 6080",
                    " --tun-type gue --tun-port 6080 --tun-csum",
                    " --tun-type gue --tun-port 5555 --tun-nocsum",
                    " --tun-type gue --tun-port 6080 --tun-remcsum"));
        }
        return text.toString();
    }

    /** A change while packets pass; empty if there is nothing to change. */
    String edit() {
        if (services.isEmpty()) {
            return "-Ln";
        }
        final Service service = dice.pick(services);
        if (service.servers().isEmpty() || dice.chance(15)) {
            return addServer(service);
        }
        final Server server = dice.pick(service.servers());
        final String which = service.name() + " -r " + end(server.address(), server.port());
        return switch (dice.between(0, 11)) {
            case 0, 1, 2 -> "-e " + which + serverOptions(server);
            case 3, 4 -> "-d " + which;
            case 5, 6 -> "-a " + which + serverOptions(server);
            case 7, 8 -> "-E " + service.name() + options(service);
            case 9 -> dice.pick("-D " + service.name(), "-Z", "-Z " + service.name(), "-C", "-A " + service.name());
            case 10 -> "--set " + dice.pick("0 0 0", "100 50 30", "7 0 0", "0 9 20");
            default -> "-e " + which + " -" + server.method() + " -w 0";
        };
    }

    /** A look at the table. */
    String listing() {
        return dice.pick(
                "-Ln",
                "-Lnc",
                "-Sn",
                "-Ln --thresholds",
                "-Ln --persistent-conn",
                "-Ln --timeout",
                "-L -n --sort",
                services.size() > 1 ? "-Ln --sort" : "-Ln --nosort",
                "-S",
                "-L",
                "-Lcn --sort",
                "-Lnc --persistent-conn",
                "-Ln --daemon",
                "-Ln --exact",
                "-Ln -6",
                services.isEmpty() ? "-l -n" : "-Ln " + dice.pick(services).name());
    }
}
