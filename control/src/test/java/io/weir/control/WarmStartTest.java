package io.weir.control;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class WarmStartTest {
    @Test
    void shouldGoTheWayOfCommandsThatAreTaken() {
        assertEquals(0, WarmStart.run(true));
    }
}
