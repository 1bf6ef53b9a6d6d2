package io.weir.sched;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.packet.IpAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** What theory promises of conhash, maglev and mh, on lists of any weights. */
class HashFamilyPropertyTest {
    private static final int CLIENTS = 4_000;
    private static final double BOUND = 1.25;

    @Provide
    Arbitrary<String> tables() {
        return Arbitraries.of("maglev", "mh");
    }

    /** Together below 1,024, so that every point of conhash's ring has room. */
    @Provide
    Arbitrary<List<Integer>> weights() {
        return Arbitraries.integers().between(0, 20).list().ofMinSize(2).ofMaxSize(30);
    }

    @Property(tries = 60)
    void shouldMoveOnlyTheClientsOfAServerTakenOutOfConhash(
            @ForAll("weights") List<Integer> weights, @ForAll @IntRange(max = 29) int which) {
        final TestService service = service("conhash", weights);
        final int gone = which % weights.size();
        final int[] before = choices(service);
        service.delete(gone);
        final int[] after = choices(service);
        for (int i = 0; i < CLIENTS; i++) {
            if (before[i] != gone) {
                assertEquals(before[i], after[i]);
            }
        }
        service.addSlot(gone, weights.get(gone));
        assertArrayEquals(before, choices(service), "whatever the list's order");
    }

    @Property(tries = 60)
    void shouldOnlyGiveToAServerThatGetsHeavierInConhash(
            @ForAll("weights") List<Integer> weights,
            @ForAll @IntRange(max = 29) int which,
            @ForAll @IntRange(min = 1, max = 20) int more) {
        final TestService service = service("conhash", weights);
        final int heavier = which % weights.size();
        final int[] before = choices(service);
        service.edit(heavier, weights.get(heavier) + more);
        final int[] after = choices(service);
        for (int i = 0; i < CLIENTS; i++) {
            assertTrue(after[i] == before[i] || after[i] == heavier, "before=" + before[i] + " after=" + after[i]);
        }
    }

    @Property(tries = 60)
    void shouldKeepWithinTheLoadBound(
            @ForAll @Size(min = 2, max = 30) List<@IntRange(min = 1, max = 50) Integer> weights,
            @ForAll @IntRange(min = 1, max = 5) int clients) {
        final TestService service = service("conhash", weights);
        final double total = weights.stream().mapToInt(Integer::intValue).sum();
        final long[] active = new long[weights.size()];
        for (int i = 1; i <= 1_000; i++) {
            client(service, i % clients);
            final int slot = service.open();
            active[slot]++;
            final double allowed = Math.ceil(BOUND * i * weights.get(slot) / total);
            assertTrue(active[slot] <= allowed, "connections=" + active[slot] + " allowed=" + allowed);
        }
    }

    /** The paper measures below 1 % at 100 entries a server; the kernel's small table is granted more. */
    @Property(tries = 40)
    void shouldMoveFewOthersWhenAServerIsTakenOutOfATable(
            @ForAll("tables") String name,
            @ForAll @IntRange(min = 3, max = 40) int servers,
            @ForAll @IntRange(max = 39) int which) {
        final TestService service = service(name, Collections.nCopies(servers, 1));
        final int gone = which % servers;
        final int[] before = choices(service);
        service.delete(gone);
        final int[] after = choices(service);
        int moved = 0;
        for (int i = 0; i < CLIENTS; i++) {
            moved += before[i] != gone && before[i] != after[i] ? 1 : 0;
        }
        assertTrue(moved < 0.1 * CLIENTS, "moved=" + moved);
    }

    @Property(tries = 40)
    void shouldShareTheTableByWeight(@ForAll("weights") List<Integer> weights) {
        final TestService service = new TestService("maglev", 0, new SchedulerOptions(1, 65_537, 0));
        for (int slot = 0; slot < weights.size(); slot++) {
            service.addSlot(slot, weights.get(slot));
        }
        final int total = weights.stream().mapToInt(Integer::intValue).sum();
        final int[] counts = counts(choices(service), weights.size());
        for (int slot = 0; slot < weights.size() && total > 0; slot++) {
            final double share = (double) weights.get(slot) / total;
            final double expected = CLIENTS * share;
            final double deviation = Math.sqrt(CLIENTS * share * (1 - share));
            assertTrue(
                    Math.abs(counts[slot] - expected) <= 5 * deviation + 2,
                    "count=" + counts[slot] + " expected=" + expected);
        }
    }

