package io.weir.dataplane;

import io.weir.conntrack.ClientHash;
import io.weir.conntrack.ConnectionTable;
import io.weir.conntrack.Resharding;
import io.weir.packet.IpAddress;
import io.weir.service.ServiceTable;
import io.weir.service.VirtualService;

/**
 * Which worker owns a client: a hash of its address, masked as the widest persistent service masks its clients, so that a
 * template and all that it controls have one owner. A FULLNAT reply carries no client: the local port tells the owner.
 *
 * <p>The kernel's fan-out computes the same ({@code FanoutProgram}). Immutable. <b>Thread</b>: any.
 *
 * @param workers how many there are
 * @param netmask4 prefix length that IPv4 clients are masked with; 32 leaves them as they are
 * @param netmask6 the same for IPv6, at most 128
 */
public record Ownership(ClientHash hash, int workers, int netmask4, int netmask6) {
    private static final int WHOLE4 = 32;
    private static final int WHOLE6 = 128;

    /** Of so many workers, with clients unmasked. */
    public static Ownership of(ClientHash hash, int workers) {
        return new Ownership(hash, workers, WHOLE4, WHOLE6);
    }

    /** The worker that owns a client. */
    public int owner(long clientHi, long clientLo) {
        if (IpAddress.isV4(clientHi, clientLo)) {
            return hash.worker(clientHi, clientLo & mask(netmask4 + WHOLE6 - WHOLE4 - Long.SIZE), workers);
        }
        return hash.worker(clientHi & mask(netmask6), clientLo & mask(netmask6 - Long.SIZE), workers);
    }

    /** The leading bits of a long; none or all of them where there are less than none or more than all. */
    private static long mask(int bits) {
        return bits <= 0 ? 0 : bits >= Long.SIZE ? -1 : -1L << (Long.SIZE - bits);
    }

    /** The worker that gives out a FULLNAT local port. */
    public int ownerOfPort(int localPort) {
        return localPort % workers;
    }

    /** The owner of a record, its client's; nobody's if its local port is another worker's. */
    public int owner(ConnectionTable table, int id) {
        final int owner = owner(table.clientHi(id), table.clientLo(id));
        return table.isBoundLocally(id) && ownerOfPort(table.localPort(id)) != owner ? Resharding.NOBODY : owner;
    }

    /** This one, or one with masks as wide as the services need. Masks never narrow: that would move connections for nothing. */
    public Ownership widened(ServiceTable services) {
        int least4 = netmask4;
        int least6 = netmask6;
        for (final VirtualService service : services.services()) {
            if (service.isPersistent()) {
                if (service.key().ipv6()) {
                    least6 = Math.min(least6, service.netmaskBits());
                } else {
                    least4 = Math.min(least4, service.netmaskBits());
                }
            }
        }
        return least4 == netmask4 && least6 == netmask6 ? this : new Ownership(hash, workers, least4, least6);
    }
}
