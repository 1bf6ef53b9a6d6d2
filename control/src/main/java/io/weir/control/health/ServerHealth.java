package io.weir.control.health;

import io.weir.control.keepalived.ServiceSettings.CheckSettings;
import io.weir.control.keepalived.ServiceSettings.ServerSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * One real server of a service: alive if all its checks are, with the weight they ask for.
 *
 * <p><b>Thread</b>: {@code weir-health}.
 */
final class ServerHealth {
    private final ServerSettings settings;
    private final List<CheckState> checks = new ArrayList<>();
    private boolean alive;
    private boolean draining;

    ServerHealth(ServerSettings settings, String service, CheckLoop loop) {
        this.settings = settings;
        for (CheckSettings check : settings.checks()) {
            checks.add(new CheckState(check, "service=" + service + " server=" + name(), loop));
        }
        alive = isUp();
    }

    /** Takes over the checks of the server it was before a reload. */
    void takeOver(ServerHealth before) {
        final List<CheckState> old = new ArrayList<>(before.checks);
        for (CheckState check : checks) {
            for (CheckState each : old) {
                if (check.isLike(each)) {
                    check.takeOver(each);
                    old.remove(each);
                    break;
                }
            }
        }
        alive = isUp();
    }

    void start(Runnable onChange) {
        checks.forEach(check -> check.start(onChange));
    }

    void stop() {
        checks.forEach(CheckState::stop);
    }

    void suspend(boolean on) {
        checks.forEach(check -> check.suspend(on));
    }

    /** Do all checks say so? */
    boolean isUp() {
        return checks.stream().allMatch(CheckState::isUp);
    }

    /** As last told to the service. */
    boolean isAlive() {
        return alive;
    }

    void alive(boolean now) {
        alive = now;
    }

    /** Is it down, and in service without weight until its connections have ended? */
    boolean isDraining() {
        return draining;
    }

    void draining(boolean on) {
        draining = on;
    }

    /** The weight for IPVS: the configured one, moved by what the checks ask for. */
    int weight() {
        long weight = settings.weight();
        for (CheckState check : checks) {
            final OptionalInt asked = check.weight();
            if (asked.isPresent()) {
                weight += check.addsWeight() ? asked.getAsInt() : (long) asked.getAsInt() - settings.weight();
            }
        }
        return (int) Math.max(0, Math.min(Integer.MAX_VALUE, weight));
    }

    /** Why it is down: what its first failing check last said. */
    String why() {
        return checks.stream()
                .filter(check -> check.isUp() == alive)
                .map(CheckState::changedWhy)
                .filter(why -> !why.isEmpty())
                .findFirst()
                .orElse("");
    }

    ServerSettings settings() {
        return settings;
    }

    List<CheckState> checks() {
        return checks;
    }

    /** As keepalived's log: {@code [10.0.0.1]:80}. */
    String name() {
        return "[" + settings.address() + "]:" + settings.port();
    }
}
