package io.weir.control;

import io.weir.control.config.ConfigSchema;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code weir schema}: what a configuration may say, for editors. */
@Command(
        name = "schema",
        mixinStandardHelpOptions = true,
        description = "Prints a JSON Schema of weir.yaml, for editors; docs/configuration.md explains every key.")
final class SchemaCommand implements Callable<Integer> {
    @Override
    public Integer call() {
        System.out.print(ConfigSchema.text());
        return 0;
    }
}
