package io.weir.dataplane.io;

/** Two namespaces joined by a veth pair: {@code l0} on the director's side, {@code p0} on the peer's. */
final class VethPair implements AutoCloseable {
    private static int count;

    private final Netns lb;
    private final Netns other;

    VethPair() {
        count++;
        lb = new Netns("lb" + count);
        other = new Netns("peer" + count);
        Netns.veth(lb, "l0", other, "p0");
    }

    Netns lb() {
        return lb;
    }

    Netns other() {
        return other;
    }

    /** Opens a device on the director's side. */
    PacketDevice device(String uri) {
        return lb.call(() -> PacketDevices.open(uri));
    }

    /** Opens a plain socket on the peer's side. */
    RawPort peer() {
        return other.call(() -> new RawPort("p0"));
    }

    @Override
    public void close() {
        lb.close();
        other.close();
    }
}
