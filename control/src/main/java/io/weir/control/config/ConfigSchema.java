package io.weir.control.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.weir.conntrack.StateTimeouts;
import io.weir.dataplane.Sysctls;
import io.weir.sched.Schedulers;
import java.io.IOException;
import java.io.InputStream;

/**
 * The JSON Schema (2020-12) of {@code weir.yaml}, for editors.
 *
 * <p>The resource beside this class has all of it but the lists that a registry holds: schedulers and sysctls.
 */
public final class ConfigSchema {
    private static final String RESOURCE = "weir.schema.json";
    private static final String SERVICE = "/properties/services/items/properties";
    private static final ObjectMapper MAPPER = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private ConfigSchema() {}

    /** The whole schema. */
    public static String text() {
        try {
            return MAPPER.writeValueAsString(tree()) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree can always be written", e);
        }
    }

    static ObjectNode tree() {
        try (InputStream stream = ConfigSchema.class.getResourceAsStream(RESOURCE)) {
            if (!(MAPPER.readTree(stream) instanceof ObjectNode schema)) {
                throw new IllegalStateException("not a schema: " + RESOURCE);
            }
            fill(schema);
            return schema;
        } catch (IOException e) {
            throw new IllegalStateException("the program's jar has no schema", e);
        }
    }

    private static void fill(ObjectNode schema) {
        final ArrayNode schedulers = object(schema, SERVICE + "/scheduler").putArray("enum");
        Schedulers.names().forEach(schedulers::add);
        timeouts(object(schema, "/properties/timeouts/properties/states"));
        timeouts(object(schema, SERVICE + "/timeouts"));
        final ObjectNode servers = object(schema, SERVICE + "/servers/items");
        servers.path("anyOf").forEach(each -> {
            if (each.at("/properties/timeouts") instanceof ObjectNode own) {
                timeouts(own);
            }
        });
        object(schema, "/properties/sysctls")
                .putObject("propertyNames")
                .put("pattern", "^(net[./]ipv4[./]vs[./])?(" + String.join("|", Sysctls.names()) + ")$");
    }

    private static void timeouts(ObjectNode mapping) {
        mapping.putObject("propertyNames").put("pattern", "^(" + String.join("|", StateTimeouts.names()) + ")$");
        final ObjectNode value = mapping.putObject("additionalProperties");
        value.putArray("type").add("integer").add("string");
        value.put("pattern", "^\\d{1,7}[smhd]?$");
    }

    private static ObjectNode object(ObjectNode schema, String path) {
        return (ObjectNode) schema.at(path);
    }
}
