package io.weir.control.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import io.weir.control.architecture.SourceTree;
import io.weir.dataplane.Sysctls;
import io.weir.sched.Schedulers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The published schema says what the reader does. */
class ConfigSchemaTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String ALLOWED = "unknown field; allowed here: ";
    private static final JsonSchema SCHEMA =
            JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(ConfigSchema.text());
    /** Of a mapping, what it needs so that a value of one key is judged alone. */
    private static final Map<String, String> COMPANY = Map.of(
            "", "{\"interfaces\":[{\"device\":\"tun:w0\"}],\"services\":[]}",
            "interfaces", "{\"device\":\"tun:w0\"}",
            "routes", "{\"to\":\"default\",\"interface\":\"w0\"}",
            "neighbours", "{\"address\":\"10.0.0.1\",\"mac\":\"02:00:00:00:00:01\",\"interface\":\"w0\"}",
            "services", "{\"virtual\":\"udp 192.0.2.1:80\"}",
            "services/servers",
                    "{\"address\":\"10.0.0.1:80\",\"forward\":\"tun\",\"tunnel\":\"gue\",\"tunnel_port\":6080}",
            "sync", "{\"role\":\"master\",\"interface\":\"w0\"}");

    /** One key of the schema: where, and what it says. */
    private record Key(List<String> path, String name, JsonNode says) {
        @Override
        public String toString() {
            return String.join("/", path) + "/" + name;
        }
    }

    private static JsonNode mapping(JsonNode node) {
        final JsonNode item = node.has("items") ? node.get("items") : node;
        for (JsonNode each : item.path("anyOf")) {
            if (each.has("properties")) {
                return each;
            }
        }
        return item;
    }

    /** Every mapping of the schema by the names that lead to it. */
    private static Map<List<String>, JsonNode> mappings() {
        final Map<List<String>, JsonNode> found = new LinkedHashMap<>();
        collect(List.of(), ConfigSchema.tree(), found);
        return found;
    }

    private static void collect(List<String> path, JsonNode node, Map<List<String>, JsonNode> found) {
        found.put(path, node);
        node.get("properties").properties().forEach(each -> {
            final JsonNode inner = mapping(each.getValue());
            if (inner.has("properties")) {
                final List<String> longer = new ArrayList<>(path);
                longer.add(each.getKey());
                collect(longer, inner, found);
            }
        });
    }

    private static List<Key> keys() {
        final List<Key> keys = new ArrayList<>();
        mappings().forEach((path, node) -> node.get("properties")
                .properties()
                .forEach(each -> keys.add(new Key(path, each.getKey(), each.getValue()))));
        return keys;
    }

    /** A document, on one line, with a mapping in its place and what that place needs. */
    private static String document(List<String> path, ObjectNode given) throws IOException {
        return build(path, 0, given, ConfigSchema.tree()).toString();
    }

    private static ObjectNode build(List<String> path, int depth, ObjectNode given, JsonNode schema)
            throws IOException {
        final String where = String.join("/", path.subList(0, depth));
        final ObjectNode node = (ObjectNode) JSON.readTree(COMPANY.getOrDefault(where, "{}"));
        if (depth == path.size()) {
            return node.setAll(given);
        }
        final JsonNode next = schema.get("properties").get(path.get(depth));
        final ObjectNode inner = build(path, depth + 1, given, mapping(next));
        if (next.has("items")) {
            node.set(path.get(depth), JSON.createArrayNode().add(inner));
        } else {
            node.set(path.get(depth), inner);
        }
        return node;
    }

    private static List<Problem> problems(String yaml) {
        try {
            ConfigReader.parse("weir.yaml", yaml);
            return List.of();
        } catch (ConfigException e) {
            return e.problems();
        }
    }

    private static String problems(Key key, JsonNode value) throws IOException {
        final ObjectNode given = JSON.createObjectNode();
        given.set(key.name(), value);
        return String.join(
                "\n",
                problems(document(key.path(), given)).stream()
                        .map(each -> each.format("f"))
                        .toList());
    }

    @Test
    void shouldHaveTheKeysOfTheReader() throws IOException {
        for (Map.Entry<List<String>, JsonNode> each : mappings().entrySet()) {
            final ObjectNode given = JSON.createObjectNode().put("zzz", 1);
            final List<String> allowed = problems(document(each.getKey(), given)).stream()
                    .filter(problem -> problem.field().endsWith("zzz"))
                    .map(problem -> problem.message().substring(ALLOWED.length()))
                    .toList();
            assertEquals(1, allowed.size(), each::toString);
            final Set<String> names = new TreeSet<>();
            each.getValue().get("properties").fieldNames().forEachRemaining(names::add);
            assertEquals(new TreeSet<>(Arrays.asList(allowed.get(0).split(", "))), names, () -> "" + each.getKey());
        }
    }

    @Test
    void shouldHaveTheRangesOfTheReader() throws IOException {
        int checked = 0;
        for (Key key : keys()) {
            if (!key.says().has("minimum")) {
                continue;
            }
            final long min = key.says().get("minimum").asLong();
            final long max = key.says().get("maximum").asLong();
            assertEquals("", problems(key, JSON.getNodeFactory().numberNode(min)), key::toString);
            assertEquals("", problems(key, JSON.getNodeFactory().numberNode(max)), key::toString);
            assertFalse(problems(key, JSON.getNodeFactory().numberNode(min - 1)).isEmpty(), key::toString);
            assertFalse(problems(key, JSON.getNodeFactory().numberNode(max + 1)).isEmpty(), key::toString);
            checked++;
        }
        assertTrue(checked >= 15, "checked=" + checked);
    }

    @Test
    void shouldHaveTheWordsOfTheReader() throws IOException {
        for (Key key : keys()) {
            for (JsonNode word : key.says().path("enum")) {
                // The others of a gue server do not go with another tunnel; that is a rule of its own.
                if (!key.name().equals("tunnel") && !key.name().equals("forward")) {
                    assertEquals("", problems(key, word), key::toString);
                }
            }
            if (key.says().has("enum") && !key.name().equals("engine")) {
                final String problem = problems(key, JSON.getNodeFactory().textNode("nonsense"));
                key.says().get("enum").forEach(word -> assertTrue(problem.contains(word.asText()), problem));
            }
        }
    }

    @Test
    void shouldHaveTheDefaultsOfTheReader() throws IOException, ConfigException {
        int checked = 0;
        for (Key key : keys()) {
            if (!key.says().has("default") || key.name().equals("tunnel")) {
                continue;
            }
            final ObjectNode given = JSON.createObjectNode();
            final WeirConfig without = ConfigReader.parse("f", document(key.path(), given));
            given.set(key.name(), key.says().get("default"));
            assertEquals(without, ConfigReader.parse("f", document(key.path(), given)), key::toString);
            checked++;
        }
        assertTrue(checked >= 12, "checked=" + checked);
    }

    @Test
    void shouldNameTheSchedulersAndTheSettings() {
        final JsonNode schema = ConfigSchema.tree();
        final ArrayNode schedulers = (ArrayNode) schema.at("/properties/services/items/properties/scheduler/enum");
        assertEquals(Schedulers.names().size(), schedulers.size());
        final String settings =
                schema.at("/properties/sysctls/propertyNames/pattern").asText();
        Sysctls.names().forEach(name -> assertTrue(("net.ipv4.vs." + name).matches(settings)));
    }

    private static Set<ValidationMessage> validate(String yaml) throws IOException {
        return SCHEMA.validate(new YAMLMapper().readTree(yaml));
    }

    static Stream<Path> examples() throws IOException {
        try (Stream<Path> files = Files.list(SourceTree.root().resolve("docs/examples"))) {
            return files.filter(file -> file.toString().endsWith(".yaml")).toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("examples")
    void shouldTakeTheExamples(Path example) throws IOException {
        assertEquals(Set.of(), validate(Files.readString(example)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "interfaces: []\nservices: []",
                "services: []",
                "interfaces: [{device: eth0}]\nservices: []",
                "interfaces: [{device: 'tun:w0'}]",
                "interfaces: [{device: 'tun:w0'}]\nservices: []\nnmae: x",
                "interfaces: [{device: 'tun:w0'}]\nservices: [{virtual: '192.0.2.1:80'}]",
                "interfaces: [{device: 'tun:w0'}]\nservices: [{virtual: 'tcp 192.0.2.1:80', scheduler: best}]",
                "interfaces: [{device: 'tun:w0'}]\nservices: [{virtual: 'tcp 192.0.2.1:80', servers: [{weight: 2}]}]",
                "interfaces: [{device: 'tun:w0'}]\nservices: []\ntable: {size: 5}",
                "interfaces: [{device: 'tun:w0'}]\nservices: []\nring: {profile: fast}",
                "interfaces: [{device: 'tun:w0'}]\nservices: []\nmetrics: {listen: 0}",
                "interfaces: [{device: 'tun:w0'}]\nservices: []\nsync: [{role: both, interface: w0}]",
                "interfaces: [{device: 'tun:w0'}]\nservices: []\nneighbours: [{address: 10.0.0.1, mac: x, interface: w0}]"
            })
    void shouldRefuseWhatTheReaderRefuses(String yaml) throws IOException {
        assertFalse(problems(yaml).isEmpty());
        assertFalse(validate(yaml).isEmpty());
    }

    /** Each key has its row, with its default, or that it is needed. */
    @Test
    void shouldBeExplained() throws IOException {
        final String page = Files.readString(SourceTree.root().resolve("docs/configuration.md"));
        final List<String> missing = new ArrayList<>();
        mappings().forEach((path, node) -> node.get("properties").properties().forEach(each -> {
            final JsonNode key = each.getValue();
            final boolean needed = node.path("required").toString().contains("\"" + each.getKey() + "\"");
            final String value = needed
                    ? "needed"
                    : key.has("default") ? "`" + key.get("default").asText() + "`" : "";
            final String what = key.path("description").asText().replace("|", "\\|");
            final String end = " | " + value + " | " + what + " |";
            if (page.lines().noneMatch(line -> line.startsWith("| `" + each.getKey() + "` | ") && line.endsWith(end))) {
                missing.add(path + " " + each.getKey() + end);
            }
        }));
        assertEquals(List.of(), missing);
    }
}
