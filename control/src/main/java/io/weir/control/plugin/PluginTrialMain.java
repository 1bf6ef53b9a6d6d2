package io.weir.control.plugin;

import io.weir.sched.Scheduler;
import io.weir.sched.contract.ContractException;
import io.weir.sched.contract.SchedulerContract;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The process in which a jar is tried: loads it, puts each of its schedulers through the contract, and says on one line
 * {@code good} with their names, or {@code bad} with the reason.
 */
final class PluginTrialMain {
    static final String GOOD = "weir-plugin good ";
    static final String BAD = "weir-plugin bad ";

    private PluginTrialMain() {}

    /** Argument: the jar. */
    public static void main(String... arguments) {
        final PrintStream out = System.out;
        // What a plug-in prints is no answer of ours.
        System.setOut(System.err);
        final String answer = answer(Path.of(arguments[0]));
        out.write(
                (answer + "\n").getBytes(StandardCharsets.UTF_8),
                0,
                answer.getBytes(StandardCharsets.UTF_8).length + 1);
        out.flush();
        // It may have left threads behind.
        Runtime.getRuntime().halt(0);
    }

    private static String answer(Path jar) {
        try {
            final Map<String, Supplier<Scheduler>> found = PluginJar.load(jar);
            for (Map.Entry<String, Supplier<Scheduler>> each : found.entrySet()) {
                SchedulerContract.check(each.getKey(), each.getValue());
            }
            return GOOD + String.join(",", found.keySet());
        } catch (PluginException e) {
            return BAD + e.getMessage();
        } catch (ContractException e) {
            return BAD + "breaks the contract: " + e.getMessage();
        }
    }
}
