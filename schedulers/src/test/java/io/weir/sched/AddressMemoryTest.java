package io.weir.sched;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class AddressMemoryTest {
    @Test
    void shouldRememberTheNewestMembersInFront() {
        final AddressMemory memory = new AddressMemory(3);
        for (int slot = 1; slot <= 4; slot++) {
            memory.add(0, 7, slot, 0);
            memory.add(0, 7, slot, 0);
        }
        final int entry = memory.find(0, 7);
        assertEquals("4 3 2", memory.member(entry, 0) + " " + memory.member(entry, 1) + " " + memory.member(entry, 2));
        assertEquals(Scheduler.NONE, memory.find(0, 8));
    }

    @Test
    void shouldTellThatAnEntryChanged() {
        final AddressMemory memory = new AddressMemory(2);
        memory.add(0, 7, 1, 0);
        final int entry = memory.find(0, 7);
        final int version = memory.version(entry);
        assertTrue(memory.isUnchanged(entry, version, 0, 7));
        memory.add(0, 7, 2, 0);
        assertFalse(memory.isUnchanged(entry, version, 0, 7));
    }

    @Test
    void shouldLoseAlmostNoneOfAsManyAddressesAsTheKernelKeeps() {
        final AddressMemory memory = new AddressMemory(1);
        for (int i = 0; i < 16_384; i++) {
            memory.add(0, 0xFFFF_0000_0000L + i * 3L, i, 0);
        }
        int lost = 0;
        for (int i = 0; i < 16_384; i++) {
            final int entry = memory.find(0, 0xFFFF_0000_0000L + i * 3L);
            lost += entry == Scheduler.NONE || memory.member(entry, 0) != i ? 1 : 0;
        }
        assertTrue(lost < 16, "lost=" + lost);
    }

    @Test
    void shouldGoOnRememberingWhenFull() {
        final AddressMemory memory = new AddressMemory(2);
        for (int i = 0; i < 200_000; i++) {
            memory.add(i, i, i & 0xFFFF, 0);
            assertNotEquals(Scheduler.NONE, memory.find(i, i));
        }
    }

    private static final long MINUTE_NS = 60_000_000_000L;
    private static final long DAY_NS = 1440 * MINUTE_NS;

    @Test
    void shouldForgetWhatWasNotUsedForADayEveryThirtiethMinute() {
        final AddressMemory memory = new AddressMemory(1);
        memory.advance(0, DAY_NS);
        memory.add(0, 7, 1, 0);
        memory.add(0, 8, 1, 0);
        memory.advance(1439 * MINUTE_NS, DAY_NS);
        memory.touch(memory.find(0, 8), 1439 * MINUTE_NS);
        assertNotEquals(Scheduler.NONE, memory.find(0, 7));
        // 30 minutes, then every 30 again: the first that finds it a day old is at 1440
        memory.advance(1440 * MINUTE_NS, DAY_NS);
        assertEquals(Scheduler.NONE, memory.find(0, 7));
        assertNotEquals(Scheduler.NONE, memory.find(0, 8));
        memory.add(0, 7, 2, 1440 * MINUTE_NS);
        assertEquals(2, memory.member(memory.find(0, 7), 0));
    }

    @Test
    void shouldKeepASmallMemoryBetweenFullChecks() {
        final AddressMemory memory = new AddressMemory(1);
        memory.advance(0, 10 * MINUTE_NS);
        memory.add(0, 7, 1, 0);
        memory.advance(29 * MINUTE_NS, 10 * MINUTE_NS);
        assertNotEquals(Scheduler.NONE, memory.find(0, 7));
        memory.advance(30 * MINUTE_NS, 10 * MINUTE_NS);
        assertEquals(Scheduler.NONE, memory.find(0, 7));
    }

    @Test
    void shouldForgetAThirdMoreThanTheSurplusOfWhatWasIdleForSixMinutes() {
        final AddressMemory memory = new AddressMemory(1);
        memory.advance(0, DAY_NS);
        final int many = 16_384 + 300;
        for (int i = 0; i < many; i++) {
            memory.add(0, 0xFFFF_0000_0000L + i, 1, 0);
        }
        memory.advance(5 * MINUTE_NS, DAY_NS);
        assertEquals(many, remembered(memory, many));
        memory.advance(6 * MINUTE_NS, DAY_NS);
        final int gone = many - remembered(memory, many);
        // whole buckets of some 16
        assertTrue(gone >= 400 && gone < 400 + 32, "gone=" + gone);
        memory.advance(7 * MINUTE_NS, DAY_NS);
        assertEquals(many - gone, remembered(memory, many));
    }

    private static int remembered(AddressMemory memory, int many) {
        int count = 0;
        for (int i = 0; i < many; i++) {
            count += memory.find(0, 0xFFFF_0000_0000L + i) != Scheduler.NONE ? 1 : 0;
        }
        return count;
    }

    @Test
    void shouldTakeTheMostLoadedOutOfASetThatHasNotChangedForADay() {
        final TestService service = new TestService("lblcr").add(2, 2, 4);
        assertEquals(2, service.choose());
        service.active(2, 5); // hot: the set grows
        final int second = service.choose();
        service.active(2, -5);
        service.active(second, 1);
        service.flow().nowNs = DAY_NS;
        assertEquals(2, service.choose());
        service.active(2, 1);
        service.flow().nowNs = DAY_NS + 1; // longer than a day: the second goes, which has more for its weight
        assertEquals(2, service.choose());
        service.active(2, 3);
        assertEquals(2, service.choose());
    }
}
