package io.weir.control.health;

import io.weir.control.keepalived.Block;
import io.weir.control.keepalived.ServiceSettings.CheckSettings;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.Set;

/**
 * {@code AGENT_CHECK}: a program on the server says how much it will take: {@code 75%} of its weight, {@code weight 30},
 * {@code drain} (weight 0), {@code up}, or {@code down} with a reason.
 *
 * <p>The words are those of HAProxy's agent-check, so that the same agents serve.
 */
final class AgentChecker implements Checker {
    private static final int PERCENT = 100;
    private static final int MOST_PERCENT = 25_600;
    private static final Set<String> KNOWN = Set.of("up", "ready", "running", "ok");

    /**
     * What is asked.
     *
     * @param question sent first; may be ""
     * @param weight of the server as it would be at 100%
     */
    record Options(String question, int weight) {}

    @Override
    public String keyword() {
        return "AGENT_CHECK";
    }

    @Override
    public boolean asksService() {
        return false;
    }

    @Override
    public Object options(Block block, String virtualHost) {
        return new Options(block.text("send", ""), block.integer("weight", 1, Integer.MAX_VALUE, PERCENT));
    }

    @Override
    public Probe probe(CheckSettings check, CheckLoop loop) {
        return new TcpProbe(check, loop, new Agent((Options) check.options()), null);
    }

    private static final class Agent extends LineConversation {
        private final Options options;

        Agent(Options options) {
            this.options = options;
        }

        @Override
        public Step begin() {
            return options.question().isEmpty() ? Step.WAIT : Step.send(options.question() + "\n");
        }

        @Override
        Step line(String line) {
            OptionalInt weight = OptionalInt.empty();
            boolean weightIsNext = false;
            boolean understood = false;
            for (String word : line.toLowerCase(Locale.ROOT).split("[\\s,]+", -1)) {
                if (word.matches("\\d{1,5}%")) {
                    final long percent = Math.min(MOST_PERCENT, Integer.parseInt(word.substring(0, word.length() - 1)));
                    weight = OptionalInt.of((int) Math.min(Integer.MAX_VALUE, options.weight() * percent / PERCENT));
                } else if (weightIsNext && word.matches("\\d{1,9}")) {
                    weight = OptionalInt.of(Integer.parseInt(word));
                } else if (word.equals("drain") || word.equals("maint")) {
                    return Step.done(CheckResult.up("the agent says " + line, 0));
                } else if (word.startsWith("down") || word.startsWith("fail") || word.startsWith("stopped")) {
                    return Step.down("the agent says " + line);
                }
                weightIsNext = word.equals("weight");
                understood |= weight.isPresent() || KNOWN.contains(word);
            }
            if (!understood) {
                return Step.down("not the answer of an agent: " + line);
            }
            return Step.done(new CheckResult(true, "the agent says " + line, weight));
        }
    }
}
