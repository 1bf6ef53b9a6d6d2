package io.weir.control.ipvsadm;

import io.weir.packet.IpAddress;
import io.weir.packet.ProtocolNumbers;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The machine's names: its resolver for hosts, {@code /etc/services} for ports.
 *
 * <p><b>Fails</b>: never; what cannot be found out has no name. A lookup may wait for a name server.
 */
public final class SystemNames implements NameService {
    private static final Path SERVICES = Path.of("/etc/services");

    private final Map<String, Integer> ports = new HashMap<>();
    private final Map<String, String> names = new HashMap<>();

    public SystemNames() {
        try {
            for (String line : Files.readAllLines(SERVICES, StandardCharsets.ISO_8859_1)) {
                read(line);
            }
        } catch (IOException e) {
            // A machine without the file has no port names; ipvsadm prints numbers then, and so do we.
            ports.clear();
        }
    }

    private void read(String line) {
        final int comment = line.indexOf('#');
        final String[] words =
                (comment < 0 ? line : line.substring(0, comment)).trim().split("\\s+", -1);
        if (words.length < 2 || !words[1].matches("[0-9]{1,5}/[a-z]+")) {
            return;
        }
        final int slash = words[1].indexOf('/');
        final int port = Integer.parseInt(words[1].substring(0, slash));
        final String protocol = words[1].substring(slash);
        names.putIfAbsent(words[1], words[0]);
        for (int i = 0; i < words.length; i++) {
            if (i != 1) {
                ports.putIfAbsent(words[i] + protocol, port);
            }
        }
    }

    @Override
    public @Nullable IpAddress address(String host) {
        try {
            for (InetAddress found : InetAddress.getAllByName(host)) {
                if (found instanceof Inet4Address) {
                    return new IpAddress(
                            0, IpAddress.v4(ByteBuffer.wrap(found.getAddress()).getInt()));
                }
            }
        } catch (UnknownHostException e) {
            return null;
        }
        return null;
    }

    @Override
    public @Nullable String host(IpAddress address) {
        try {
            final InetAddress literal = InetAddress.getByName(address.toString());
            final String name = literal.getHostName();
            return name.equals(literal.getHostAddress()) ? null : name;
        } catch (UnknownHostException e) {
            return null;
        }
    }

    @Override
    public int port(String service, int protocol) {
        return ports.getOrDefault(service + suffix(protocol), -1);
    }

    @Override
    public @Nullable String service(int port, int protocol) {
        return names.get(port + suffix(protocol));
    }

    private static String suffix(int protocol) {
        return switch (protocol) {
            case ProtocolNumbers.TCP -> "/tcp";
            case ProtocolNumbers.UDP -> "/udp";
            default -> "/sctp";
        };
    }
}