    @Property(tries = 40)
    void shouldFillTheSameMaglevTableInWhateverOrderServersCame(@ForAll("weights") List<Integer> weights) {
        final TestService one = service("maglev", weights);
        final TestService other = new TestService("maglev");
        for (int slot = weights.size() - 1; slot >= 0; slot--) {
            other.addSlot(slot, weights.get(slot));
        }
        assertArrayEquals(choices(one), choices(other));
    }

    @Property(tries = 40)
    void shouldNotGiveLessForMoreWeight(
            @ForAll("spread") String name,
            @ForAll @Size(min = 2, max = 10) List<@IntRange(min = 1, max = 10) Integer> weights,
            @ForAll @IntRange(max = 9) int which) {
        final int heavier = which % weights.size();
        final int before = countOf(name, weights, heavier);
        final List<Integer> more = new ArrayList<>(weights);
        more.set(heavier, weights.get(heavier) * 3);
        final int after = countOf(name, more, heavier);
        // two draws of the same binomial differ by less than this
        assertTrue(after >= before - 5 * Math.sqrt(CLIENTS / 2.0), name + ": before=" + before + " after=" + after);
    }

    @Provide
    Arbitrary<String> spread() {
        return Arbitraries.of("wrr", "sed", "wlc", "nq", "twos", "mh", "maglev", "conhash", "random", "p2c");
    }

    private static int countOf(String name, List<Integer> weights, int slot) {
        final TestService service = service(name, weights);
        int count = 0;
        for (int i = 0; i < CLIENTS; i++) {
            client(service, i);
            count += service.open() == slot ? 1 : 0;
        }
        return count;
    }

    @Property(tries = 60)
    void shouldGiveEveryConnectionToAUsableServer(
            @ForAll("names") String name,
            @ForAll("weights") List<Integer> weights,
            @ForAll @IntRange(max = 29) int which) {
        final TestService service = service(name, weights);
        final int full = which % weights.size();
        service.overloaded(full, true);
        boolean anyUsable = false;
        for (int slot = 0; slot < weights.size(); slot++) {
            anyUsable |= slot != full && weights.get(slot) > 0;
        }
        for (int i = 0; i < 500; i++) {
            client(service, i);
            final int slot = service.open();
            assertEquals(anyUsable, slot != Scheduler.NONE, name);
            assertTrue(slot == Scheduler.NONE || slot != full && weights.get(slot) > 0, name);
        }
    }

    /** All that never refuse while there is a usable server: not sh, dh, mh without fallback, not ovf and lblc. */
    @Provide
    Arbitrary<String> names() {
        return Arbitraries.of(Schedulers.names().stream()
                .filter(name -> !List.of("sh", "dh", "mh", "ovf", "lblc").contains(name))
                .toList());
    }

    private static TestService service(String name, List<Integer> weights) {
        final TestService service = new TestService(name);
        for (int slot = 0; slot < weights.size(); slot++) {
            service.addSlot(slot, weights.get(slot));
        }
        return service;
    }

    private static int[] choices(TestService service) {
        final int[] choices = new int[CLIENTS];
        for (int i = 0; i < CLIENTS; i++) {
            client(service, i);
            choices[i] = service.choose();
        }
        return choices;
    }

    private static int[] counts(int[] choices, int servers) {
        final int[] counts = new int[servers];
        for (final int slot : choices) {
            if (slot != Scheduler.NONE) {
                counts[slot]++;
            }
        }
        return counts;
    }

    private static void client(TestService service, int i) {
        service.flow().srcLo = IpAddress.v4(0x0B00_0000 + i * 7919);
    }
}
