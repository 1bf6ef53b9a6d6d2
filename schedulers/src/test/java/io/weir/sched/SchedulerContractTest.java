package io.weir.sched;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.weir.sched.contract.ContractException;
import io.weir.sched.contract.SchedulerContract.Clause;
import java.util.Arrays;
import java.util.HashSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What every scheduler in the registry keeps to; a new one is tested by being in it. */
class SchedulerContractTest {
    static Stream<Arguments> clauses() {
        return Schedulers.names().stream()
                .flatMap(name -> Arrays.stream(Clause.values()).map(clause -> Arguments.of(name, clause)));
    }

    @ParameterizedTest
    @MethodSource("clauses")
    void shouldKeepToEveryClause(String name, Clause clause) throws ContractException {
        clause.check(name, () -> Schedulers.create(name));
    }

    @Test
    void shouldRefuseAnUnknownName() {
        assertThrows(IllegalArgumentException.class, () -> Schedulers.create("best"));
        assertTrue(Schedulers.isKnown(Schedulers.DEFAULT));
    }

    @Test
    void shouldKnowEveryNameOnce() {
        assertEquals(Schedulers.names().size(), new HashSet<>(Schedulers.names()).size());
    }
}
