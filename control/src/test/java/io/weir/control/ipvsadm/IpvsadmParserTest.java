package io.weir.control.ipvsadm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.control.ipvsadm.Command.AddServer;
import io.weir.control.ipvsadm.Command.AddService;
import io.weir.control.ipvsadm.Command.StartDaemon;
import io.weir.control.state.ServerSpec;
import io.weir.control.state.ServiceSpec;
import io.weir.packet.IpAddress;
import io.weir.sched.SchedulerFlags;
import io.weir.service.Destination.TunnelChecksum;
import io.weir.service.Destination.TunnelType;
import io.weir.service.ServiceKey;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the recorded command lines leave out; each answer was taken from ipvsadm 1.31 where it has one. */
final class IpvsadmParserTest {
    private static final String TRY_HELP = "Try `ipvsadm -h' or 'ipvsadm --help' for more information.";

    private final IpvsadmParser parser =
            new IpvsadmParser(new FixedNames(Map.of("vip.test", IpAddress.parse("203.0.113.1"))));

    private Command parse(String line) throws IpvsadmException {
        final Command command = parser.parseLine(line);
        if (command == null) {
            throw new AssertionError("no words: " + line);
        }
        return command;
    }

    private ServiceSpec service(String line) throws IpvsadmException {
        return ((AddService) parse(line)).service();
    }

