package io.weir.control.lab;

import io.weir.dataplane.io.PacketBatch;
import io.weir.dataplane.io.PacketDevice;
import io.weir.dataplane.io.PacketDevices;
import io.weir.dataplane.segment.Reassembler;
import io.weir.packet.PacketParser;
import io.weir.packet.PacketPrinter;
import io.weir.packet.ParsedPacket;
import java.util.concurrent.Callable;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.UnsafeBuffer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * The far end of a tunnel on a real server whose kernel has no tunnel device: takes tunnelled packets from a packet
 * socket and gives what is inside to the kernel through a TUN device.
 *
 * <p><b>Not here</b>: keeping the kernel from answering the outer packets; see {@link TunnelEnd}.
 */
@Command(name = "decap", description = "Unwraps tunnelled packets (IPIP, GRE, GUE) of an interface into a TUN device.")
public final class Decapsulator implements Callable<Integer> {
    /** The UDP port GUE comes to. */
    public static final int GUE_PORT = PacketPrinter.GUE_PORT;

    private static final int WIRE = 0;
    private static final int INSIDE = 1;
    /** What is put together of fragments may be longer than any link takes. */
    private static final int LONGEST_PACKET = 65_535;

    private static final int SPINS = 10;
    private static final int YIELDS = 10;
    private static final long SHORTEST_PARK_NS = 1_000;
    private static final long LONGEST_PARK_NS = 200_000;

    @Option(names = "--interface", paramLabel = "NAME", required = true, description = "Where the packets come in.")
    private String from = "";

    @Option(names = "--tun", paramLabel = "NAME", required = true, description = "The TUN device to make.")
    private String tun = "";

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Shows this help.")
    private boolean help;

    private final PacketParser parser = new PacketParser();
    private final ParsedPacket outer = new ParsedPacket();
    private final Reassembler reassembler = new Reassembler();

    @Override
    public Integer call() {
        try (PacketDevice wire = PacketDevices.open("afpacket:" + from + "?novnet&slots=4096");
                PacketDevice inside = PacketDevices.open("tun:" + tun + "?mtu=" + LONGEST_PACKET)) {
            Shell.must("ip", "link", "set", tun, "up", "txqueuelen", "5000");
            System.out.println("ready");
            final IdleStrategy idle = new BackoffIdleStrategy(SPINS, YIELDS, SHORTEST_PARK_NS, LONGEST_PARK_NS);
            final PacketBatch received = new PacketBatch();
            final PacketBatch unwrapped = new PacketBatch();
            while (!Thread.currentThread().isInterrupted()) {
                received.clear();
                unwrapped.clear();
                final int frames = wire.receive(received, WIRE);
                for (int i = 0; i < frames; i++) {
                    unwrap(received, i, unwrapped, inside);
                }
                inside.transmit(unwrapped, INSIDE);
                wire.release();
                drain(inside, received);
                idle.idle(frames);
            }
        }
        return 0;
    }

    private void unwrap(PacketBatch received, int i, PacketBatch unwrapped, PacketDevice inside) {
        UnsafeBuffer buffer = received.buffer[i];
        parser.parse(buffer, received.offset[i], received.length[i], true, outer);
        final boolean fragment = outer.ipVersion != 0 && outer.fragment != ParsedPacket.FRAGMENT_NONE;
        if (fragment) {
            final int length = reassembler.offer(outer, System.nanoTime());
            if (length < 0) {
                return;
            }
            buffer = reassembler.buffer();
            parser.parse(buffer, reassembler.offset(), length, false, outer);
        }
        final int at = TunnelPayload.offset(buffer, outer);
        if (at == TunnelPayload.NONE) {
            return;
        }
        final int added = unwrapped.add(buffer, at, outer.l3Offset + outer.l3Length - at, 0, WIRE);
        unwrapped.verdict[added] = PacketBatch.TRANSMIT;
        unwrapped.egress[added] = INSIDE;
        if (fragment) {
            // It lies there only until the next fragment.
            inside.transmit(unwrapped, INSIDE);
            unwrapped.clear();
        }
    }

    /** Nothing is routed into the TUN device; what the kernel says of itself there (router solicitations) is dropped. */
    private static void drain(PacketDevice inside, PacketBatch scratch) {
        scratch.clear();
        if (inside.receive(scratch, INSIDE) > 0) {
            inside.release();
        }
    }
}
