package io.weir.control.bfd;

import io.weir.control.keepalived.KeepalivedConfig.BfdSettings;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * One session in asynchronous mode: does the neighbour hear us, and do we hear it? Time is an argument; what is to be sent
 * goes to a {@link Sender}.
 *
 * <p><b>Units</b>: nanoseconds of a monotonic clock; microseconds on the wire. <b>Source</b>: RFC 5880 section 6.8.
 */
final class BfdSession {
    /** With their codes on the wire. */
    enum State {
        ADMIN_DOWN(0),
        DOWN(1),
        INIT(2),
        UP(3);

        private final int code;

        State(int code) {
            this.code = code;
        }

        int code() {
            return code;
        }

        static State of(int code) {
            return switch (code) {
                case 0 -> ADMIN_DOWN;
                case 1 -> DOWN;
                case 2 -> INIT;
                default -> UP;
            };
        }
    }

    /** Takes what is to be sent. */
    @FunctionalInterface
    interface Sender {
        void send(BfdPacket packet);
    }

    private static final int NONE = 0;
    private static final int EXPIRED = 1;
    private static final int NEIGHBOUR_DOWN = 3;
    private static final long NEVER = Long.MAX_VALUE;
    private static final double MOST_JITTER = 0.25;
    private static final double LEAST_JITTER_ALONE = 0.1;

    private final BfdSettings settings;
    private final int discriminator;
    private final Sender sender;
    private final Random random;
    private volatile State state = State.DOWN;
    private State remoteState = State.DOWN;
    private int diagnostic = NONE;
    private int remote;
    private long remoteMinRxUs = 1;
    private long remoteMinTxUs;
    private int remoteMultiplier;
    private boolean polling;
    private long sendAtNs;
    private long deafAtNs = NEVER;

    BfdSession(BfdSettings settings, int discriminator, Sender sender, Random random, long nowNs) {
        this.settings = settings;
        this.discriminator = discriminator;
        this.sender = sender;
        this.random = random;
        this.sendAtNs = nowNs;
    }

    BfdSettings settings() {
        return settings;
    }

    int discriminator() {
        return discriminator;
    }

    /** By any thread. */
    State state() {
        return state;
    }

    /** When {@link #onTime} wants to be called. */
    long deadlineNs() {
        return deafAtNs == NEVER || sendAtNs - deafAtNs < 0 ? sendAtNs : deafAtNs;
    }

    /** A packet of the neighbour, for this session. */
    void onPacket(BfdPacket packet, long nowNs) {
        if (packet.yours() != 0 && packet.yours() != discriminator) {
            return;
        }
        remote = packet.mine();
        remoteState = packet.state();
        remoteMinTxUs = packet.minTxUs();
        remoteMultiplier = packet.multiplier();
        if (packet.minRxUs() != remoteMinRxUs) {
            remoteMinRxUs = packet.minRxUs();
            // The neighbour may want them more often from now on.
            sendAtNs = Math.min(sendAtNs - nowNs, intervalNs()) + nowNs;
        }
        if (packet.isFinal()) {
            polling = false;
        }
        change(nowNs);
        deafAtNs = nowNs + detectionNs();
        if (packet.poll()) {
            send(true);
        }
    }

    private void change(long nowNs) {
        final State next =
                switch (state) {
                    case DOWN -> remoteState == State.DOWN
                            ? State.INIT
                            : remoteState == State.INIT ? State.UP : State.DOWN;
                    case INIT -> remoteState == State.INIT || remoteState == State.UP
                            ? State.UP
                            : remoteState == State.ADMIN_DOWN ? State.DOWN : State.INIT;
                    case UP -> remoteState == State.DOWN || remoteState == State.ADMIN_DOWN ? State.DOWN : State.UP;
                    case ADMIN_DOWN -> State.ADMIN_DOWN;
                };
        if (next != state) {
            become(next, next == State.DOWN ? NEIGHBOUR_DOWN : NONE, nowNs);
        }
    }

    private void become(State next, int why, long nowNs) {
        state = next;
        diagnostic = why;
        // Up, we send more often; the neighbour is told by a poll.
        polling = next == State.UP;
        sendAtNs = nowNs;
    }

    /** Something is due. */
    void onTime(long nowNs) {
        if (deafAtNs != NEVER && nowNs - deafAtNs >= 0) {
            deafAtNs = NEVER;
            remote = 0;
            remoteMinRxUs = 1;
            remoteState = State.DOWN;
            if (state == State.UP || state == State.INIT) {
                become(State.DOWN, EXPIRED, nowNs);
            }
        }
        if (nowNs - sendAtNs >= 0) {
            final boolean silent = settings.passive() && remote == 0 || remoteMinRxUs == 0;
            if (!silent) {
                send(false);
            }
            sendAtNs = nowNs + jittered(intervalNs());
        }
    }

    /** We leave: the neighbour need not wait. */
    void leave() {
        state = State.ADMIN_DOWN;
        diagnostic = NONE;
        polling = false;
        send(false);
    }

    private long minTxUs() {
        return state == State.UP ? settings.minTxUs() : Math.max(settings.minTxUs(), settings.idleTxUs());
    }

    private long intervalNs() {
        return TimeUnit.MICROSECONDS.toNanos(Math.max(minTxUs(), remoteMinRxUs));
    }

    private long detectionNs() {
        return TimeUnit.MICROSECONDS.toNanos(remoteMultiplier * Math.max(settings.minRxUs(), remoteMinTxUs));
    }

    /** So that many sessions do not fall into step. */
    private long jittered(long intervalNs) {
        final double least = settings.multiplier() == 1 ? LEAST_JITTER_ALONE : 0;
        return (long) (intervalNs * (1 - least - random.nextDouble() * (MOST_JITTER - least)));
    }

    private void send(boolean answersPoll) {
        sender.send(new BfdPacket(
                diagnostic,
                state,
                polling && !answersPoll,
                answersPoll,
                settings.multiplier(),
                discriminator,
                remote,
                minTxUs(),
                settings.minRxUs()));
    }
}
