package io.weir.control.mark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.weir.dataplane.MarkRules;
import io.weir.packet.IpAddress;
import io.weir.packet.ParsedPacket;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class MarkRuleParserTest {
    private static final String MANGLE = " -t mangle -A PREROUTING ";
    private static final int TCP = 6;

    private final MarkRuleParser parser = new MarkRuleParser(List.of("eth0", "eth1", "lan0"));

    private static ParsedPacket packet(String source, String destination, int protocol, int from, int to) {
        final ParsedPacket p = new ParsedPacket();
        final IpAddress s = IpAddress.parse(source);
        final IpAddress d = IpAddress.parse(destination);
        p.ipVersion = s.isV4() ? 4 : 6;
        p.srcHi = s.hi();
        p.srcLo = s.lo();
        p.dstHi = d.hi();
        p.dstLo = d.lo();
        p.protocol = protocol;
        p.srcPort = from;
        p.dstPort = to;
        return p;
    }

    private int mark(ParsedPacket p, int ingress, String... rules) {
        return new MarkRules(Arrays.stream(rules)
                        .map(rule -> parser.parse("iptables" + MANGLE + rule))
                        .toList())
                .mark(p, ingress);
    }

    @ParameterizedTest
    @CsvSource({
        "-d 203.0.113.0/24 -p tcp --dport 80 -j MARK --set-mark 7, 7",
        "-d 203.0.113.1 -j MARK --set-mark 7, 7",
        "-d 203.0.113.2 -j MARK --set-mark 7, 0",
        "! -d 203.0.113.2 -j MARK --set-mark 7, 7",
        "-s 198.51.100.0/255.255.255.240 -j MARK --set-mark 3, 3",
        "-s 198.51.100.8/29 -j MARK --set-mark 3, 0",
        "-p udp -j MARK --set-mark 3, 0",
        "! -p udp -j MARK --set-mark 3, 3",
        "-p all -j MARK --set-mark 0x10, 16",
        "-p tcp -m tcp --sport 1000: --dport 1:100 -j MARK --set-mark 4, 4",
        "-p tcp --dport 81 -j MARK --set-mark 4, 0",
        "-p tcp ! --dport 81 -j MARK --set-mark 4, 4",
        "-p tcp -m multiport --dports 22;80;8000:8080 -j MARK --set-mark 5, 5",
        "-p tcp -m multiport --ports 40000;1 -j MARK --set-mark 5, 5",
        "-p tcp -m multiport --sports 80 -j MARK --set-mark 5, 0",
        "-i eth0 -j MARK --set-mark 6, 6",
        "-i eth+ -j MARK --set-mark 6, 6",
        "! -i eth+ -j MARK --set-mark 6, 0",
        "-i nosuch -j MARK --set-mark 6, 0",
        "-m comment --comment x -j MARK --set-xmark 0x2/0xff, 2",
        "-j MARK --or-mark 6, 6",
    })
    void shouldMark(String rule, int expected) {
        final ParsedPacket p = packet("198.51.100.7", "203.0.113.1", TCP, 40000, 80);
        assertEquals(expected, mark(p, 0, rule.replace(';', ',')));
    }

    @Test
    void shouldGoOnAfterAMarkAndStopAtAccept() {
        final ParsedPacket p = packet("198.51.100.7", "203.0.113.1", TCP, 40000, 80);
        assertEquals(2, mark(p, 0, "-j MARK --set-mark 1", "-m mark --mark 1 -j MARK --set-mark 2"));
        assertEquals(1, mark(p, 0, "-j MARK --set-mark 1", "-j ACCEPT", "-j MARK --set-mark 2"));
        assertEquals(0x1F, mark(p, 0, "-j MARK --set-mark 0x10", "-j MARK --set-mark 0xf/0xf"));
        assertEquals(0x10, mark(p, 0, "-j MARK --set-mark 0x1f", "-j MARK --and-mark 0xf0"));
    }

    @Test
    void shouldKeepTheFamiliesApart() {
        final ParsedPacket six = packet("2001:db8::7", "2001:db8:f::1", TCP, 40000, 80);
        assertEquals(0, mark(six, 0, "-j MARK --set-mark 1"));
        final MarkRules rules = new MarkRules(
                List.of(parser.parse("ip6tables-legacy" + MANGLE + "-d 2001:db8:f::/64 -j MARK --set-mark 8")));
        assertEquals(8, rules.mark(six, 2));
        assertEquals(0, rules.mark(packet("2001:db8::7", "2001:db8:e::1", TCP, 1, 2), 2));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "-A PREROUTING --frobnicate|not supported in a mark rule: --frobnicate",
                "-A INPUT -j MARK --set-mark 1|only PREROUTING is supported here, not INPUT",
                "-A PREROUTING -j DROP|no target that we know: -j DROP",
                "-A PREROUTING -m conntrack|no such match module here: -m conntrack",
                "-A PREROUTING -d 2001:db8::1|address of the other family: 2001:db8::1",
                "-A PREROUTING -p tcp --dport 70000|not a number of 0 to 65535: 70000",
                "-A PREROUTING -j MARK --set-mark 0x1ffffffff|not a mark: 0x1ffffffff",
                "-A PREROUTING -p|nothing behind -p",
            })
    void shouldRefuseWhatItDoesNotUnderstand(String rule, String message) {
        assertEquals(
                message,
                assertThrows(IllegalArgumentException.class, () -> parser.parse("iptables " + rule))
                        .getMessage());
    }
}
