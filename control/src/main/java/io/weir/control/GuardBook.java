package io.weir.control;

import io.weir.dataplane.io.GuardRules;
import io.weir.dataplane.io.GuardRules.Change;
import io.weir.dataplane.io.GuardRules.Delta;
import io.weir.dataplane.io.GuardRules.Endpoint;
import io.weir.dataplane.route.InterfaceInfo;
import io.weir.packet.IpAddress;
import io.weir.packet.ProtocolNumbers;
import io.weir.service.Destination;
import io.weir.service.ServiceKey;
import io.weir.service.VirtualService;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * What the host's stack must not see, kept by reference counts, so that one change among ten thousand services costs
 * what that service has and not what all have.
 *
 * <p>A service that was not touched is recognised by being the same object as last time.
 *
 * <p><b>Thread</b>: the director's.
 */
final class GuardBook {
    private static final int MASQUERADING = 0;
    private static final int FTP_PORT = 21;
    private static final int[] OF_MARKS = {ProtocolNumbers.TCP, ProtocolNumbers.UDP, ProtocolNumbers.SCTP};

    /** By the service's slot. */
    private @Nullable VirtualService[] seen = {};

    private int seenCount;
    private final Counted<Endpoint> services = new Counted<>();
    private final Counted<Endpoint> replies = new Counted<>();
    private final Counted<IpAddress> servers = new Counted<>();
    private final Set<InterfaceInfo.Prefix> vips = new LinkedHashSet<>();
    /** Those that {@link #vips} was made of. */
    private Set<IpAddress> seenAddresses = Set.of();

    private Set<IpAddress> own = Set.of();
    private boolean forgotten;
    private List<IpAddress> locals = List.of();

    /** Elements, each as often as it was added, and what became of them since the last look. */
    private static final class Counted<T> {
        private final Map<T, Element<T>> elements = new LinkedHashMap<>();
        /** Those that came or went since the last look, each once; they may have gone or come again. */
        private final List<Element<T>> touched = new ArrayList<>();

        private static final class Element<T> {
            private final T value;
            private int count;
            private boolean told;
            private boolean touched;

            Element(T value) {
                this.value = value;
            }
        }

        void add(T value) {
            final Element<T> element = elements.computeIfAbsent(value, Element::new);
            if (element.count++ == 0) {
                touch(element);
            }
        }

        void remove(T value) {
            final Element<T> element = elements.get(value);
            if (element != null && --element.count == 0) {
                touch(element);
            }
        }

        private void touch(Element<T> element) {
            if (!element.touched) {
                element.touched = true;
                touched.add(element);
            }
        }

        Delta<T> take() {
            final List<T> added = new ArrayList<>();
            final List<T> removed = new ArrayList<>();
            for (final Element<T> element : touched) {
                final boolean there = element.count > 0;
                if (there && !element.told) {
                    added.add(element.value);
                } else if (!there && element.told) {
                    removed.add(element.value);
                }
                if (!there) {
                    elements.remove(element.value);
                }
                element.told = there;
                element.touched = false;
            }
            touched.clear();
            return new Delta<>(added, removed);
        }

        int size() {
            return elements.size();
        }

        List<T> all() {
            return List.copyOf(elements.keySet());
        }
    }

    /**
     * Takes in what is published now.
     *
     * @param addresses every VIP, of services there are and were; the same object as last time holds the same
     * @return what changed, or null if the rules must be written anew
     */
    @Nullable
    Change update(
            List<VirtualService> published,
            Set<IpAddress> addresses,
            List<InterfaceInfo> interfaces,
            List<IpAddress> newLocals) {
        final Set<IpAddress> newOwn = new LinkedHashSet<>();
        interfaces.forEach(info -> info.addresses().forEach(prefix -> newOwn.add(prefix.address())));
        boolean anew = forgotten || !newOwn.equals(own) || !newLocals.equals(locals);
        if (!newOwn.equals(own)) {
            // Which services the host shares depends on it.
            forget(slot -> true);
            forgetVips();
        }
        forgotten = false;
        own = newOwn;
        locals = newLocals;
        services(published);
        final List<InterfaceInfo.Prefix> newVips = new ArrayList<>();
        if (!same(addresses, seenAddresses)) {
            seenAddresses = addresses;
            for (IpAddress vip : addresses) {
                final InterfaceInfo.Prefix host = new InterfaceInfo.Prefix(vip, vip.isV4() ? 32 : 128);
                if (!own.contains(vip) && vips.add(host)) {
                    newVips.add(host);
                }
            }
        }
        final Change change = new Change(List.copyOf(newVips), services.take(), replies.take(), servers.take());
        // Taking away most of it takes longer than writing what is left.
        anew |= change.replies().removed().size() > replies.size();
        return anew ? null : change;
    }

