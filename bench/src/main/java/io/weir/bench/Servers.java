package io.weir.bench;

import io.weir.packet.IpAddress;
import io.weir.service.Destination;
import java.util.ArrayList;
import java.util.List;

/** Lists of servers for schedulers to choose from; slots are places in the list. */
final class Servers {
    private static final long FIRST = IpAddress.parse("10.20.0.10").lo();
    private static final int PORT = 80;
    private static final int WEIGHT = 100;
    private static final int SKEW = 10;

    private Servers() {}

    /**
     * So many.
     *
     * @param weights {@code equal}, or {@code skewed}: one in five has ten times the weight of the others
     */
    static List<Destination> list(int servers, String weights) {
        final boolean skewed =
                switch (weights) {
                    case "equal" -> false;
                    case "skewed" -> true;
                    default -> throw new IllegalArgumentException("weights=" + weights + " (equal, skewed)");
                };
        final List<Destination> list = new ArrayList<>();
        for (int slot = 0; slot < servers; slot++) {
            list.add(server(slot, skewed && slot % 5 == 0 ? WEIGHT * SKEW : WEIGHT));
        }
        return list;
    }

    private static Destination server(int slot, int weight) {
        final IpAddress address = new IpAddress(0, FIRST + slot);
        return new Destination(slot, address, PORT, weight, 0, 0, 0, Destination.Tunnel.IPIP);
    }
}
