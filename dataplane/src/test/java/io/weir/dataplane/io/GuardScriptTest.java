package io.weir.dataplane.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.dataplane.io.GuardRules.Endpoint;
import io.weir.dataplane.route.InterfaceInfo.Prefix;
import io.weir.packet.IpAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

class GuardScriptTest {
    private static final GuardRules RULES = new GuardRules(
            List.of(new Prefix(IpAddress.parse("10.9.0.100"), 32), new Prefix(IpAddress.parse("2001:db8::"), 61)),
            List.of(new Endpoint(IpAddress.parse("10.9.0.1"), 17, 53)),
            List.of(IpAddress.parse("10.9.0.50")),
            List.of(
                    new Endpoint(IpAddress.parse("10.8.0.5"), 6, 8080),
                    new Endpoint(IpAddress.parse("10.8.0.5"), 6, 0)),
            List.of(IpAddress.parse("10.9.0.1")));

    private final String script = GuardScript.replace("weir_guard_x", List.of("l0", "l1"), RULES);

    @Test
    void shouldReplaceTheTableInOneTransaction() {
        assertTrue(script.startsWith(
                "add table netdev weir_guard_x\ndelete table netdev weir_guard_x\ntable netdev weir_guard_x {\n"));
    }

    @Test
    void shouldHoldEveryAddressAndPort() {
        assertTrue(script.contains("elements = { 10.9.0.100, 10.9.0.50 }"), script);
        assertTrue(script.contains("elements = { 10.8.0.5 . 6 . 8080 }"), script);
        assertTrue(script.contains("elements = { 10.8.0.5 . 6 }"), script);
        assertTrue(script.contains("elements = { 10.9.0.1 . 17 . 53 }"), script);
        assertTrue(script.contains("elements = { 2001:db8::/61 }"), script);
    }

    @Test
    void shouldHaveAChainForEveryInterface() {
        assertTrue(script.contains("hook ingress device \"l0\""));
        assertTrue(script.contains("hook ingress device \"l1\""));
    }

    @Test
    void shouldCompareASolicitationsTargetAsANumber() {
        assertTrue(script.contains("@th,64,61 0x400" + "21b700000000 drop"), script);
    }

    @Test
    void shouldChangeOnlyWhatIsAskedFor() {
        final GuardRules.Change change = new GuardRules.Change(
                List.of(new Prefix(IpAddress.parse("2001:db8::1"), 128)),
                new GuardRules.Delta<>(List.of(), List.of()),
                new GuardRules.Delta<>(RULES.replies(), List.of(new Endpoint(IpAddress.parse("10.8.0.6"), 6, 80))),
                new GuardRules.Delta<>(List.of(IpAddress.parse("10.8.0.5")), List.of(IpAddress.parse("fd00::6"))));

        assertEquals(
                """
                add element netdev t replyport4 { 10.8.0.5 . 6 . 8080 }
                delete element netdev t replyport4 { 10.8.0.6 . 6 . 80 }
                add element netdev t replyall4 { 10.8.0.5 . 6 }
                add element netdev t server4 { 10.8.0.5 }
                add element netdev t taken6 { 2001:db8::1 }
                add rule netdev t solicited @th,64,128 0x20010db8000000000000000000000001 drop
                delete element netdev t server6 { fd00::6 }
                """,
                GuardScript.change("t", change));
    }

    @Test
    void shouldHaveRoomForAHundredThousandServers() {
        assertTrue(script.contains("set server4 {\ntype ipv4_addr\nsize 131072\n"), script);
        assertTrue(
                script.contains("set replyport6 {\ntype ipv6_addr . inet_proto . inet_service\nsize 131072\n"), script);
    }

    @Test
    void shouldKeepNamesApartThatNftCannotTell() {
        assertEquals("weir_guard_main_1", IngressGuard.tableName("main_1"));
        assertNotEquals(IngressGuard.tableName("a-b"), IngressGuard.tableName("a.b"));
        assertFalse(IngressGuard.tableName("x \" ; flush ruleset").contains(" "));
        assertTrue(IngressGuard.tableName("x".repeat(500)).length() < 128);
    }

    @Test
    void shouldNotWaitForAnNftThatHangs() {
        final List<String> hangs = List.of("sleep", "600");
        final IllegalStateException e = assertThrows(
                IllegalStateException.class, () -> IngressGuard.run(hangs, "list ruleset\n".repeat(100_000), 1));
        assertEquals("nft: does not end", e.getMessage());
    }
}
