package io.weir.control.lab;

import java.util.List;

/** Lays the wires of a lab: namespaces, veth pairs, two bridges, addresses and the routes of one forwarding method. */
final class LabBuilder {
    private static final String[] NO_OFFLOADS = {"tx", "off", "rx", "off", "tso", "off", "gso", "off", "gro", "off"};
    private static final int SERVER_HOST = 10;
    private static final int ROUTER_MAC_HOST = 99;

    private final Lab lab;
    private final LabMethod method;

    LabBuilder(Lab lab) {
        this.lab = lab;
        this.method = lab.method();
    }

    void build() {
        final StringBuilder names = new StringBuilder();
        for (Namespace namespace : lab.namespaces()) {
            names.append("netns add ").append(namespace.name()).append('\n');
        }
        Shell.must(List.of("ip", "-batch", "-"), names.toString());
        for (Namespace namespace : lab.namespaces()) {
            // Addresses are usable at once, and nothing but ours is on the wire.
            namespace.sysctl(
                    "net.ipv6.conf.all.accept_dad=0",
                    "net.ipv6.conf.default.accept_dad=0",
                    "net.ipv6.conf.all.accept_ra=0",
                    "net.ipv6.conf.default.accept_ra=0",
                    "net.ipv6.conf.default.router_solicitations=0",
                    "net.ipv4.conf.all.rp_filter=0",
                    "net.ipv4.conf.default.rp_filter=0");
        }
        switches();
        client();
        director();
        router();
        for (int i = 1; i <= lab.servers().size(); i++) {
            server(i);
        }
        offloads();
    }

    private void switches() {
        final StringBuilder lines = new StringBuilder();
        for (String bridge : List.of("br1", "br2")) {
            // No spanning tree, no snooping: the bridge is a wire with many ends.
            lines.append("link add ").append(bridge).append(" type bridge forward_delay 0 mcast_snooping 0\n");
            lines.append("link set ").append(bridge).append(" up\n");
        }
        lab.network().ip(lines.toString());
    }

    /** A wire between {@code name} in {@code role}'s namespace and the switch of a network (1 client, 2 server). */
    private void wire(Namespace role, String name, int network, int host) {
        final String port = port(role, name);
        Shell.must(
                List.of("ip", "-batch", "-"),
                "link add " + port + " netns " + lab.network().name() + " type veth peer name " + name + " address "
                        + LabPlan.mac(network, host) + " netns " + role.name() + "\n");
        lab.network().ip("link set " + port + " master br" + network + " up\n");
        role.ip("link set lo up\nlink set " + name + " up\n");
    }

    static String port(Namespace role, String name) {
        return "p-" + role.role().substring(0, Math.min(6, role.role().length())) + "-" + name;
    }

    private void client() {
        wire(lab.client(), "c0", 1, 7);
        lab.client()
                .ip("addr add " + LabPlan.CLIENT4 + "/24 dev c0\naddr add " + LabPlan.CLIENT6 + "/64 dev c0 nodad\n");
    }

    private void director() {
        wire(lab.director(), LabPlan.CLIENT_SIDE, 1, 1);
        wire(lab.director(), LabPlan.SERVER_SIDE, 2, 1);
        addresses(lab.director(), LabPlan.CLIENT_SIDE, LabPlan.SERVER_SIDE, LabPlan.DIRECTOR_HOST);
    }

    private void router() {
        wire(lab.router(), "r1", 1, ROUTER_MAC_HOST);
        wire(lab.router(), "r2", 2, ROUTER_MAC_HOST);
        addresses(lab.router(), "r1", "r2", LabPlan.ROUTER_HOST);
        lab.router().sysctl("net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1");
    }

    private void addresses(Namespace role, String clientSide, String serverSide, String host) {
        role.ip("addr add " + LabPlan.CLIENT_NET4 + host + "/24 dev " + clientSide + "\n"
                + "addr add " + LabPlan.CLIENT_NET6 + host + "/64 dev " + clientSide + " nodad\n"
                + "addr add " + LabPlan.SERVER_NET4 + host + "/24 dev " + serverSide + "\n"
                + "addr add " + LabPlan.SERVER_NET6 + host + "/64 dev " + serverSide + " nodad\n");
    }

    private void server(int number) {
        final Namespace server = lab.server(number);
        final String port = LabPlan.SERVER_PORT;
        wire(server, port, 2, SERVER_HOST + number);
        server.ip("addr add " + LabPlan.server4(number) + "/24 dev " + port + "\n" + "addr add "
                + LabPlan.server6(number) + "/64 dev " + port + " nodad\n");
        if (method != LabMethod.FULLNAT) {
            final String gateway = method == LabMethod.NAT ? LabPlan.DIRECTOR_HOST : LabPlan.ROUTER_HOST;
            server.ip("route add default via " + LabPlan.SERVER_NET4 + gateway + "\n" + "route add ::/0 via "
                    + LabPlan.SERVER_NET6 + gateway + "\n");
        }
        if (method.needsVipOnServers()) {
            // The server owns the VIP, but never says so on the wire: that is the director's part.
            server.sysctl(
                    "net.ipv4.conf.all.arp_ignore=1",
                    "net.ipv4.conf." + port + ".arp_ignore=1",
                    "net.ipv4.conf.all.arp_announce=2",
                    "net.ipv4.conf." + port + ".arp_announce=2");
            server.ip("addr add " + LabPlan.VIP4 + "/32 dev lo\naddr add " + LabPlan.VIP6 + "/128 dev lo nodad\n");
        }
        if (method.isTunnel()) {
            TunnelEnd.start(method == LabMethod.TUN, server, port, (what, command) -> lab.start(server, what, command));
        }
    }

    private void offloads() {
        if (lab.options().offloads() == Offloads.DEFAULT) {
            return;
        }
        ethtool(lab.director(), LabPlan.CLIENT_SIDE, "tx", "off");
        ethtool(lab.director(), LabPlan.SERVER_SIDE, "tx", "off");
        if (lab.options().offloads() == Offloads.OFF) {
            ethtool(lab.client(), "c0", NO_OFFLOADS);
            ethtool(lab.director(), LabPlan.CLIENT_SIDE, NO_OFFLOADS);
            ethtool(lab.director(), LabPlan.SERVER_SIDE, NO_OFFLOADS);
            lab.servers().forEach(server -> ethtool(server, LabPlan.SERVER_PORT, NO_OFFLOADS));
        }
    }

    private static void ethtool(Namespace where, String port, String... settings) {
        final String[] command = new String[3 + settings.length];
        command[0] = "ethtool";
        command[1] = "-K";
        command[2] = port;
        System.arraycopy(settings, 0, command, 3, settings.length);
        // Status 1 with "Cannot change rx-checksumming": some interfaces have nothing to switch there; tx is what
        // counts.
        where.run(command);
    }
}
