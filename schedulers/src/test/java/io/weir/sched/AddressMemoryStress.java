package io.weir.sched;

import java.util.concurrent.atomic.AtomicLong;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** A worker reads an address's members, 6 and 5, while another puts 7 in front: never a mixture of both lists. */
@JCStressTest
@Outcome(id = "6, 5", expect = Expect.ACCEPTABLE, desc = "before")
@Outcome(id = "7, 6", expect = Expect.ACCEPTABLE, desc = "after")
@Outcome(id = "7, -1", expect = Expect.ACCEPTABLE, desc = "after another address had pushed it out")
@Outcome(id = "-1, -1", expect = Expect.ACCEPTABLE, desc = "the reader saw that it was being written")
@Outcome(expect = Expect.FORBIDDEN, desc = "a torn entry")
@State
public class AddressMemoryStress {
    /** One for all states of a run, as it is large; each takes another address, later ones push out the oldest. */
    private static final AddressMemory MEMORY = new AddressMemory(2);

    private static final int ATTEMPTS = 100;
    private static final AtomicLong ADDRESSES = new AtomicLong();

    private final long address = ADDRESSES.incrementAndGet();

    /** The writer of another state may be at the place this one would take: then nothing is remembered, and it is tried again. */
    public AddressMemoryStress() {
        for (int i = 0; i < ATTEMPTS && !holds(6, 5); i++) {
            MEMORY.add(0, address, 5, address);
            MEMORY.add(0, address, 6, address);
        }
    }

    private boolean holds(int newest, int older) {
        final int entry = MEMORY.find(0, address);
        if (entry != Scheduler.NONE && (MEMORY.member(entry, 0) != newest || MEMORY.member(entry, 1) != older)) {
            MEMORY.remove(entry, MEMORY.version(entry), MEMORY.member(entry, 0), address);
        }
        return entry != Scheduler.NONE && MEMORY.member(entry, 0) == newest && MEMORY.member(entry, 1) == older;
    }

    @Actor
    public void writer() {
        MEMORY.add(0, address, 7, address);
    }

    @Actor
    public void reader(II_Result result) {
        result.r1 = Scheduler.NONE;
        result.r2 = Scheduler.NONE;
        final int entry = MEMORY.find(0, address);
        if (entry != Scheduler.NONE) {
            final int version = MEMORY.version(entry);
            final int newest = MEMORY.member(entry, 0);
            final int older = MEMORY.member(entry, 1);
            if (MEMORY.isUnchanged(entry, version, 0, address)) {
                result.r1 = newest;
                result.r2 = older;
            }
        }
    }
}
