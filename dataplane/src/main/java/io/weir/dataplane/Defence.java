package io.weir.dataplane;

import io.weir.conntrack.ConnectionFlags;
import io.weir.conntrack.ConnectionLayout;
import io.weir.conntrack.ConnectionTable;
import io.weir.conntrack.SctpState;
import io.weir.conntrack.TcpState;
import io.weir.conntrack.Ticks;
import io.weir.packet.ProtocolNumbers;
import java.util.List;
import java.util.SplittableRandom;

/**
 * What IPVS does when it runs short of memory: ends half-open connections (drop_entry), refuses a share of the new ones
 * (drop_packet), and believes fewer handshakes (secure_tcp).
 *
 * <p>Each of the three has a mode: 0 never, 1 automatic and now off, 2 automatic and now on, 3 always. Automatic means:
 * on while the table has fewer free records than {@code amemthresh} pages hold, at most a quarter of its own size. The
 * kernel looks at the machine's free memory instead; our records have a place of their own, so their number is what can
 * run out. It is judged once a second, and with each new configuration.
 *
 * <p><b>Source</b>: update_defense_level() of ip_vs_ctl.c, ip_vs_random_dropentry() and todrop_entry() of ip_vs_conn.c,
 * ip_vs_todrop() of ip_vs_core.c. <b>Owner</b>: one worker, but for {@link #modes}; no allocation.
 */
public final class Defence {
    /** The three, by the names of their settings. */
    public static final List<String> NAMES = List.of("drop_entry", "drop_packet", "secure_tcp");

    private static final int AUTOMATIC_OFF = 1;
    private static final int AUTOMATIC_ON = 2;
    private static final int ALWAYS = 3;
    /** Records in a page of memory. */
    private static final int PER_PAGE = 4096 / (ConnectionLayout.HOT_BYTES + ConnectionLayout.COLD_BYTES);

    private static final int LARGEST_SHARE = 4;
    /** One record in so many is looked at each second. */
    private static final int SHARE_SHIFT = 5;

    private static final int ONE_IN = 1 << SHARE_SHIFT;
    /** A connection is spared for so long after its last packet. */
    private static final int SPARED_TICKS = 60 * Ticks.PER_SECOND;
    /** A connection of more packets is spared. */
    private static final int MOST_PACKETS = 8;

    private static final int MODE_BITS = 2;

    private final ConnectionTable table;
    /** Which records are looked at; nothing is gained by knowing. */
    private final SplittableRandom random = new SplittableRandom(1);

    private final int[] turn = new int[MOST_PACKETS + 1];
    private Sysctls sysctls = Sysctls.DEFAULTS;
    private int dropEntry;
    private int dropPacket;
    private int secureTcp;
    private int rate;
    private int counter;
    private int threshold;
    private int alwaysRate;
    private int nextTick;
    private boolean started;
    private int left;
    private volatile int modes;

    Defence(ConnectionTable table) {
        this.table = table;
    }

    /** Takes new settings, if they are; an automatic mode that was on stays on until it is judged. */
    void snapshot(Sysctls next) {
        if (sysctls.equals(next)) {
            return;
        }
        sysctls = next;
        dropEntry = mode(next.value("drop_entry"), dropEntry);
        dropPacket = mode(next.value("drop_packet"), dropPacket);
        secureTcp = mode(next.value("secure_tcp"), secureTcp);
        threshold = (int) Math.min((long) next.value("amemthresh") * PER_PAGE, table.capacity() / LARGEST_SHARE);
        alwaysRate = next.value("am_droprate");
        judge();
    }

    private static int mode(int wanted, int before) {
        return wanted == AUTOMATIC_OFF && before == AUTOMATIC_ON ? AUTOMATIC_ON : wanted;
    }

    private void judge() {
        final int free = table.capacity() - table.size();
        final boolean scarce = free < threshold;
        dropEntry = automatic(dropEntry, scarce);
        dropPacket = automatic(dropPacket, scarce);
        secureTcp = automatic(secureTcp, scarce);
        modes = (secureTcp << MODE_BITS | dropPacket) << MODE_BITS | dropEntry;
        if (dropPacket == AUTOMATIC_ON) {
            rate = threshold / (threshold - free);
            counter = rate;
        } else {
            rate = dropPacket == ALWAYS ? alwaysRate : 0;
        }
    }

    private static int automatic(int mode, boolean scarce) {
        return mode == 0 || mode == ALWAYS ? mode : scarce ? AUTOMATIC_ON : AUTOMATIC_OFF;
    }

    /** Is the second TCP state table in force? */
    boolean secureTcp() {
        return secureTcp >= AUTOMATIC_ON;
    }

    /** Must packets be counted, because their number decides who is dropped? */
    boolean countsPackets() {
        return dropEntry != 0;
    }

    /** Is this packet, which would open a connection, one of those to drop? */
    boolean refuses() {
        if (rate == 0 || --counter > 0) {
            return false;
        }
        counter = rate;
        return true;
    }

    /**
     * Works on: judges once a second, and looks at some of the records that are due to be looked at.
     *
     * @param limit most records to look at in this call
     */
    void work(Connections connections, int nowTick, int limit) {
        if (!started || nowTick - nextTick >= 0) {
            started = true;
            nextTick = nowTick + Ticks.PER_SECOND;
            judge();
            left = dropEntry >= AUTOMATIC_ON ? share() : 0;
        }
        for (int i = 0; i < limit && left > 0; i++) {
            left--;
            final int id = random.nextInt(table.highWater());
            if (table.inUse(id) && isToEnd(connections, id, nowTick)) {
                connections.endUnproven(id);
            }
        }
    }

    /** A 32nd of the records; what does not divide by chance. */
    private int share() {
        return (int) ((long) table.highWater() + random.nextInt(ONE_IN) >> SHARE_SHIFT);
    }

    private boolean isToEnd(Connections connections, int id, int nowTick) {
        if (table.controlled(id) > 0) {
            return false;
        }
        if (table.isTemplate(id)) {
            return !table.hasFlags(id, ConnectionFlags.ASSURED);
        }
        final int state = table.state(id);
        return switch (table.protocol(id)) {
            case ProtocolNumbers.TCP -> state == TcpState.SYN_RECV
                    || state == TcpState.SYNACK
                    || state == TcpState.ESTABLISHED && isIdle(connections, id, nowTick);
            case ProtocolNumbers.SCTP -> state == SctpState.INIT1
                    || state == SctpState.INIT
                    || state == SctpState.ESTABLISHED && isIdle(connections, id, nowTick);
            default -> isIdle(connections, id, nowTick);
        };
    }

    /** Silent for a minute, after few packets; of those with i packets every i-th one. */
    private boolean isIdle(Connections connections, int id, int nowTick) {
        if (table.expiresAt(id) - nowTick + SPARED_TICKS > connections.timeoutTicks(id)) {
            return false;
        }
        final int packets = table.packets(id);
        if (packets <= 0 || packets > MOST_PACKETS || --turn[packets] > 0) {
            return false;
        }
        turn[packets] = packets;
        return true;
    }

    /** The modes as the kernel's files show them, 1 or 2 for an automatic one; any thread. */
    public int mode(String name) {
        final int shift =
                switch (name) {
                    case "drop_entry" -> 0;
                    case "drop_packet" -> MODE_BITS;
                    case "secure_tcp" -> 2 * MODE_BITS;
                    default -> throw new IllegalArgumentException("no defence: " + name);
                };
        return modes >> shift & ALWAYS;
    }
}