    private ServerSpec server(String line) throws IpvsadmException {
        return ((AddServer) parse(line)).server();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "-A -t 203.0.113.1:81 -b sh-port|2|incompatible scheduler flag `sh-port'",
                "-A -t 203.0.113.1:81 -s sh -b flag-1,mh-port|2|incompatible scheduler flag `mh-port'",
                "--add-service=foo -t 203.0.113.1:81|255|" + TRY_HELP,
                "-n -L|255|" + TRY_HELP,
                "foo|255|" + TRY_HELP,
                "-A -t 203.0.113.1:81 -p abc|2|invalid timeout value `abc' specified",
                "-A -t 203.0.113.1:81 -- -p 5|2|unexpected argument -p",
                "-A -t 203.0.113.1:81 -|2|unexpected argument -",
                "-A -t 203.0.113.1:|2|illegal virtual server address[:port] specified",
                "-A -t :80|2|illegal virtual server address[:port] specified",
                "-A -t [2001:db8:f::1]|2|illegal virtual server address[:port] specified",
                "-A -t [2001:db8:f::zz]:80|2|illegal virtual server address[:port] specified",
                "-A -t [203.0.113.1]:99|2|Zero port specified for non-persistent service",
                "-A -f 4294967296|2|invalid fwmark value `4294967296' specified",
                "-A -f 0x10|2|invalid fwmark value `0x10' specified",
                "-A -t 203.0.113.1:97 -p 60 -M bogus|2|illegal virtual server persistent mask specified",
                "-A -t [2001:db8:f::1]:82 -p 60 -M 0|2|illegal ipv6 netmask specified",
                "-A -t 203.0.113.1:1 --scheduler|255|--scheduler: missing argument",
                "-A -t 203.0.113.1:1 -nq|255|-nq: unknown option",
                "-A -t 203.0.113.1:1 --numeric=5|255|--numeric=5: option does not take an argument",
                "-A -t 203.0.113.1:1 -p -p|2|multiple 'persistent' options specified",
                "-A -t 203.0.113.1:1 -n|2|Illegal 'numeric' option with the 'add-service' command",
                "-Ln --timeout -t 203.0.113.1:80|2|The option 'timeout' conflicts with the 'service-address' option in"
                        + " the 'list' command",
                "-Lnc --thresholds|2|options conflicts in the list command",
                "-Ln --timeout --persistent-conn|2|options conflicts in the list command",
                "--set 1 2 3 4|2|unexpected argument 4",
                "--set 1 2 3 -n|2|Illegal 'numeric' option with the 'set' command",
                "--stop-daemon foo|2|illegal start_daemon specified",
                "--start-daemon master --sync-maxlen 65508|2|illegal sync-maxlen specified",
                "--start-daemon master --mcast-group 10.1.1.1|2|invalid IPv4 mcast-group `10.1.1.1'",
                "--start-daemon master --mcast-group fe80::1|2|invalid IPv6 mcast-group `fe80::1'",
                "-a -t 203.0.113.1:80 -r 10.20.0.40 -i --tun-type gue --tun-port 0|2|illegal tunnel port specified",
                "-a -t 203.0.113.1:80 -r 10.20.0.40 -i --tun-csum|2|Illegal 'tun-csum' option with the 'ipip' tunnel"
                        + " type",
                "-a -t 203.0.113.1:80 -r 10.20.0.40 -i --tun-type gre --tun-remcsum|2|Illegal 'tun-remcsum' option"
                        + " with the 'gre' tunnel type",
                "-a -t 203.0.113.1:80 -r 10.20.0.4 -i --tun-type gre --tun-csum --tun-nocsum|2|The option 'tun-csum'"
                        + " conflicts with the 'tun-nocsum' option in the 'gre' tunnel type",
                "-a -t 203.0.113.1:80 -r 10.20.0.4 --tun-type gre|2|Tunnel options conflict with forward method",
                "-a -t 203.0.113.1:80 -r 10.20.0.4 -w 2147483648|2|illegal weight specified",
                "-a -t 203.0.113.1:80 -r 10.20.0.4 -y abc|2|illegal l_threshold specified",
                "-a -t 203.0.113.1:80 -r nosuch.test|2|illegal real server address[:port] specified",
                "-d -t 203.0.113.1:80 -r 10.20.0.40 -m|2|Illegal 'forwarding-method' option with the 'delete-server'"
                        + " command",
                "-a -t 203.0.113.1:80 -r 10.20.0.4 -b -m|2|multiple 'forwarding-method' options specified",
                "-P -t 203.0.113.1:80|2|You need to supply the 'local-address' option for the 'add-laddr' command",
                "-P -t 203.0.113.1:80 -z x|2|illegal local address specified",
            })
    void shouldRefuse(String line, int status, String message) {
        final IpvsadmException refusal = assertThrows(IpvsadmException.class, () -> parse(line));
        assertEquals(message, refusal.getMessage());
        assertEquals(status, refusal.status());
    }

    @Test
    void shouldComplainOfIpv6BeforeTheMarkWithAnEmptyLine() {
        assertEquals(
                "-6 used before -f\n\n",
                assertThrows(IpvsadmException.class, () -> parse("-A -6 -f 11")).line());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "-A -t 203.0.113.1:84 -s=rr|6|203.0.113.1|84|rr|0",
                "-A -t203.0.113.1:85 -srr|6|203.0.113.1|85|rr|0",
                "-A --udp-service=203.0.113.1:86 --scheduler=rr|17|203.0.113.1|86|rr|0",
                "-At 203.0.113.1:87|6|203.0.113.1|87|wlc|0",
                "-A -t 203.0.113.1:88 -p=50|6|203.0.113.1|88|wlc|50",
                "-A -t 203.0.113.1:89 -p50|6|203.0.113.1|89|wlc|50",
                "-A -p -t 203.0.113.1|6|203.0.113.1|0|wlc|360",
                "-A -t 203.1:93|6|203.0.0.1|93|wlc|0",
                "-A -t 0xcb.0161.1:94|6|203.113.0.1|94|wlc|0",
                "-A -t vip.test:http|6|203.0.113.1|80|wlc|0",
                "-A --sctp-service 203.0.113.1:080|132|203.0.113.1|80|wlc|0",
                "-A -t [2001:db8:f::1]:http|6|2001:db8:f::1|80|wlc|0",
                "-A -t 2001:db8:f::2 -p 5|6|2001:db8:f::2|0|wlc|5",
                "ipvsadm -A -t 203.0.113.1:1|6|203.0.113.1|1|wlc|0",
            })
    void shouldReadServices(String line, int protocol, String address, int port, String scheduler, int persistence)
            throws Exception {
        final ServiceSpec spec = service(line);
        final IpAddress vip = IpAddress.parse(address);
        assertEquals(new ServiceKey(protocol, vip, port, 0, !vip.isV4()), spec.key());
        assertEquals(scheduler, spec.scheduler());
        assertEquals(persistence, spec.persistenceSeconds());
    }

    @Test
    void shouldReadMarksNetmasksAndFlags() throws Exception {
        assertEquals(10, service("-A -f 010").key().fwmark());
        assertEquals(-1, service("-A -f 4294967295").key().fwmark());
        assertEquals(128, service("-A -f 14 -p 60 -M 24 -6").netmask());
        assertEquals(64, service("-A -t [2001:db8::1]:80 -p 60 -M 64abc").netmask());
        assertEquals(24, service("-A -t 203.0.113.1:80 -p 60 -M 24").netmask());
        assertEquals(
                0xFFFFFF00,
                service("-A -M 255.255.255.0 -p 60 -t 203.0.113.1:80").netmask());
        assertEquals(
                SchedulerFlags.SH_PORT,
                service("-A -t 203.0.113.1:80 -b sh-port -s sh").schedulerFlags());
        assertTrue(service("-A -t 203.0.113.1:80 --toa").toa());
    }

    @Test
    void shouldForceTheServicesPortOnRouteAndTunnel() throws Exception {
        assertEquals(80, server("-a -t 203.0.113.1:80 -r 10.20.0.10:8080").port());
        assertEquals(80, server("-a -t 203.0.113.1:80 -r 10.20.0.10:8080 -i").port());
        assertEquals(8080, server("-a -t 203.0.113.1:80 -r 10.20.0.10:8080 -m").port());
        assertEquals(8080, server("-a -f 9 -r 10.20.0.10:8080").port());
        assertEquals(0, server("-a -r 10.20.0.10 -t 203.0.113.1:80 -m").port());
    }

    @Test
    void shouldReadForwardingMethods() throws Exception {
        assertEquals(3, server("-a -t 203.0.113.1:80 -r 10.20.0.10").methodCode());
        assertEquals(
                5, server("-a -t 203.0.113.1:80 -r 10.20.0.10:8080 -b -w 3").methodCode());
        assertEquals(
                8080,
                server("-a -t 203.0.113.1:80 -r 10.20.0.10:8080 --fullnat").port());
        final ServerSpec gue =
                server("-a -t 203.0.113.1:80 -r 10.20.0.10 -i --tun-type gue --tun-port 6080 --tun-remcsum -x 9 -y 2");
        assertEquals(TunnelType.GUE, gue.tunnel().type());
        assertEquals(6080, gue.tunnel().port());
        assertEquals(TunnelChecksum.REMCSUM, gue.tunnel().checksum());
        assertEquals(9, gue.upperThreshold());
        assertEquals(2, gue.lowerThreshold());
    }

    @Test
    void shouldReadTheOtherCommands() throws Exception {
        assertEquals(new Command.SetTimeouts(900, 0, 5), parse("--set 0900 0 5"));
        assertEquals(new Command.Zero(null), parse("-Z"));
        assertEquals(new Command.StopDaemon(true), parse("--stop-daemon master --syncid 4"));
        assertEquals(new Command.Help(), parse("-hn x"));
        assertEquals(1, ((StartDaemon) parse("--start-daemon=backup")).daemon().ttl());
        assertEquals(
                new Command.AddLocalAddress(
                        new ServiceKey(6, IpAddress.parse("203.0.113.1"), 80, 0, false), IpAddress.parse("10.9.0.1")),
                parse("-P -t 203.0.113.1:80 -z 10.9.0.1"));
        assertNull(parser.parseLine("  \t\r"));
    }
}
