package io.weir.control.replay;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.weir.control.replay.Topology.Neighbour;
import io.weir.dataplane.route.InterfaceInfo;
import io.weir.dataplane.route.InterfaceInfo.Prefix;
import io.weir.dataplane.route.Route;
import io.weir.packet.IpAddress;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Reads a {@link Topology} from YAML; the built-in one, beside this class, shows every field. */
final class TopologyReader {
    private static final int DEFAULT_MTU = 1500;

    private final String file;
    private final List<InterfaceInfo> interfaces = new ArrayList<>();

    private TopologyReader(String file) {
        this.file = file;
    }

    /** The topology that the recorded scenarios were made with. */
    static Topology builtIn() throws IOException, ReplayException {
        try (InputStream in = Objects.requireNonNull(TopologyReader.class.getResourceAsStream("topology.yaml"))) {
            return parse("topology.yaml", new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    static Topology read(Path file) throws IOException, ReplayException {
        return parse(file.toString(), Files.readString(file, StandardCharsets.UTF_8));
    }

    static Topology parse(String file, String text) throws ReplayException {
        try {
            return new TopologyReader(file).topology(new YAMLMapper().readTree(text));
        } catch (JsonProcessingException e) {
            throw new ReplayException(
                    file + ": not YAML: "
                            + e.getOriginalMessage().lines().findFirst().orElse(""),
                    e);
        } catch (IllegalArgumentException e) {
            throw new ReplayException(file + ": " + e.getMessage(), e);
        }
    }

    private Topology topology(JsonNode root) throws ReplayException {
        for (JsonNode node : root.path("interfaces")) {
            interfaces.add(new InterfaceInfo(
                    interfaces.size(),
                    text(node, "name"),
                    true,
                    mac(text(node, "mac")),
                    node.path("mtu").asInt(DEFAULT_MTU),
                    prefixes(node.path("addresses"))));
        }
        if (interfaces.isEmpty()) {
            throw new ReplayException(file + ": no interfaces");
        }
        final List<Route> routes = new ArrayList<>();
        for (JsonNode node : root.path("routes")) {
            final Prefix to = prefix(text(node, "to"));
            final int index = index(text(node, "interface"));
            routes.add(
                    node.has("via")
                            ? Route.via(to, IpAddress.parse(text(node, "via")), index)
                            : Route.onLink(to, index));
        }
        final List<Neighbour> neighbours = new ArrayList<>();
        for (JsonNode node : root.path("neighbours")) {
            neighbours(node, neighbours);
        }
        final Map<String, IpAddress> hosts = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry : root.path("hosts").properties()) {
            hosts.put(entry.getKey(), IpAddress.parse(entry.getValue().asText()));
        }
        return new Topology(interfaces, routes, neighbours, prefixes(root.path("vips")), hosts);
    }

    private void neighbours(JsonNode node, List<Neighbour> out) throws ReplayException {
        final int index = index(text(node, "interface"));
        final IpAddress first = IpAddress.parse(text(node, "address"));
        final long mac = mac(text(node, "mac"));
        final int count = node.path("count").asInt(1);
        for (int i = 0; i < count; i++) {
            out.add(new Neighbour(index, new IpAddress(first.hi(), first.lo() + i), mac + i));
        }
    }

    private int index(String name) throws ReplayException {
        for (InterfaceInfo info : interfaces) {
            if (info.name().equals(name)) {
                return info.index();
            }
        }
        throw new ReplayException(file + ": no such interface: " + name);
    }

    private String text(JsonNode node, String field) throws ReplayException {
        final String text = node.path(field).asText("");
        if (text.isEmpty()) {
            throw new ReplayException(file + ": '" + field + "' is missing in " + node);
        }
        return text;
    }

    private List<Prefix> prefixes(JsonNode list) throws ReplayException {
        final List<Prefix> prefixes = new ArrayList<>();
        for (JsonNode node : list) {
            prefixes.add(prefix(node.asText()));
        }
        return prefixes;
    }

    /** An address with a prefix length; without one it stands for itself. */
    static Prefix prefix(String text) throws ReplayException {
        final int slash = text.indexOf('/');
        final IpAddress address = IpAddress.parse(slash < 0 ? text : text.substring(0, slash));
        final int most = address.isV4() ? 32 : 128;
        final String length = slash < 0 ? Integer.toString(most) : text.substring(slash + 1);
        if (!length.matches("[0-9]{1,3}") || Integer.parseInt(length) > most) {
            throw new ReplayException("not a prefix: " + text);
        }
        return new Prefix(address, Integer.parseInt(length));
    }

    static long mac(String text) throws ReplayException {
        if (!text.matches("([0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}")) {
            throw new ReplayException("not a MAC address: " + text);
        }
        return Long.parseLong(text.replace(":", ""), 16);
    }
}
