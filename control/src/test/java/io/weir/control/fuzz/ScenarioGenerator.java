package io.weir.control.fuzz;

import io.weir.control.fuzz.FuzzScenario.Step;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** Makes a scenario of a seed. */
final class ScenarioGenerator {
    private static final List<String> SYSCTLS = List.of(
            "conn_reuse_mode=0",
            "conn_reuse_mode=2",
            "expire_nodest_conn=1",
            "expire_quiescent_template=1",
            "nat_icmp_send=1",
            "sloppy_tcp=1",
            "sloppy_sctp=1",
            "schedule_icmp=1",
            "cache_bypass=1",
            "pmtu_disc=0");
    /** Longer than the kernel's tick: what ended is gone. */
    private static final int TICK_MS = 12;

    private static final Pattern FULLNAT =
            Pattern.compile("(^|\\s)(-[a-zA-Z]*[ae]|--(add|edit)-server).*\\s(-[a-zA-Z]*b|--sched)");

    private final Dice dice;
    private final RuleMaker rules;
    private final CommandSpoiler spoiler;

    private ScenarioGenerator(long seed) {
        dice = new Dice(seed);
        rules = new RuleMaker(dice);
        spoiler = new CommandSpoiler(dice);
    }

    static FuzzScenario of(long seed) {
        return new ScenarioGenerator(seed).scenario();
    }

    private FuzzScenario scenario() {
        final List<String> net = new ArrayList<>();
        final List<String> lines = new ArrayList<>();
        final int services = dice.pick(1, 1, 1, 2, 3);
        for (int i = 0; i < services; i++) {
            lines.addAll(rules.service(net));
        }
        if (dice.chance(5)) {
            net.add("ip link set " + dice.pick("rs0", "cli0") + " mtu " + dice.pick(1400, 1300));
        }
        final List<String> sysctls = new ArrayList<>();
        while (dice.chance(25)) {
            sysctls.add(dice.pick(SYSCTLS));
        }
        final boolean talkative = dice.chance(15);
        return new FuzzScenario(sysctls, net, lines, talkative ? commands() : traffic());
    }

    /** Command lines, most of them bad, with a look at the table after each. */
    private List<Step> commands() {
        final List<Step> steps = new ArrayList<>();
        final int count = dice.between(5, 25);
        for (int i = 0; i < count; i++) {
            final String line = dice.chance(20) ? rules.listing() : rules.edit();
            final String command = dice.chance(80) ? spoiler.spoiled(line) : line;
            if (!command.contains("daemon") && !mayMeanFullNat(command)) {
                steps.add(Step.command(command));
                steps.add(Step.command("-Sn"));
            }
        }
        return steps;
    }

    /** With a server, b is no scheduler flag but FULLNAT: on purpose, and no kernel knows that. */
    private static boolean mayMeanFullNat(String command) {
        return FULLNAT.matcher(command).find();
    }

    private List<Step> traffic() {
        final List<Step> steps = new ArrayList<>();
        final TrafficMaker traffic = new TrafficMaker(dice, rules.services());
        final int count = dice.between(10, 80);
        for (int i = 0; i < count; i++) {
            final int kind = dice.between(0, 99);
            if (kind < 6) {
                steps.add(Step.command(rules.edit()));
                // What a removed server leaves behind goes with the next tick.
                steps.add(Step.command("@sleep " + TICK_MS));
            } else if (kind < 8) {
                steps.add(Step.command(rules.listing()));
            } else {
                traffic.next().forEach(frame -> steps.add(Step.frame(frame)));
                steps.add(Step.command("@sleep " + TICK_MS));
            }
        }
        steps.add(Step.command("@snap"));
        return steps;
    }

    /** {@code OUT FIRST COUNT}: writes scenarios into folders named after their seeds. */
    public static void main(String[] arguments) throws IOException {
        final Path out = Path.of(arguments[0]);
        final long first = Long.parseLong(arguments[1]);
        final long count = Long.parseLong(arguments[2]);
        for (long seed = first; seed < first + count; seed++) {
            of(seed).write(out.resolve(String.format(Locale.ROOT, "%06d", seed)));
        }
    }
}
