package io.weir.control.lab;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.weir.control.architecture.SourceTree;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The {@code Dockerfile}: its instructions, and what it says of how the image is to be run. */
final class ImageFile {
    private static final Pattern CAPABILITY = Pattern.compile("--cap-add ([A-Z_]+)");

    /** One instruction, its continuation lines joined. */
    record Instruction(String word, String rest) {
        /** The words of the form in brackets. */
        List<String> words() {
            try {
                return Arrays.asList(new ObjectMapper().readValue(rest.substring(rest.indexOf('[')), String[].class));
            } catch (JsonProcessingException e) {
                throw new AssertionError(word + " " + rest, e);
            }
        }
    }

    private final List<Instruction> instructions = new ArrayList<>();
    private final String comments;

    private ImageFile(List<String> lines) {
        comments = lines.stream().filter(line -> line.startsWith("#")).collect(Collectors.joining("\n"));
        final StringBuilder joined = new StringBuilder();
        for (String line : lines) {
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            if (line.endsWith("\\")) {
                joined.append(line, 0, line.length() - 1);
                continue;
            }
            final String[] parts = joined.append(line).toString().strip().split("\\s+", 2);
            instructions.add(new Instruction(parts[0], parts[1].strip()));
            joined.setLength(0);
        }
    }

    /** Reads the project's. */
    static ImageFile read() throws IOException {
        return new ImageFile(Files.readAllLines(SourceTree.root().resolve("Dockerfile")));
    }

    List<Instruction> instructions() {
        return instructions;
    }

    /** The last of a kind, which is the one that counts. */
    Instruction last(String word) {
        return instructions.stream()
                .filter(each -> each.word().equals(word))
                .reduce((first, second) -> second)
                .orElseThrow(() -> new AssertionError("no " + word));
    }

    /** The capabilities that the comment's {@code docker run} gives, in lower case. */
    List<String> capabilities() {
        final Matcher found = CAPABILITY.matcher(comments);
        final List<String> names = new ArrayList<>();
        while (found.find()) {
            names.add(found.group(1).toLowerCase(java.util.Locale.ROOT));
        }
        return names;
    }
}
