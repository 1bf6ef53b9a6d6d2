package io.weir.dataplane.io.linux;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

/** Instructions as RFC 9669 encodes them: opcode, registers, offset, immediate from the lowest byte up. */
class BpfAssemblerTest {
    private static long only(BpfAssembler code) {
        final long[] program = code.assemble();
        assertEquals(1, program.length);
        return program[0];
    }

    private static BpfAssembler code() {
        return new BpfAssembler();
    }

    @Test
    void shouldLoadEachSize() {
        assertEquals(0x0000_0000_000C_1271L, only(code().load(1, 2, 1, 12)));
        assertEquals(0x0000_0000_000C_1269L, only(code().load(2, 2, 1, 12)));
        assertEquals(0x0000_0000_000C_1261L, only(code().load(4, 2, 1, 12)));
        assertEquals(0x0000_0000_000C_1279L, only(code().load(8, 2, 1, 12)));
        assertThrows(IllegalArgumentException.class, () -> code().load(3, 0, 0, 0));
    }

    @Test
    void shouldStoreBelowTheFramePointer() {
        assertEquals(0x0000_0000_FFF0_1A7BL, only(code().store(8, 10, -16, 1)));
        assertEquals(0xFFFF_0000_FFF8_0A62L, only(code().storeValue(4, 10, -8, 0xFFFF_0000)));
    }

    @Test
    void shouldCalculate() {
        assertEquals(0x0000_0000_0000_61BFL, only(code().move(1, 6)));
        assertEquals(0x0000_0002_0000_00B7L, only(code().moveValue(0, 2)));
        assertEquals(0x0000_0000_0000_190FL, only(code().add(9, 1)));
        assertEquals(0xFFFF_FFF0_0000_0207L, only(code().addValue(2, -16)));
        assertEquals(0x0000_000F_0000_0157L, only(code().andValue(1, 15)));
        assertEquals(0x0000_0002_0000_0167L, only(code().shiftLeft(1, 2)));
    }

    @Test
    void shouldLoadAMapInTwoInstructions() {
        assertArrayEquals(
                new long[] {0x0000_0007_0000_1118L, 0}, code().loadMap(1, 7).assemble());
    }

    @Test
    void shouldCallAndEnd() {
        assertArrayEquals(
                new long[] {0x0000_0033_0000_0085L, 0x95L},
                code().call(51).exit().assemble());
    }

    @Test
    void shouldCountJumpsFromTheNextInstruction() {
        final BpfAssembler code = code();
        final int end = code.label();
        final int start = code.label();
        code.bind(start).jumpIfEqual(3, 8, end).jumpIfGreater(2, 8, end).jumpIfBits(1, 2, end);
        code.jumpIfNotEqual(1, 0, start).jump(end).bind(end).exit();
        assertArrayEquals(
                new long[] {
                    0x0000_0008_0004_0315L,
                    0x0000_0000_0003_822DL,
                    0x0000_0002_0002_0145L,
                    0x0000_0000_FFFC_0155L,
                    0x0000_0000_0000_0005L,
                    0x95L
                },
                code.assemble());
    }

    @Test
    void shouldRefuseAJumpToNowhere() {
        final BpfAssembler code = code();
        code.jump(code.label());
        assertThrows(IllegalStateException.class, code::assemble);
    }

    @Test
    void shouldRefuseAJumpThatIsTooFar() {
        final BpfAssembler code = code();
        final int far = code.label();
        code.jump(far);
        for (int n = 0; n < 40_000; n++) {
            code.exit();
        }
        code.bind(far);
        assertThrows(IllegalStateException.class, code::assemble);
    }
}
