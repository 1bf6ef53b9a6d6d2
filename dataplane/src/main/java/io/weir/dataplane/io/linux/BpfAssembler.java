package io.weir.dataplane.io.linux;

import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes eBPF instructions: as much of them as {@link io.weir.dataplane.io XDP programs} here need.
 *
 * <p><b>Layout</b> of an instruction, eight bytes in host order: opcode 0, registers 1 (destination in the low half),
 * offset 2..3 (signed), immediate 4..7 (signed). Loading a map takes two of them.
 *
 * <p><b>Units</b>: registers are 0 to 10 (10 = frame pointer); a label is a number from {@link #label}; sizes of loads and
 * stores are 1, 2, 4 or 8 bytes.
 *
 * <p><b>Thread</b>: one. <b>Source</b>: RFC 9669
 */
public final class BpfAssembler {
    private static final int LOAD = 0x61;
    private static final int STORE_IMMEDIATE = 0x62;
    private static final int STORE = 0x63;
    private static final int ADD = 0x07;
    private static final int AND = 0x57;
    private static final int SHIFT_LEFT = 0x67;
    private static final int MOVE = 0xb7;
    private static final int WITH_REGISTER = 0x08;
    private static final int LOAD_IMMEDIATE_64 = 0x18;
    private static final int JUMP = 0x05;
    private static final int JUMP_IF_EQUAL = 0x15;
    private static final int JUMP_IF_GREATER = 0x25;
    private static final int JUMP_IF_BITS = 0x45;
    private static final int JUMP_IF_NOT_EQUAL = 0x55;
    private static final int CALL = 0x85;
    private static final int EXIT = 0x95;
    /** In the source register of a 64-bit load: the immediate is a map's file descriptor. */
    private static final int PSEUDO_MAP_FD = 1;

    private static final int UNBOUND = -1;
    private static final long OFFSET_MASK = 0xFFFF_0000L;

    private final List<Long> instructions = new ArrayList<>();
    /** Pairs: index of a jump, its label. */
    private final List<int[]> jumps = new ArrayList<>();

    private final List<Integer> labels = new ArrayList<>();

    /** Opcode, offset and immediate; the instruction as the eight bytes of a little-endian long. */
    private BpfAssembler add(int opcode, int to, int from, int offset, int immediate) {
        instructions.add((opcode & 0xFFL)
                | (to & 0xFL) << 8
                | (from & 0xFL) << 12
                | (offset & 0xFFFFL) << 16
                | (immediate & 0xFFFF_FFFFL) << 32);
        return this;
    }

    private static int sized(int opcode, int bytes) {
        return opcode
                | switch (bytes) {
                    case 4 -> 0;
                    case 2 -> 0x08;
                    case 1 -> 0x10;
                    case 8 -> 0x18;
                    default -> throw new IllegalArgumentException("a load or store has 1, 2, 4 or 8 bytes: " + bytes);
                };
    }

    /** {@code to = *(from + offset)}, in host order, filled up with zeros. */
    public BpfAssembler load(int bytes, int to, int from, int offset) {
        return add(sized(LOAD, bytes), to, from, offset, 0);
    }

    /** {@code *(to + offset) = from}. */
    public BpfAssembler store(int bytes, int to, int offset, int from) {
        return add(sized(STORE, bytes), to, from, offset, 0);
    }

    /** {@code *(to + offset) = value}. */
    public BpfAssembler storeValue(int bytes, int to, int offset, int value) {
        return add(sized(STORE_IMMEDIATE, bytes), to, 0, offset, value);
    }

    /** {@code to = from}. */
    public BpfAssembler move(int to, int from) {
        return add(MOVE | WITH_REGISTER, to, from, 0, 0);
    }

    /** {@code to = value}. */
    public BpfAssembler moveValue(int to, int value) {
        return add(MOVE, to, 0, 0, value);
    }

    /** {@code to += from}. */
    public BpfAssembler add(int to, int from) {
        return add(ADD | WITH_REGISTER, to, from, 0, 0);
    }

    /** {@code to += value}. */
    public BpfAssembler addValue(int to, int value) {
        return add(ADD, to, 0, 0, value);
    }

    /** {@code to &= value}. */
    public BpfAssembler andValue(int to, int value) {
        return add(AND, to, 0, 0, value);
    }

    /** {@code to <<= bits}. */
    public BpfAssembler shiftLeft(int to, int bits) {
        return add(SHIFT_LEFT, to, 0, 0, bits);
    }

    /** {@code to} = the map behind a file descriptor. */
    public BpfAssembler loadMap(int to, int fd) {
        add(LOAD_IMMEDIATE_64, to, PSEUDO_MAP_FD, 0, fd);
        return add(0, 0, 0, 0, 0);
    }

    /** A name for a place, to be bound by {@link #bind} before or after jumps to it. */
    public int label() {
        labels.add(UNBOUND);
        return labels.size() - 1;
    }

    /** The label means the next instruction. */
    public BpfAssembler bind(int label) {
        labels.set(label, instructions.size());
        return this;
    }

    /** Always jumps. */
    public BpfAssembler jump(int label) {
        return jump(JUMP, 0, 0, 0, label);
    }

    /** Jumps if {@code register == value}. */
    public BpfAssembler jumpIfEqual(int register, int value, int label) {
        return jump(JUMP_IF_EQUAL, register, 0, value, label);
    }

    /** Jumps if {@code register != value}. */
    public BpfAssembler jumpIfNotEqual(int register, int value, int label) {
        return jump(JUMP_IF_NOT_EQUAL, register, 0, value, label);
    }

    /** Jumps if {@code (register & bits) != 0}. */
    public BpfAssembler jumpIfBits(int register, int bits, int label) {
        return jump(JUMP_IF_BITS, register, 0, bits, label);
    }

    /** Jumps if {@code register > than}, both registers, unsigned. */
    public BpfAssembler jumpIfGreater(int register, int than, int label) {
        return jump(JUMP_IF_GREATER | WITH_REGISTER, register, than, 0, label);
    }

    private BpfAssembler jump(int opcode, int register, int other, int value, int label) {
        jumps.add(new int[] {instructions.size(), label});
        return add(opcode, register, other, 0, value);
    }

    /** Calls a helper of the kernel: arguments in registers 1 to 5, which it destroys; result in register 0. */
    public BpfAssembler call(int helper) {
        return add(CALL, 0, 0, 0, helper);
    }

    /** Ends the program; register 0 is its result. */
    public BpfAssembler exit() {
        return add(EXIT, 0, 0, 0, 0);
    }

    /** The instructions, each as a long whose memory in host order is what the kernel wants. */
    public long[] assemble() {
        if (ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN) {
            throw new IllegalStateException("eBPF programs are made for little-endian machines only");
        }
        final long[] program = instructions.stream().mapToLong(Long::longValue).toArray();
        for (final int[] jump : jumps) {
            final int target = labels.get(jump[1]);
            if (target == UNBOUND) {
                throw new IllegalStateException("a jump goes to a label without a place: instruction=" + jump[0]);
            }
            final int distance = target - jump[0] - 1;
            if (distance != (short) distance) {
                throw new IllegalStateException("a jump is too far: instruction=" + jump[0] + " distance=" + distance);
            }
            program[jump[0]] |= (long) distance << 16 & OFFSET_MASK;
        }
        return program;
    }
}
