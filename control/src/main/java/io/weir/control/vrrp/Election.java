package io.weir.control.vrrp;

import java.util.concurrent.TimeUnit;

/**
 * The state machine of one virtual router. Time is an argument; what it decides goes to a {@link Listener}.
 *
 * <p><b>Units</b>: nanoseconds of a monotonic clock. <b>Source</b>: RFC 5798 section 6.4; preempt_delay as keepalived 2.2.7:
 * from when a router of lower priority is first heard, its adverts count until the delay is over. Nobody waits for a
 * router that is not there.
 */
final class Election {
    /** What a router is. */
    enum State {
        /** Something it needs is missing. */
        FAULT,
        BACKUP,
        MASTER
    }

    /** Takes the decisions. */
    interface Listener {
        /** The state has changed. */
        void state(State from, State to);

        /** An advert is due; priority 0 says that we are leaving. */
        void advert(int priority);

        /** Another router of lower priority believes it is master. */
        void lowerMaster();

        /** The priority is another one now. */
        default void priority(int priority) {}

        /** Nothing is heard of a master: may this router become it? The others of its sync group may not want to yet. */
        default boolean mayBecomeMaster() {
            return true;
        }
    }

    /**
     * The rules, which do not change.
     *
     * @param owner of the addresses (priority 255): master at once
     */
    record Rules(
            int version,
            long advertNs,
            boolean preempt,
            long preemptDelayNs,
            int downAdverts,
            boolean answerLower,
            boolean answerHigher,
            boolean owner) {}

    static final int OWNER = 255;

    private static final int PRIORITIES = 256;
    private static final int LEAVING = 0;
    private static final long NEVER = Long.MAX_VALUE;

    private final Rules rules;
    private final Listener listener;
    private State state = State.FAULT;
    private int priority;
    private long masterAdvertNs;
    private long deadlineNs = NEVER;
    private long preemptAtNs = NEVER;
    private boolean held;
    private boolean wants;
    private boolean owner;
    private int highest = OWNER;

    Election(Rules rules, int priority, Listener listener) {
        this.rules = rules;
        this.priority = priority;
        this.listener = listener;
        this.masterAdvertNs = rules.advertNs();
        this.owner = rules.owner();
    }

    State state() {
        return state;
    }

    int priority() {
        return priority;
    }

    /** When {@link #onTime} wants to be called; Long.MAX_VALUE for never. */
    long deadlineNs() {
        return deadlineNs;
    }

    /** Nothing is missing any more, or we start: we listen first. */
    void begin(long nowNs) {
        masterAdvertNs = rules.advertNs();
        if (owner && listener.mayBecomeMaster()) {
            become(State.MASTER, nowNs);
        } else {
            become(State.BACKUP, nowNs);
            wants = owner;
        }
    }

    /** Goes on as the router it replaces, which was in this state: a master stays master, and does not leave. */
    void resume(State before, long nowNs) {
        if (before == State.MASTER) {
            become(State.MASTER, nowNs);
        } else if (before == State.BACKUP) {
            begin(nowNs);
        }
    }

    /** Is it master, or would it be if its group let it? */
    boolean wantsMaster() {
        return wants || state == State.MASTER;
    }

    /** Something is missing. */
    void fault(long nowNs) {
        if (state == State.MASTER) {
            listener.advert(LEAVING);
        }
        become(State.FAULT, nowNs);
    }

    /** Leaves for good: those that wait need not wait. */
    void leave() {
        if (state == State.MASTER) {
            listener.advert(LEAVING);
        }
        deadlineNs = NEVER;
    }

    /** While held, a backup leaves the addresses to a living master of lower priority. */
    void hold(boolean holds) {
        held = holds;
    }

    /** A sync group wants this state. As in keepalived, a master says goodbye only if something is missing. */
    void force(State wanted, long nowNs) {
        if (state == wanted) {
            return;
        }
        if (wanted == State.FAULT) {
            fault(nowNs);
        } else {
            masterAdvertNs = rules.advertNs();
            become(wanted, nowNs);
        }
    }

