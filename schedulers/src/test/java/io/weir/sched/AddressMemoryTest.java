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
            memory.add(0, 7, slot);
            memory.add(0, 7, slot);
        }
        final int entry = memory.find(0, 7);
        assertEquals("4 3 2", memory.member(entry, 0) + " " + memory.member(entry, 1) + " " + memory.member(entry, 2));
        assertEquals(Scheduler.NONE, memory.find(0, 8));
    }

    @Test
    void shouldTellThatAnEntryChanged() {
        final AddressMemory memory = new AddressMemory(2);
        memory.add(0, 7, 1);
        final int entry = memory.find(0, 7);
        final int version = memory.version(entry);
        assertTrue(memory.isUnchanged(entry, version, 0, 7));
        memory.add(0, 7, 2);
        assertFalse(memory.isUnchanged(entry, version, 0, 7));
    }

    @Test
    void shouldLoseAlmostNoneOfAsManyAddressesAsTheKernelKeeps() {
        final AddressMemory memory = new AddressMemory(1);
        for (int i = 0; i < 16_384; i++) {
            memory.add(0, 0xFFFF_0000_0000L + i * 3L, i);
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
            memory.add(i, i, i & 0xFFFF);
            assertNotEquals(Scheduler.NONE, memory.find(i, i));
        }
    }
}
