package io.weir.control.lab;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Directors die under hundreds of transfers through every forwarding method, come back, and no transfer notices. */
@Tag("netns")
@Tag("once")
final class FailoverIT {
    private static final int EACH_WAY = 25;
    private static final List<String> VIPS =
            FailoverLab.METHODS.stream().map(FailoverLab::vip).toList();

    @SuppressWarnings("NullAway.Init") // set before each test
    private FailoverLab lab;

    @BeforeEach
    void open() throws IOException {
        lab = new FailoverLab();
    }

    @AfterEach
    void close() {
        lab.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.25", "1"})
    void shouldLoseNoTransferWhenTheMasterDiesAndWhenItComesBack(String advertInt) throws IOException {
        final Background first = lab.pairMember(1, 150, advertInt);
        lab.await(first, 1, "MASTER");
        lab.serve();
        final Background moving = lab.move(EACH_WAY, VIPS);
        final Background second = lab.pairMember(2, 100, advertInt);
        lab.await(second, 2, "BACKUP");
        final int all = 2 * EACH_WAY * VIPS.size();
        awaitConnections(second, 2, all);

        first.kill();
        final long movedMs = lab.await(second, 2, "MASTER");
        Background.pause(1_000);

        final Background again = lab.pairMember(1, 150, advertInt);
        final long backMs = lab.await(again, 1, "MASTER");
        lab.await(second, 2, "BACKUP");
        assertTrue(
                lab.counter(1, "sync.tables_got") > 0,
                () -> "it took the VIP before it had the table\n" + again.output());
        awaitConnections(again, 1, all);
        Background.pause(1_000);
        assertTrue(moving.isAlive(), moving::output);

        final String said = finish(moving);
        System.out.println("advert_int " + advertInt + ": the VIP moved after " + movedMs + " ms, back " + backMs
                + " ms after the start\n" + said.strip());
        assertAllRight(said);
        for (Background each : List.of(second, again)) {
            assertFalse(each.output().contains("event=bug"), each::output);
        }
    }

    /** With the settings that docs/high-availability.md names for it, what is a tenth of a second old is known to the other. */
    @Test
    void shouldKeepWhatWasOpenedJustBeforeTheKill() throws IOException {
        final Background first = lab.eagerMember(1, 150);
        lab.await(first, 1, "MASTER");
        final Background second = lab.eagerMember(2, 100);
        lab.await(second, 2, "BACKUP");
        lab.serve();
        final Background moving = lab.open(EACH_WAY, VIPS);

        Background.pause(100);
        first.kill();
        lab.await(second, 2, "MASTER");
        assertAllRight(finish(moving));
        assertFalse(second.output().contains("event=bug"), second::output);
    }

    /** No other director: the table in its file is what the next process begins with. */
    @Test
    void shouldLoseNoTransferWhenTheOnlyDirectorIsKilledAndStartedAgain() throws IOException {
        lab.director(1).ip("addr add 10.2.0.254/24 dev s0\n");
        final Background first = lab.alone(1);
        lab.serve();
        final Background moving = lab.move(EACH_WAY, VIPS);

        first.kill();
        final long beginNs = System.nanoTime();
        final Background again = lab.alone(1);
        final long startMs = (System.nanoTime() - beginNs) / 1_000_000;
        Background.pause(1_000);
        assertTrue(moving.isAlive(), moving::output);

        final String said = finish(moving);
        System.out.println("restarted in " + startMs + " ms\n" + said.strip());
        assertAllRight(said);
        assertFalse(again.output().contains("event=bug"), again::output);
    }

    private void awaitConnections(Background director, int number, int all) {
        try {
            director.awaitUntil(FailoverLab.LIMIT, () -> lab.counter(number, "sync.made") >= all);
        } catch (LabException e) {
            throw new LabException(lab.everything(), e);
        }
    }

    private String finish(Background moving) throws IOException {
        try {
            return lab.finish(moving);
        } catch (LabException e) {
            throw new LabException(moving.output() + lab.everything(), e);
        }
    }

    private static void assertAllRight(String said) {
        for (String vip : VIPS) {
            assertTrue(said.contains(vip + " right " + 2 * EACH_WAY + " "), said);
        }
    }
}