    /** What is tracked has changed the priority. */
    void priority(int newPriority) {
        final int bounded = Math.min(newPriority, highest);
        if (bounded != priority) {
            final long beforeNs = skewNs();
            priority = bounded;
            if (state == State.BACKUP) {
                // What was waited is not lost, and what is to be waited changes by the skew only.
                deadlineNs += skewNs() - beforeNs;
            }
            listener.priority(bounded);
        }
    }

    /**
     * An advert of another router for this virtual router has passed every check.
     *
     * @param fromHigherAddress is its address larger than ours?
     * @param advertNs its interval (version 3)
     */
    void onAdvert(int from, boolean fromHigherAddress, long advertNs, long nowNs) {
        if (state == State.BACKUP) {
            asBackup(from, advertNs, nowNs);
        } else if (state == State.MASTER) {
            asMaster(from, fromHigherAddress, advertNs, nowNs);
        }
    }

    private void asBackup(int from, long advertNs, long nowNs) {
        if (from == LEAVING) {
            deadlineNs = nowNs + skewNs();
            return;
        }
        final boolean delays = rules.preempt() && from < priority && rules.preemptDelayNs() > 0;
        if (!delays) {
            preemptAtNs = NEVER;
        } else if (preemptAtNs == NEVER) {
            preemptAtNs = nowNs + rules.preemptDelayNs();
        }
        if (held || !rules.preempt() || from >= priority || delays && nowNs - preemptAtNs < 0) {
            wants = false;
            masterAdvertNs = rules.version() == 3 ? advertNs : rules.advertNs();
            deadlineNs = nowNs + masterDownNs();
        }
    }

    private void asMaster(int from, boolean fromHigherAddress, long advertNs, long nowNs) {
        if (from == OWNER && priority == OWNER) {
            // Two own the addresses: both step down, so that one can win.
            owner = false;
            highest = OWNER - 1;
            priority = highest;
        }
        if (from == LEAVING) {
            advertise(nowNs);
        } else if (from > priority || from == priority && fromHigherAddress) {
            if (rules.answerHigher()) {
                listener.advert(priority);
            }
            masterAdvertNs = rules.version() == 3 ? advertNs : rules.advertNs();
            become(State.BACKUP, nowNs);
        } else {
            if (rules.answerLower()) {
                advertise(nowNs);
            }
            listener.lowerMaster();
        }
    }

    /** The deadline is reached. */
    void onTime(long nowNs) {
        if (nowNs - deadlineNs < 0) {
            return;
        }
        if (state == State.MASTER) {
            advertise(nowNs);
        } else if (state == State.BACKUP) {
            wants = true;
            if (listener.mayBecomeMaster()) {
                become(State.MASTER, nowNs);
            } else {
                deadlineNs = nowNs + masterDownNs();
            }
        }
    }

    private void advertise(long nowNs) {
        listener.advert(priority);
        deadlineNs = nowNs + rules.advertNs();
    }

    private void become(State next, long nowNs) {
        final State before = state;
        state = next;
        wants = false;
        preemptAtNs = NEVER;
        switch (next) {
            case MASTER -> advertise(nowNs);
            case BACKUP -> deadlineNs = nowNs + masterDownNs();
            case FAULT -> deadlineNs = NEVER;
        }
        if (before != next) {
            listener.state(before, next);
        }
    }

    long masterDownNs() {
        return rules.downAdverts() * masterAdvertNs + skewNs();
    }

    /** The lower the priority, the longer we let others go first. */
    private long skewNs() {
        final long whole = rules.version() == 3 ? masterAdvertNs : TimeUnit.SECONDS.toNanos(1);
        return whole * (PRIORITIES - priority) / PRIORITIES;
    }
}
