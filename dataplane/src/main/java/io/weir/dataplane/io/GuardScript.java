package io.weir.dataplane.io;

import io.weir.dataplane.PathTun;
import io.weir.dataplane.io.GuardRules.Endpoint;
import io.weir.dataplane.route.InterfaceInfo.Prefix;
import io.weir.packet.IpAddress;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Writes the nftables ruleset of {@link IngressGuard}.
 *
 * <p>Every statement has a line of its own: nft 1.0.6 wants a separator before a closing brace. Sets are written even if
 * empty, so that the rules are always the same ones.
 *
 * <p><b>Source</b>: nft(8)
 */
final class GuardScript {
    private static final String INTERVAL = "flags interval\nauto-merge";
    /** The kernel has 16 bytes for each, in each of four sets. */
    private static final int LEAST_SIZE = 1 << 17;

    private final StringBuilder text = new StringBuilder();

    private GuardScript() {}

    /**
     * How many elements each set of servers has room for: the kernel fills a table of known size in a third of the time of
     * one that grows.
     */
    static int size(GuardRules rules) {
        return Math.max(LEAST_SIZE, 2 * rules.replies().size());
    }

    /** A transaction that replaces the table by one for these interfaces and rules. */
    static String replace(String table, List<String> interfaces, GuardRules rules) {
        final GuardScript script = new GuardScript();
        script.line(remove(table) + "table netdev " + table + " {");
        script.sets(rules, "4", "ipv4_addr", IpAddress::isV4);
        script.sets(rules, "6", "ipv6_addr", a -> !a.isV4());
        script.solicitations(rules.vips());
        script.own("ip", "4");
        script.own("ip6", "6");
        for (int i = 0; i < interfaces.size(); i++) {
            script.chain(i, interfaces.get(i));
        }
        script.line("}");
        return script.text.toString();
    }

    /** A transaction that changes what the sets hold. */
    static String change(String table, GuardRules.Change change) {
        final GuardScript script = new GuardScript();
        for (int f = 0; f < 2; f++) {
            final boolean four = f == 0;
            final Predicate<IpAddress> of = a -> a.isV4() == four;
            final String family = four ? "4" : "6";
            final List<Prefix> vips =
                    change.newVips().stream().filter(p -> of.test(p.address())).toList();
            script.elements(table, "add", "taken" + family, vips.stream().map(GuardScript::prefix));
            if (!four) {
                for (final Prefix vip : vips) {
                    script.line("add rule netdev " + table + " solicited " + solicitation(vip));
                }
            }
            script.endpoints(table, "service", family, change.services(), of);
            script.endpoints(table, "reply", family, change.replies(), of);
            final GuardRules.Delta<IpAddress> servers = change.servers();
            script.elements(
                    table,
                    "add",
                    "server" + family,
                    servers.added().stream().filter(of).map(IpAddress::toString));
            script.elements(
                    table,
                    "delete",
                    "server" + family,
                    servers.removed().stream().filter(of).map(IpAddress::toString));
        }
        return script.text.toString();
    }

    private void endpoints(
            String table, String name, String family, GuardRules.Delta<Endpoint> delta, Predicate<IpAddress> of) {
        for (final boolean whole : new boolean[] {false, true}) {
            final Predicate<Endpoint> wanted = e -> of.test(e.address()) && (e.port() == 0) == whole;
            final String set = name + (whole ? "all" : "port") + family;
            elements(table, "add", set, delta.added().stream().filter(wanted).map(GuardScript::element));
            elements(
                    table,
                    "delete",
                    set,
                    delta.removed().stream().filter(wanted).map(GuardScript::element));
        }
    }

    private void elements(String table, String verb, String set, Stream<String> elements) {
        final String all = elements.collect(Collectors.joining(", "));
        if (!all.isEmpty()) {
            line(verb + " element netdev " + table + " " + set + " { " + all + " }");
        }
    }

    private static String element(Endpoint e) {
        return e.address() + " . " + e.protocol() + (e.port() == 0 ? "" : " . " + e.port());
    }

    /** A transaction that removes the table, there or not. */
    static String remove(String table) {
        return "add table netdev " + table + "\ndelete table netdev " + table + "\n";
    }

    private void line(String line) {
        text.append(line).append('\n');
    }

