package io.weir.dataplane.io;

import io.weir.dataplane.route.InterfaceInfo.Prefix;
import io.weir.packet.IpAddress;
import java.util.List;

/**
 * What the director takes, and the host's stack must therefore not see.
 *
 * @param vips virtual addresses that belong to the director alone: everything sent to them, and ARP or neighbour
 *     requests for them
 * @param services of virtual addresses that the host uses too: only what is sent to these ports
 * @param locals FULLNAT local addresses: everything sent to them
 * @param replies what real servers behind NAT send from their service ports, unless it is for the host itself
 * @param own the host's own addresses
 */
public record GuardRules(
        List<Prefix> vips,
        List<Endpoint> services,
        List<IpAddress> locals,
        List<Endpoint> replies,
        List<IpAddress> own) {
    /**
     * Address, protocol and port.
     *
     * @param protocol IP protocol number
     * @param port 0 = all ports
     */
    public record Endpoint(IpAddress address, int protocol, int port) {
        @Override
        public int hashCode() {
            return (address.hashCode() * 31 + protocol) * 31 + port;
        }
    }

    /**
     * What is new in, and what goes out of the rules; own addresses and local addresses stay as they are.
     *
     * @param servers addresses that replies come from
     */
    public record Change(
            List<Prefix> newVips, Delta<Endpoint> services, Delta<Endpoint> replies, Delta<IpAddress> servers) {
        /** Is there nothing to do? */
        public boolean isEmpty() {
            return newVips.isEmpty() && services.isEmpty() && replies.isEmpty() && servers.isEmpty();
        }

        /** Does something go out of the rules? */
        public boolean takesAway() {
            return !services.removed().isEmpty()
                    || !replies.removed().isEmpty()
                    || !servers.removed().isEmpty();
        }
    }

    /** Elements to put into a set and to take out of it. */
    public record Delta<T>(List<T> added, List<T> removed) {
        public Delta {
            added = List.copyOf(added);
            removed = List.copyOf(removed);
        }

        boolean isEmpty() {
            return added.isEmpty() && removed.isEmpty();
        }
    }

    public GuardRules {
        vips = List.copyOf(vips);
        services = List.copyOf(services);
        locals = List.copyOf(locals);
        replies = List.copyOf(replies);
        own = List.copyOf(own);
    }
}
