package io.weir.control;

import io.weir.dataplane.DataPlane;
import io.weir.dataplane.WorkerParts;
import io.weir.dataplane.route.AddressWatch.Claim;
import io.weir.dataplane.route.AddressWatch.Kind;
import io.weir.dataplane.route.InterfaceInfo;
import io.weir.packet.IpAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices who else answers for the director's addresses: a real server with a VIP that it does not keep to itself, a second
 * director, a stranger with our own address, a neighbour whose MAC address goes to and fro.
 *
 * <p>Every minute it asks the networks for each VIP, a few VIPs a second; nobody should answer. What is heard otherwise
 * counts too. A finding is logged when it is new and every five minutes while it lasts, and is over after three silent
 * minutes.
 *
 * <p><b>Thread</b>: the director's, under its lock; the frames are the first worker's, which answers for all.
 */
final class ArpWatch {
    /**
     * Something that should not be.
     *
     * @param by the MAC address, and whose it is, if that is known
     */
    record Finding(Kind kind, IpAddress address, String by, String interfaceName, long count) {
        /** What that means, for people. */
        String text() {
            return switch (kind) {
                case VIRTUAL -> "the VIP " + address + " is also claimed by " + by + " on " + interfaceName
                        + ": a real server that answers ARP for it, or another director";
                case OWN -> "the director's address " + address + " is also claimed by " + by + " on " + interfaceName;
                case MOVING -> "the MAC address of " + address + " goes to and fro on " + interfaceName + ", now " + by;
            };
        }
    }

    private record Key(Kind kind, IpAddress address, String by) {}

    private record Heard(Claim claim, String by) {}

    private static final Logger LOG = LoggerFactory.getLogger(ArpWatch.class);
    private static final int ASKED_PER_SECOND = 16;
    private static final long ROUND_NS = TimeUnit.SECONDS.toNanos(60);
    private static final long OVER_NS = 3 * ROUND_NS;
    private static final long SAY_AGAIN_NS = 5 * ROUND_NS;

    private final Set<String> asking;
    private final Deque<IpAddress> toAsk = new ArrayDeque<>();
    private final Map<Key, Long> saidNs = new HashMap<>();
    private List<Finding> findings = List.of();
    private long nextRoundNs = System.nanoTime();

    /** Asks on the interfaces of these names. */
    ArpWatch(Collection<String> asking) {
        this.asking = Set.copyOf(asking);
    }

    /** Once a second: asks for the next VIPs, and takes what was heard. */
    void look(DataPlane dataPlane, Collection<IpAddress> vips, List<InterfaceInfo> interfaces, long nowNs) {
        if (toAsk.isEmpty() && nowNs - nextRoundNs >= 0) {
            toAsk.addAll(vips);
            nextRoundNs = nowNs + ROUND_NS;
        }
        final List<IpAddress> now = new ArrayList<>();
        while (now.size() < ASKED_PER_SECOND && !toAsk.isEmpty()) {
            now.add(toAsk.remove());
        }
        final List<InterfaceInfo> where = interfaces.stream()
                .filter(each -> each.linkLayer() && asking.contains(each.name()))
                .toList();
        final List<Heard> heard = new ArrayList<>();
        final boolean done = dataPlane.order(0, parts -> {
            for (IpAddress vip : now) {
                where.forEach(out -> parts.addresses().ask(out, vip));
            }
            for (Claim claim : parts.addresses().watch().claims()) {
                if (nowNs - claim.lastNs() < OVER_NS) {
                    heard.add(new Heard(claim, by(parts, claim)));
                }
            }
        });
        if (done) {
            take(heard, interfaces, nowNs);
        }
    }

    /** The MAC address, with the address of the neighbour that has it, if one is known. */
    private static String by(WorkerParts parts, Claim claim) {
        final StringBuilder text = new StringBuilder();
        for (int bits = 40; bits >= 0; bits -= Byte.SIZE) {
            text.append(String.format(Locale.ROOT, bits == 40 ? "%02x" : ":%02x", claim.mac() >>> bits & 0xFF));
        }
        for (int i = 0; i < parts.neighbours().slots(); i++) {
            if (parts.neighbours().macAt(i) == claim.mac() && claim.kind() != Kind.MOVING) {
                return text.append(" (")
                        .append(IpAddress.format(
                                parts.neighbours().requestHi(i),
                                parts.neighbours().requestLo(i)))
                        .append(')')
                        .toString();
            }
        }
        return text.toString();
    }

    private void take(List<Heard> heard, List<InterfaceInfo> interfaces, long nowNs) {
        final List<Finding> found = new ArrayList<>();
        final Map<Key, Long> said = new HashMap<>();
        for (Heard each : heard) {
            final Claim claim = each.claim();
            final String name = claim.interfaceIndex() < interfaces.size()
                    ? interfaces.get(claim.interfaceIndex()).name()
                    : "?";
            final Finding finding = new Finding(claim.kind(), claim.address(), each.by(), name, claim.count());
            found.add(finding);
            // A neighbour that moves has another MAC address each time; it is the same finding.
            final Key key = new Key(claim.kind(), claim.address(), claim.kind() == Kind.MOVING ? "" : each.by());
            final Long before = saidNs.get(key);
            if (before == null || nowNs - before >= SAY_AGAIN_NS) {
                LOG.warn("event=address-conflict seen={} problem=\"{}\"", finding.count(), finding.text());
            }
            said.put(key, before == null || nowNs - before >= SAY_AGAIN_NS ? nowNs : before);
        }
        saidNs.keySet().stream()
                .filter(key -> !said.containsKey(key))
                .forEach(key -> LOG.info("event=address-conflict-over kind={} address={}", key.kind(), key.address()));
        saidNs.clear();
        saidNs.putAll(said);
        findings = List.copyOf(found);
    }

    /** What lasts now. */
    List<Finding> findings() {
        return findings;
    }

    /** For {@code weir status}: a line for each finding. */
    String text() {
        final StringBuilder text = new StringBuilder();
        findings.forEach(each -> text.append("address conflict: ")
                .append(each.text())
                .append(" (seen ")
                .append(each.count())
                .append(" times)\n"));
        return text.toString();
    }
}
