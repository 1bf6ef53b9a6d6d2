package io.weir.control.lab;

/** The {@code weir.yaml} of a lab's director: a web and a UDP echo service on the VIP of each family. */
public final class LabConfig {
    private LabConfig() {}

    /** Round robin over all servers of the lab, by its method. */
    public static String of(Lab lab) {
        return of(lab, "rr");
    }

    public static String of(Lab lab, String scheduler) {
        final LabMethod method = lab.method();
        final StringBuilder yaml = new StringBuilder();
        yaml.append("name: ").append(lab.name()).append('\n');
        yaml.append("interfaces:\n");
        yaml.append("  - device: afpacket:").append(LabPlan.CLIENT_SIDE).append('\n');
        yaml.append("  - device: afpacket:").append(LabPlan.SERVER_SIDE).append('\n');
        yaml.append("table: {size: 65536}\nstate: {save: false}\n");
        if (method == LabMethod.FULLNAT) {
            yaml.append("local_addresses:\n");
            for (int i = 1; i <= 2; i++) {
                yaml.append("  - ").append(LabPlan.local4(i)).append('\n');
                yaml.append("  - '").append(LabPlan.local6(i)).append("'\n");
            }
        }
        yaml.append("services:\n");
        service(yaml, lab, scheduler, "tcp " + LabPlan.VIP4 + ":80", false, method.webPort());
        service(yaml, lab, scheduler, "tcp [" + LabPlan.VIP6 + "]:80", true, method.webPort());
        service(yaml, lab, scheduler, "udp " + LabPlan.VIP4 + ":" + LabPlan.ECHO_PORT, false, LabPlan.ECHO_PORT);
        service(yaml, lab, scheduler, "udp [" + LabPlan.VIP6 + "]:" + LabPlan.ECHO_PORT, true, LabPlan.ECHO_PORT);
        return yaml.toString();
    }

    private static void service(
            StringBuilder yaml, Lab lab, String scheduler, String virtual, boolean ipv6, int serverPort) {
        yaml.append("  - virtual: ").append(virtual).append('\n');
        yaml.append("    scheduler: ").append(scheduler).append('\n');
        yaml.append("    forward: ").append(lab.method().keyword()).append('\n');
        yaml.append("    servers:\n");
        for (int i = 1; i <= lab.servers().size(); i++) {
            final String address = ipv6 ? "[" + LabPlan.server6(i) + "]" : LabPlan.server4(i);
            yaml.append("      - {address: '")
                    .append(address)
                    .append(':')
                    .append(serverPort)
                    .append("'");
            switch (lab.method()) {
                case TUN_GRE -> yaml.append(", tunnel: gre");
                case TUN_GUE -> yaml.append(", tunnel: gue, tunnel_port: ").append(Decapsulator.GUE_PORT);
                default -> {
                    // Nothing to say of the way there.
                }
            }
            yaml.append("}\n");
        }
    }
}