    private void sets(GuardRules rules, String family, String type, Predicate<IpAddress> of) {
        final Stream<String> vips =
                rules.vips().stream().filter(p -> of.test(p.address())).map(GuardScript::prefix);
        final Stream<String> locals = rules.locals().stream().filter(of).map(IpAddress::toString);
        set("taken" + family, type, INTERVAL, Stream.concat(vips, locals).toList());
        set(
                "own" + family,
                type,
                INTERVAL,
                rules.own().stream().filter(of).map(IpAddress::toString).toList());
        final List<Endpoint> services = only(rules.services(), of);
        final List<Endpoint> replies = only(rules.replies(), of);
        final String sized = "size " + size(rules);
        endpoints("service", family, type, "", services);
        endpoints("reply", family, type, sized, replies);
        set(
                "server" + family,
                type,
                sized,
                replies.stream().map(e -> e.address().toString()).toList());
    }

    private static List<Endpoint> only(List<Endpoint> endpoints, Predicate<IpAddress> of) {
        return endpoints.stream().filter(e -> of.test(e.address())).toList();
    }

    private void endpoints(String name, String family, String type, String portSet, List<Endpoint> endpoints) {
        final List<String> ports = new ArrayList<>();
        final List<String> wholes = new ArrayList<>();
        for (final Endpoint e : endpoints) {
            (e.port() == 0 ? wholes : ports).add(element(e));
        }
        set(name + "port" + family, type + " . inet_proto . inet_service", portSet, ports);
        set(name + "all" + family, type + " . inet_proto", "", wholes);
    }

    private void set(String name, String type, String more, List<String> elements) {
        line("set " + name + " {");
        line("type " + type);
        if (!more.isEmpty()) {
            line(more);
        }
        if (!elements.isEmpty()) {
            line("elements = { " + elements.stream().distinct().collect(Collectors.joining(", ")) + " }");
        }
        line("}");
    }

    private static String prefix(Prefix prefix) {
        final int full = prefix.address().isV4() ? 32 : 128;
        return prefix.length() == full ? prefix.address().toString() : prefix.address() + "/" + prefix.length();
    }

    /** nft has no name for a solicitation's target, which stands 8 bytes into the ICMPv6 message, nor sets of nameless fields. */
    private void solicitations(List<Prefix> vips) {
        line("chain solicited {");
        for (final Prefix vip : vips) {
            if (!vip.address().isV4() && vip.length() > 0) {
                line(solicitation(vip));
            }
        }
        line("}");
    }

    private static String solicitation(Prefix vip) {
        final IpAddress address = vip.address();
        final String bits = String.format(Locale.ROOT, "%016x%016x", address.hi(), address.lo());
        final BigInteger target = new BigInteger(bits, 16).shiftRight(128 - vip.length());
        return "@th,64," + vip.length() + " 0x" + target.toString(16) + " drop";
    }

    /**
     * What is for the host itself is the host's, but for what answers a health check that went the way of a service's
     * traffic: the host knows of no such conversation and would reset it.
     */
    private void own(String ip, String family) {
        final String ports = "th dport " + PathTun.FIRST_PORT + "-" + PathTun.LAST_PORT;
        line("chain own" + family + " {");
        line(ip + " saddr @taken" + family + " meta l4proto { tcp, udp } " + ports + " drop");
        line(ip + " saddr . meta l4proto . th sport @replyport" + family + " " + ports + " drop");
        line("accept");
        line("}");
    }

    private void chain(int number, String interfaceName) {
        line("chain ingress" + number + " {");
        line(String.format(
                Locale.ROOT, "type filter hook ingress device \"%s\" priority -500\npolicy accept", interfaceName));
        // First what most frames are: the sender's core, or the card's, pays for each rule before.
        line("ip daddr @taken4 drop");
        line("ip6 daddr @taken6 drop");
        line("arp operation request arp daddr ip @taken4 drop");
        line("icmpv6 type nd-neighbor-solicit jump solicited");
        family("ip", "4", "ip frag-off & 0x1fff != 0");
        family("ip6", "6", "exthdr frag exists");
        line("}");
    }

    private void family(String ip, String family, String isFragment) {
        line(ip + " daddr . meta l4proto . th dport @serviceport" + family + " drop");
        line(ip + " daddr . meta l4proto @serviceall" + family + " drop");
        line(ip + " daddr @own" + family + " jump own" + family);
        line(ip + " saddr . meta l4proto . th sport @replyport" + family + " drop");
        line(ip + " saddr . meta l4proto @replyall" + family + " drop");
        // Fragments but the first have no port: the host would forward them untranslated.
        line(ip + " saddr @server" + family + " " + isFragment + " drop");
    }
}
