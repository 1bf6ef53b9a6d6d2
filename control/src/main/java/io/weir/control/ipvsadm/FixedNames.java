package io.weir.control.ipvsadm;

import io.weir.packet.IpAddress;
import io.weir.packet.ProtocolNumbers;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Names from a given list of hosts and the best-known ports: the same everywhere, whatever the machine says.
 *
 * <p><b>Source</b>: IANA's Service Name and Transport Protocol Port Number Registry, with Debian's spellings.
 */
public final class FixedNames implements NameService {
    private static final String[] TCP = {
        "ftp-data 20",
        "ftp 21",
        "ssh 22",
        "telnet 23",
        "smtp 25",
        "domain 53",
        "http 80",
        "kerberos 88",
        "pop3 110",
        "sunrpc 111",
        "nntp 119",
        "imap2 143",
        "bgp 179",
        "ldap 389",
        "https 443",
        "submissions 465",
        "submission 587",
        "ldaps 636",
        "imaps 993",
        "pop3s 995",
        "ms-sql-s 1433",
        "radius 1812",
        "nfs 2049",
        "mysql 3306",
        "ms-wbt-server 3389",
        "sip 5060",
        "sip-tls 5061",
        "xmpp-client 5222",
        "postgresql 5432",
        "amqp 5672",
        "http-alt 8080"
    };
    private static final String[] UDP = {
        "domain 53",
        "bootps 67",
        "bootpc 68",
        "tftp 69",
        "kerberos 88",
        "sunrpc 111",
        "ntp 123",
        "snmp 161",
        "snmp-trap 162",
        "ldap 389",
        "https 443",
        "syslog 514",
        "radius 1812",
        "radius-acct 1813",
        "nfs 2049",
        "ms-wbt-server 3389",
        "sip 5060",
        "sip-tls 5061"
    };
    private static final String[] SCTP = {"amqp 5672"};

    private final Map<String, IpAddress> hosts;
    private final Map<IpAddress, String> names = new HashMap<>();

    /** The given hosts only. */
    public FixedNames(Map<String, IpAddress> hosts) {
        this.hosts = Map.copyOf(hosts);
        hosts.forEach((name, address) -> names.putIfAbsent(address, name));
    }

    @Override
    public @Nullable IpAddress address(String host) {
        return hosts.get(host);
    }

    @Override
    public @Nullable String host(IpAddress address) {
        return names.get(address);
    }

    @Override
    public int port(String service, int protocol) {
        for (String known : list(protocol)) {
            final int blank = known.indexOf(' ');
            if (known.substring(0, blank).equals(service)) {
                return Integer.parseInt(known.substring(blank + 1));
            }
        }
        return -1;
    }

    @Override
    public @Nullable String service(int port, int protocol) {
        for (String known : list(protocol)) {
            final int blank = known.indexOf(' ');
            if (Integer.parseInt(known.substring(blank + 1)) == port) {
                return known.substring(0, blank);
            }
        }
        return null;
    }

    private static String[] list(int protocol) {
        return switch (protocol) {
            case ProtocolNumbers.TCP -> TCP;
            case ProtocolNumbers.UDP -> UDP;
            default -> SCTP;
        };
    }
}
