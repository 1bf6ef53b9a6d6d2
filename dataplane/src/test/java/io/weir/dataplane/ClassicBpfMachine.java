package io.weir.dataplane;

import java.nio.ByteBuffer;

/** Runs classic BPF as the kernel does, on a packet that begins with its network header. */
final class ClassicBpfMachine {
    private static final int MOST_STEPS = 5_000;

    private final long[] program;

    ClassicBpfMachine(long[] program) {
        this.program = program.clone();
    }

    /** What the program returns; 0 if it loads what is not there. */
    int run(int etherType, byte[] packet) {
        final ByteBuffer bytes = ByteBuffer.wrap(packet);
        final int[] memory = new int[16];
        int a = 0;
        int x = 0;
        int at = 0;
        for (int step = 0; step < MOST_STEPS; step++) {
            final long instruction = program[at++];
            final int k = (int) (instruction >>> 32);
            final int offset = k - ClassicBpf.NETWORK;
            switch ((int) instruction & 0xFFFF) {
                case 0x20 -> {
                    if (k == ClassicBpf.PROTOCOL) {
                        a = etherType;
                    } else if (offset < 0 || offset + 4 > packet.length) {
                        return 0;
                    } else {
                        a = bytes.getInt(offset);
                    }
                }
                case 0x28 -> {
                    if (offset < 0 || offset + 2 > packet.length) {
                        return 0;
                    }
                    a = bytes.getShort(offset) & 0xFFFF;
                }
                case 0x30 -> {
                    if (offset < 0 || offset >= packet.length) {
                        return 0;
                    }
                    a = packet[offset] & 0xFF;
                }
                case 0x48 -> {
                    if (x + offset < 0 || x + offset + 2 > packet.length) {
                        return 0;
                    }
                    a = bytes.getShort(x + offset) & 0xFFFF;
                }
                case 0xb1 -> x = (packet[offset] & 0xF) * 4;
                case 0x60 -> a = memory[k];
                case 0x02 -> memory[k] = a;
                case 0x0c -> a += x;
                case 0x24 -> a *= k;
                case 0x54 -> a &= k;
                case 0x74 -> a >>>= k;
                case 0xa4 -> a ^= k;
                case 0xac -> a ^= x;
                case 0x07 -> x = a;
                case 0x05 -> at += k;
                case 0x15 -> at += jump(instruction, a == k);
                case 0x25 -> at += jump(instruction, Integer.compareUnsigned(a, k) > 0);
                case 0x35 -> at += jump(instruction, Integer.compareUnsigned(a, k) >= 0);
                case 0x45 -> at += jump(instruction, (a & k) != 0);
                case 0x06 -> {
                    return k;
                }
                case 0x16 -> {
                    return a;
                }
                default -> throw new AssertionError("no such instruction: " + Long.toHexString(instruction));
            }
        }
        throw new AssertionError("the program does not end");
    }

    private static int jump(long instruction, boolean taken) {
        return (int) (instruction >>> (taken ? 16 : 24)) & 0xFF;
    }
}
