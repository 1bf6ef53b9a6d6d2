package io.weir.control.state;

import io.weir.sched.MemoryLimits;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Lets time pass for services: new servers warm up, memories of schedulers fade.
 *
 * <p>Services that warm servers up are looked at ten times a second. Of all others some are each time, in turn: of a table
 * of ten thousand, where a memory that fades does so within minutes, no look takes long.
 *
 * <p><b>Thread</b>: the director's.
 */
final class TimedServices {
    /** Not at each of a thousand commands. */
    private static final long EVERY_NS = TimeUnit.MILLISECONDS.toNanos(100);

    private static final int AT_ONCE = 1_000;

    private final Set<ServiceEntry> warming = new LinkedHashSet<>();
    private long nextNs;
    /** Where the next look begins in the list. */
    private int next;

    TimedServices(long nowNs) {
        this.nextNs = nowNs;
    }

    /** A service has come, or it or its servers have changed. */
    void changed(ServiceEntry service) {
        if (service.isWarming()) {
            warming.add(service);
        }
    }

    /** It is gone. */
    void removed(ServiceEntry service) {
        warming.remove(service);
    }

    /** Takes a look if one is due; says whether the data plane must learn of something. */
    boolean advance(List<ServiceEntry> services, long nowNs, MemoryLimits limits) {
        if (nowNs - nextNs < 0) {
            return false;
        }
        nextNs = nowNs + EVERY_NS;
        boolean changed = false;
        for (final ServiceEntry service : warming) {
            changed |= service.advance(nowNs, limits);
        }
        warming.removeIf(service -> !service.isWarming());
        for (int i = Math.min(AT_ONCE, services.size()); i > 0; i--) {
            next = next + 1 < services.size() ? next + 1 : 0;
            changed |= services.get(next).advance(nowNs, limits);
        }
        return changed;
    }
}
