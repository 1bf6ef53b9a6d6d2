package io.weir.control.config;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A YAML document as a tree that remembers the line of every value. */
sealed interface YamlNode {
    int line();

    /** What it is, for "expected X, found Y". */
    String kind();

    /** Text, a number, a truth value, or nothing at all ({@code ""}): the reader of the field decides. */
    record Scalar(int line, String text) implements YamlNode {
        @Override
        public String kind() {
            return "'" + text + "'";
        }
    }

    record Sequence(int line, List<YamlNode> items) implements YamlNode {
        @Override
        public String kind() {
            return "a list";
        }
    }

    record Mapping(int line, Map<String, YamlNode> fields) implements YamlNode {
        @Override
        public String kind() {
            return "a mapping";
        }
    }

    /** Reads one document; an empty one is an empty mapping. */
    static YamlNode parse(String file, String text) throws ConfigException {
        try (JsonParser parser = new YAMLFactory().createParser(text)) {
            final JsonToken first = parser.nextToken();
            return first == null ? new Mapping(1, Map.of()) : read(parser, first, file, "");
        } catch (JsonProcessingException e) {
            final int line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
            final String reason = e.getOriginalMessage().lines().findFirst().orElse("unreadable");
            throw new ConfigException(file, List.of(new Problem(line, "", "not YAML: " + reason)));
        } catch (IOException e) {
            throw new ConfigException(file, List.of(new Problem(0, "", "cannot read: " + e.getMessage())));
        }
    }

    private static YamlNode read(JsonParser parser, JsonToken token, String file, String path)
            throws IOException, ConfigException {
        final int line = parser.currentTokenLocation().getLineNr();
        if (token == JsonToken.START_ARRAY) {
            final List<YamlNode> items = new ArrayList<>();
            for (JsonToken next = parser.nextToken(); next != JsonToken.END_ARRAY; next = parser.nextToken()) {
                items.add(read(parser, next, file, path + "[" + items.size() + "]"));
            }
            return new Sequence(line, items);
        }
        if (token == JsonToken.START_OBJECT) {
            final Map<String, YamlNode> fields = new LinkedHashMap<>();
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                final String name = parser.currentName();
                final int nameLine = parser.currentTokenLocation().getLineNr();
                final String here = path.isEmpty() ? name : path + "." + name;
                final YamlNode value = read(parser, parser.nextToken(), file, here);
                if (fields.put(name, value) != null) {
                    throw new ConfigException(file, List.of(new Problem(nameLine, here, "given twice")));
                }
            }
            return new Mapping(line, fields);
        }
        final String text = token == JsonToken.VALUE_NULL ? "" : parser.getText();
        if (text != null && text.indexOf('\0') >= 0) {
            throw new ConfigException(file, List.of(new Problem(line, path, "a zero character")));
        }
        return new Scalar(line, text == null ? "" : text);
    }
}
