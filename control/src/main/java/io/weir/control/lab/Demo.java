package io.weir.control.lab;

import io.weir.control.ControlClient;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** What {@code weir demo} shows of each forwarding method. */
final class Demo {
    private static final String WAY_DR =
            "client → director → server; the answer goes straight to the client. Only the MAC changes.";
    private static final String WAY_NAT =
            "client → director → server and back the same way. The director rewrites VIP:80 to RIP:8080.";
    private static final String WAY_TUN =
            "client → director ⇒ server in a tunnel; the answer goes straight to the client.";
    private static final String WAY_FULLNAT =
            "client → director → server and back; the server sees a local address of the director as its client.";

    private final Terminal terminal;
    private final int requests;
    private final long startedAt = System.nanoTime();

    Demo(Terminal terminal, int requests) {
        this.terminal = terminal;
        this.requests = requests;
    }

    /** One method from an empty machine to an empty machine. */
    void show(LabMethod method, boolean keep) {
        terminal.heading(method.name().replace('_', ' ') + ": " + method.title());
        terminal.line(way(method));
        final LabOptions options = LabOptions.of(method).withServers(3);
        try (Lab lab = Lab.create(keep ? options.kept() : options)) {
            terminal.line(
                    "lab",
                    lab.namespaces().size() + " namespaces: client " + LabPlan.CLIENT4 + ", director, "
                            + lab.servers().size() + " nginx on " + LabPlan.server4(1) + " …");
            lab.startDirector(LabConfig.of(lab));
            terminal.line("director", "weir run -c weir.yaml; the VIP is " + LabPlan.VIP4 + ":80, scheduler rr");
            traffic(lab);
            onePacket(lab);
            connections(lab);
            if (keep) {
                lab.leaveUp();
                howToEnter(lab);
            }
        }
        if (!keep) {
            terminal.dim("lab taken down");
        }
    }

    /** The last words. */
    void farewell(boolean kept) {
        terminal.line("");
        terminal.dim("took " + (System.nanoTime() - startedAt) / 1_000_000_000L + " s");
        if (!kept) {
            terminal.line("Look closer:  ./weir demo --mode dr --keep     Your own network:  docs/examples/");
        }
    }

    private void traffic(Lab lab) {
        final Traffic traffic = new Traffic(lab);
        terminal.line("");
        terminal.line(requests + " × curl http://" + LabPlan.VIP4 + "/ — who answered:");
        final Map<String, Integer> answers = traffic.fetch(false, requests);
        answers.forEach((server, count) -> terminal.bar(server, count, requests));
        final Map<String, Integer> answers6 = traffic.fetch(true, requests);
        terminal.line("and over IPv6 (http://[" + LabPlan.VIP6 + "]/): " + answers6);
        final long before = System.nanoTime();
        final String receiver = traffic.upload(false);
        final long millis = (System.nanoTime() - before) / 1_000_000;
        terminal.good("3 MB upload: arrived at " + receiver + " byte for byte, in " + millis + " ms");
        traffic.download(false);
        terminal.good("3 MB download: the same");
        if (traffic.ping(false) == 0) {
            throw new LabException("the VIP does not answer ping");
        }
        terminal.good("ping " + LabPlan.VIP4 + ": the director answers");
    }

    /** The same packet on both sides of the director. */
    private void onePacket(Lab lab) {
        final List<byte[]> before;
        final List<byte[]> after;
        final String clientPort = LabBuilder.port(lab.director(), LabPlan.CLIENT_SIDE);
        final String serverPort = LabBuilder.port(lab.director(), LabPlan.SERVER_SIDE);
        try (Capture clientSide = Capture.start(lab, lab.network(), clientPort);
                Capture serverSide = Capture.start(lab, lab.network(), serverPort)) {
            new Traffic(lab).fetch(false);
            before = clientSide.frames();
            after = serverSide.frames();
        }
        terminal.line("");
        terminal.line("One request packet before the director (" + LabPlan.CLIENT_SIDE + ") …");
        story(before);
        terminal.line("… and after it (" + LabPlan.SERVER_SIDE + ")");
        story(after);
    }

    private void story(List<byte[]> frames) {
        // The first TCP packet of a capture is the SYN of the only request there was.
        final PacketStory first = frames.stream()
                .map(PacketStory::new)
                .filter(PacketStory::isTcp)
                .findFirst()
                .orElseThrow(() -> new LabException("no TCP packet was captured"));
        first.lines().forEach(line -> terminal.line("  " + line));
    }

    private void connections(Lab lab) {
        terminal.line("");
        terminal.line("Connection table (ipvsadm -Lnc):");
        final List<String> lines;
        try {
            lines = ControlClient.ask(lab.name(), "-Lnc").lines().toList();
        } catch (IOException e) {
            throw new LabException("the director's control socket: " + e.getMessage(), e);
        }
        lines.stream().limit(8).forEach(terminal::dim);
        if (lines.size() > 8) {
            terminal.dim("… " + (lines.size() - 8) + " more");
        }
    }

    private void howToEnter(Lab lab) {
        final String enter = "ip netns exec " + lab.name() + "-";
        terminal.line("");
        terminal.line("The lab stays up.");
        terminal.line("client", enter + "client curl http://" + LabPlan.VIP4 + "/");
        terminal.line("director", enter + "director tcpdump -eni " + LabPlan.SERVER_SIDE);
        terminal.line("a server", enter + "rs1 bash");
        terminal.line("files", lab.folder().toString());
        terminal.line("down", "./weir demo --down");
    }

    private static String way(LabMethod method) {
        return switch (method) {
            case DR -> WAY_DR;
            case NAT -> WAY_NAT;
            case TUN, TUN_GRE, TUN_GUE -> WAY_TUN;
            case FULLNAT -> WAY_FULLNAT;
        };
    }
}
