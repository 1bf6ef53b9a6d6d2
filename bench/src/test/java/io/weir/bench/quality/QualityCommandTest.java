package io.weir.bench.quality;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QualityCommandTest {
    @TempDir
    private Path folder;

    @Test
    void shouldRunRecordedArrivals() throws IOException {
        final Path arrivals = folder.resolve("arrivals.csv");
        final Path json = folder.resolve("quality.json");
        final StringBuilder lines = new StringBuilder("time,client,port,duration\n# recorded\n");
        for (int i = 0; i < 200; i++) {
            lines.append(1000 + i / 10.0).append(",198.51.100.").append(i % 20).append(",4000,2.5\n");
        }
        Files.writeString(arrivals, lines);
        assertEquals(0, QualityCommand.run(new String[] {
            "--arrivals", arrivals.toString(), "--servers", "4", "--schedulers", "rr,sh", "--json", "" + json
        }));
        final JsonNode results = new ObjectMapper().readTree(json.toFile());
        assertEquals(4, results.size());
        assertEquals("rr", results.get(0).get("scheduler").asText());
        assertEquals(200, results.get(0).get("connections").asInt());
        assertTrue(results.get(2).get("broken").asInt() > 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--schedulers=best", "--servers=1", "--workloads=none", "--duration=0", "--arrivals=/none"})
    void shouldRefuseWhatIsNotAllowed(String option) {
        assertTrue(QualityCommand.run(new String[] {option}) > 0);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1,198.51.100.1,80 | 4 or 5 fields",
                "x,198.51.100.1,80,1 | time must be a number",
                "1,nobody,80,1 | client must be an IP address",
                "1,198.51.100.1,70000,1 | port must be a number from 0 to 65535",
                "1,198.51.100.1,80,-1 | duration must be a number",
                "1,198.51.100.1,80,1,x | destination must be an IP address"
            })
    void shouldSayWhichLineIsWrong(String line, String reason) throws IOException {
        final Path file = folder.resolve("wrong.csv");
        Files.writeString(file, "time,client,port,duration\n" + line + "\n");
        final IOException e = assertThrows(IOException.class, () -> ArrivalFile.read(file, 2));
        final String message = String.valueOf(e.getMessage());
        assertTrue(message.startsWith(file + ":2: ") && message.contains(reason), message);
    }
}
