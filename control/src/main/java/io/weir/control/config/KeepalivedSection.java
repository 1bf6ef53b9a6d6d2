package io.weir.control.config;

import io.weir.control.config.WeirConfig.SourceLine;
import io.weir.control.config.YamlNode.Mapping;
import io.weir.control.config.YamlNode.Scalar;
import io.weir.control.config.YamlNode.Sequence;
import io.weir.control.health.Checkers;
import io.weir.control.keepalived.KeepalivedConfig;
import io.weir.control.keepalived.KeepalivedReader;
import io.weir.control.keepalived.LineReport;
import io.weir.control.keepalived.LineReport.Kind;
import io.weir.control.keepalived.ServiceCommands;
import io.weir.control.keepalived.ServiceSettings;
import io.weir.control.keepalived.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The {@code keepalived:} section of {@code weir.yaml}: keepalived's keywords in the form of YAML. A mapping is a block, a
 * value the arguments, a list of mappings several blocks of one keyword, a list of values the lines of a block.
 *
 * @param commands its services as ipvsadm lines
 */
record KeepalivedSection(KeepalivedConfig config, List<SourceLine> commands) {

    /** Reads the section; null is an empty one. */
    static KeepalivedSection read(@Nullable YamlNode node, String file, List<Problem> problems) {
        if (node == null) {
            return new KeepalivedSection(KeepalivedConfig.EMPTY, List.of());
        }
        final LineReport report = new LineReport();
        final Statement whole = new Statement(file, node.line(), List.of(), block(node, file), true);
        final KeepalivedConfig config =
                KeepalivedReader.read(whole, report, Checkers.kinds()).config();
        for (LineReport.Remark remark : report.remarks()) {
            // Somebody wrote this section for Weir: a keyword without effect is a mistake in it.
            if (remark.kind() == Kind.WRONG || remark.kind() == Kind.IGNORED) {
                problems.add(new Problem(remark.line(), "keepalived", remark.why() + "  (" + remark.text() + ")"));
            }
        }
        return new KeepalivedSection(config, lines(config));
    }

    /** The addresses of VRRP instances, if a service by firewall mark may need them. */
    List<WeirConfig.Network> vips() {
        if (config.services().stream().noneMatch(ServiceSettings::hasMark)) {
            return List.of();
        }
        return config.instances().stream()
                .flatMap(each -> Stream.concat(each.advertised().stream(), each.excluded().stream()))
                .map(each ->
                        new WeirConfig.Network(each.address(), each.address().isV4() ? 32 : 128))
                .toList();
    }

    private static List<SourceLine> lines(KeepalivedConfig config) {
        final List<SourceLine> lines = new ArrayList<>();
        ServiceCommands.of(config).forEach(each -> lines.add(new SourceLine(each.line(), "keepalived", each.text())));
        return lines;
    }

    private static List<Statement> block(YamlNode node, String file) {
        final List<Statement> statements = new ArrayList<>();
        if (node instanceof Mapping mapping) {
            for (Map.Entry<String, YamlNode> each : mapping.fields().entrySet()) {
                statements(each.getKey(), each.getValue(), file, statements);
            }
        } else if (node instanceof Sequence sequence) {
            for (YamlNode item : sequence.items()) {
                if (item instanceof Scalar scalar) {
                    statements.add(new Statement(file, item.line(), words(scalar.text()), List.of(), false));
                } else {
                    statements.addAll(block(item, file));
                }
            }
        } else if (node instanceof Scalar scalar && !scalar.text().isEmpty()) {
            statements.add(new Statement(file, node.line(), words(scalar.text()), List.of(), false));
        }
        return statements;
    }

    private static void statements(String key, YamlNode value, String file, List<Statement> into) {
        final List<String> words = words(key);
        if (value instanceof Scalar scalar) {
            final List<String> all = new ArrayList<>(words);
            all.addAll(words(scalar.text()));
            into.add(new Statement(file, value.line(), all, List.of(), false));
        } else if (value instanceof Sequence sequence
                && !sequence.items().isEmpty()
                && sequence.items().stream().allMatch(Mapping.class::isInstance)) {
            for (YamlNode item : sequence.items()) {
                into.add(new Statement(file, item.line(), words, block(item, file), true));
            }
        } else {
            into.add(new Statement(file, value.line(), words, block(value, file), true));
        }
    }

    private static List<String> words(String text) {
        return Statement.words(text);
    }
}
