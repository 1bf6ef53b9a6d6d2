package io.weir.control;

import io.weir.conntrack.StateTimeouts;
import io.weir.control.config.WeirConfig;
import io.weir.control.ipvsadm.TableLines;
import io.weir.control.plan.Difference;
import io.weir.control.plan.Impact;
import io.weir.control.plan.Step;
import io.weir.control.state.ConnectionInfo;
import io.weir.control.state.DirectorState;
import io.weir.dataplane.MarkRules;
import io.weir.dataplane.Sysctls;
import io.weir.sched.Schedulers;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a running director does with another configuration: says what would change, takes it over in one step, and goes
 * one step back.
 *
 * <p><b>Thread</b>: the director's, under its lock.
 */
final class LiveConfig {
    private static final Logger LOG = LoggerFactory.getLogger(LiveConfig.class);

    private final DirectorCommands commands;
    private WeirConfig config;
    private MarkRules marks;
    private @Nullable Earlier earlier;

    /** Everything a step back needs. */
    private record Earlier(String table, Sysctls sysctls, StateTimeouts timeouts, WeirConfig config, MarkRules marks) {}

    LiveConfig(Wanted first) {
        this.commands = first.commands();
        this.config = first.config();
        this.marks = first.marks();
        Schedulers.usePlugins(config.plugins());
    }

    WeirConfig config() {
        return config;
    }

    MarkRules marks() {
        return marks;
    }

    DirectorCommands commands() {
        return commands;
    }

    private DirectorState state() {
        return commands.state();
    }

    /** What {@link #apply} would do, for a person to read. */
    String plan(Wanted wanted, Collection<ConnectionInfo> connections) {
        final List<Step> steps = Difference.between(state(), wanted.commands().state());
        final String others = others(wanted.config(), wanted.commands().state().sysctls());
        final String restart = restart(wanted);
        if (steps.isEmpty() && others.isEmpty()) {
            return "no difference\n" + restart;
        }
        return others + Impact.describe(steps, state(), wanted.commands().state(), connections) + restart;
    }

    private String restart(Wanted wanted) {
        final List<String> names = wanted.needRestart(config);
        return names.isEmpty() ? "" : "! at the next start: " + String.join(", ", names) + "\n";
    }

    private String others(WeirConfig next, Sysctls sysctls) {
        final StringBuilder text = new StringBuilder();
        if (!sysctls.equals(state().sysctls())) {
            text.append("~ sysctls\n");
        }
        if (!plain(next.marks()).equals(plain(config.marks()))) {
            text.append("~ marks\n");
        }
        if (!plain(next.routes()).equals(plain(config.routes()))) {
            text.append("~ routes\n");
        }
        if (!next.vips().equals(config.vips())) {
            text.append("~ vips\n");
        }
        if (!next.plugins().equals(config.plugins())) {
            text.append("~ scheduler plug-ins\n");
        }
        return text.toString();
    }

    private static String plain(Object part) {
        return part.toString().replaceAll("\\bline=\\d+", "");
    }

    /**
     * Takes a configuration over: all of it, or nothing and why not.
     *
     * @return a line for the operator
     */
    String apply(Wanted wanted) throws RunException {
        final Earlier before = now();
        final List<Step> steps = Difference.between(state(), wanted.commands().state());
        take(steps, wanted.config(), before);
        state().sysctls(wanted.commands().state().sysctls());
        state().stateTimeouts(wanted.commands().state().stateTimeouts());
        wanted.commands().state().localAddresses().forEach(state()::addLocalAddress);
        config = wanted.config();
        marks = wanted.marks();
        earlier = before;
        LOG.info("event=applied changes={}", steps.size());
        return steps.size() + " changes\n" + restart(wanted);
    }

    /** Goes back to before the last {@link #apply}, or undo. */
    String undo() throws RunException {
        final Earlier goal = earlier;
        if (goal == null) {
            throw new RunException("weir: nothing to undo: nothing was applied since the start");
        }
        final Earlier before = now();
        final DirectorState former = Schedulers.considering(goal.config().plugins(), () -> stateOf(goal.table()));
        final List<Step> steps = Difference.between(state(), former);
        take(steps, goal.config(), before);
        state().sysctls(goal.sysctls());
        state().stateTimeouts(goal.timeouts());
        config = goal.config();
        marks = goal.marks();
        earlier = before;
        LOG.info("event=undone changes={}", steps.size());
        return steps.size() + " changes\n";
    }

    private Earlier now() {
        return new Earlier(TableLines.all(state()), state().sysctls(), state().stateTimeouts(), config, marks);
    }

    private void take(List<Step> steps, WeirConfig next, Earlier before) throws RunException {
        Schedulers.usePlugins(next.plugins());
        for (Step step : steps) {
            final Optional<String> problem = commands.problemOf(step.line());
            if (problem.isPresent()) {
                Schedulers.usePlugins(before.config().plugins());
                goBack(before);
                throw new RunException("weir: nothing was changed: " + problem.get() + "  (" + step.line() + ")");
            }
        }
    }

    private void goBack(Earlier before) throws RunException {
        for (Step step : Difference.between(state(), stateOf(before.table()))) {
            final Optional<String> problem = commands.problemOf(step.line());
            problem.ifPresent(text -> LOG.error("event=go-back problem=\"{}\" line=\"{}\"", text, step.line()));
        }
    }

    /** A table as a state of its own, to compare with. */
    private DirectorState stateOf(String table) throws RunException {
        final DirectorCommands scratch = new DirectorCommands();
        scratch.state().surroundings(state().surroundings());
        for (String line : table.split("\n", -1)) {
            final Optional<String> problem = scratch.problemOf(line);
            if (problem.isPresent()) {
                throw new RunException("weir: " + problem.get() + "  (" + line + ")");
            }
        }
        return scratch.state();
    }
}
