package io.weir.dataplane;

import java.util.ArrayList;
import java.util.List;

/**
 * Writes classic BPF, forwards: jumps lead to labels that are bound later.
 *
 * <p><b>Layout</b>: an instruction is a {@code struct sock_filter} as a long: code 0-15, jt 16-23, jf 24-31, k 32-63.
 * Conditional jumps reach 255 instructions, so each is written over two unconditional ones, which reach any.
 *
 * <p><b>Source</b>: Documentation/networking/filter.rst.
 */
final class ClassicBpf {
    /** Offsets from here on count from the network header, whatever stands before it (SKF_NET_OFF). */
    static final int NETWORK = 0xFFF0_0000;
    /** The frame's EtherType without a tag that was stripped (SKF_AD_OFF + SKF_AD_PROTOCOL). */
    static final int PROTOCOL = 0xFFFF_F000;

    static final int LOAD_WORD = 0x20;
    static final int LOAD_HALF = 0x28;
    static final int LOAD_BYTE = 0x30;
    /** A = the 16 bits at X + k. */
    static final int LOAD_HALF_AT_X = 0x48;
    /** X = four times the low half of the byte at k: an IPv4 header's length. */
    static final int HEADER_LENGTH_TO_X = 0xb1;

    static final int LOAD_MEMORY = 0x60;
    static final int STORE_MEMORY = 0x02;
    static final int ADD_X = 0x0c;
    static final int MULTIPLY = 0x24;
    static final int AND = 0x54;
    static final int SHIFT_RIGHT = 0x74;
    static final int XOR = 0xa4;
    static final int XOR_X = 0xac;
    static final int JUMP = 0x05;
    static final int JUMP_IF_EQUAL = 0x15;
    static final int JUMP_IF_GREATER = 0x25;
    static final int JUMP_IF_AT_LEAST = 0x35;
    static final int JUMP_IF_BITS = 0x45;
    static final int RETURN = 0x06;
    static final int RETURN_A = 0x16;
    static final int A_TO_X = 0x07;

    /** Most instructions of a program (BPF_MAXINSNS). */
    static final int MOST = 4096;

    private static final int K_SHIFT = 32;
    /** jf = 1: the second of the two jumps behind a condition. */
    private static final long OTHERWISE = 1L << 24;

    /** A place in the program. */
    static final class Label {
        private int at = -1;
        private final List<Integer> jumps = new ArrayList<>();
    }

    private final List<Long> code = new ArrayList<>();

    /** Appends an instruction. */
    ClassicBpf add(int operation, int k) {
        code.add((long) k << K_SHIFT | operation);
        return this;
    }

    /** Appends one without an operand. */
    ClassicBpf add(int operation) {
        return add(operation, 0);
    }

    /** To one of two places. */
    ClassicBpf branch(int condition, int k, Label then, Label otherwise) {
        code.add((long) k << K_SHIFT | OTHERWISE | condition);
        return jump(then).jump(otherwise);
    }

    /** To a place, or on. */
    ClassicBpf branch(int condition, int k, Label then) {
        code.add((long) k << K_SHIFT | OTHERWISE | condition);
        return jump(then);
    }

    ClassicBpf jump(Label to) {
        to.jumps.add(code.size());
        return add(JUMP);
    }

    /** The place is here. */
    ClassicBpf bind(Label label) {
        label.at = code.size();
        for (int from : label.jumps) {
            code.set(from, (long) (label.at - from - 1) << K_SHIFT | JUMP);
        }
        return this;
    }

    int size() {
        return code.size();
    }

    long[] program() {
        final long[] program = new long[code.size()];
        for (int i = 0; i < program.length; i++) {
            program[i] = code.get(i);
        }
        return program;
    }
}
