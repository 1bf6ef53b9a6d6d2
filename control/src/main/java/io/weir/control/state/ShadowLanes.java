package io.weir.control.state;

import io.weir.service.DestinationLoad;
import java.util.ArrayList;
import java.util.List;

/**
 * The memory in which shadow schedulers count: a lane is a row for each destination of the director, of whatever service,
 * as no destination is in two. Made when the first shadow needs it.
 *
 * <p><b>Thread</b>: the director's.
 */
final class ShadowLanes {
    private final int slots;
    private final long seed;
    private final List<DestinationLoad> lanes = new ArrayList<>();
    private int lastSerial;

    ShadowLanes(int slots, long seed) {
        this.slots = slots;
        this.seed = seed;
    }

    /** For schedulers that draw lots. */
    long seed() {
        return seed;
    }

    /** A number that no shadow had. */
    long nextSerial() {
        return ++lastSerial;
    }

    /** A lane's counts. */
    DestinationLoad lane(int lane) {
        while (lanes.size() <= lane) {
            lanes.add(DestinationLoad.allocate(slots));
        }
        return lanes.get(lane);
    }
}