    /** Some addresses are no longer ours: they come again with the next update, or not. */
    void forgetVips() {
        vips.clear();
        seenAddresses = Set.of();
    }

    /** Untouched is the same object; comparing all of it would cost what this class is there to save. */
    @SuppressWarnings("ReferenceEquality")
    private static boolean same(@Nullable Object a, Object b) {
        return a == b;
    }

    private void services(List<VirtualService> published) {
        for (VirtualService service : published) {
            if (service.slot() >= seen.length) {
                seen = Arrays.copyOf(seen, Math.max(service.slot() + 1, 2 * seen.length));
            }
            final VirtualService before = seen[service.slot()];
            if (!same(before, service)) {
                seen[service.slot()] = service;
                // Added first: what stays is not taken away in between.
                add(service);
                if (before == null) {
                    seenCount++;
                } else {
                    remove(before);
                }
            }
        }
        if (seenCount > published.size()) {
            final BitSet there = new BitSet();
            published.forEach(service -> there.set(service.slot()));
            forget(slot -> !there.get(slot));
        }
    }

    private void forget(IntPredicate slots) {
        for (int slot = 0; slot < seen.length; slot++) {
            final VirtualService gone = seen[slot];
            if (gone != null && slots.test(slot)) {
                remove(gone);
                seen[slot] = null;
                seenCount--;
            }
        }
    }

    private void add(VirtualService service) {
        final Endpoint shared = shared(service);
        if (shared != null) {
            services.add(shared);
        }
        for (Endpoint reply : replies(service)) {
            replies.add(reply);
            servers.add(reply.address());
        }
    }

    private void remove(VirtualService service) {
        final Endpoint shared = shared(service);
        if (shared != null) {
            services.remove(shared);
        }
        for (Endpoint reply : replies(service)) {
            replies.remove(reply);
            servers.remove(reply.address());
        }
    }

    private @Nullable Endpoint shared(VirtualService service) {
        final ServiceKey key = service.key();
        return key.fwmark() == 0 && own.contains(key.address())
                ? new Endpoint(key.address(), key.protocol(), key.port())
                : null;
    }

    /**
     * Where answers come from. A firewall-mark service says nothing of the protocol, a port 0 nothing of the port; an FTP
     * server's data connections come from port 20, or from any that it names to the client.
     */
    private static List<Endpoint> replies(VirtualService service) {
        final List<Endpoint> replies = new ArrayList<>();
        for (Destination server : service.destinations()) {
            if (server.methodCode() != MASQUERADING) {
                continue;
            }
            if (service.key().fwmark() == 0) {
                final int port = hasDataConnections(service.key()) ? 0 : server.port();
                replies.add(new Endpoint(server.address(), service.key().protocol(), port));
            } else {
                for (final int protocol : OF_MARKS) {
                    final boolean ftp = protocol == ProtocolNumbers.TCP && server.port() == FTP_PORT;
                    replies.add(new Endpoint(server.address(), protocol, ftp ? 0 : server.port()));
                }
            }
        }
        return replies;
    }

    /** As the data path has it: by the virtual port. */
    private static boolean hasDataConnections(ServiceKey key) {
        return key.protocol() == ProtocolNumbers.TCP && key.port() == FTP_PORT;
    }

    /** The next update asks for the rules to be written anew. */
    void forget() {
        forgotten = true;
    }

    /** All of it. */
    GuardRules rules(List<InterfaceInfo.Prefix> moreVips) {
        final Set<InterfaceInfo.Prefix> alone = new LinkedHashSet<>(moreVips);
        alone.addAll(vips);
        return new GuardRules(List.copyOf(alone), services.all(), locals, replies.all(), List.copyOf(own));
    }
}
