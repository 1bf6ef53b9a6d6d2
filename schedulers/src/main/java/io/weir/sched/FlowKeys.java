package io.weir.sched;

import io.weir.packet.IpAddress;
import io.weir.packet.ProtocolNumbers;
import io.weir.service.Destination;

/**
 * What the hashing schedulers hash. The kernel's: addresses folded to 32 bits, and the client's port. Ours: 64 bits of the
 * whole address and the port.
 *
 * <p><b>Source</b>: ip_vs_sh_hashkey(), ip_vs_sh_get_port() in ip_vs_sh.c; hash_32() in include/linux/hash.h; the
 * finalizer of SplitMix64.
 */
final class FlowKeys {
    /** The kernel's GOLDEN_RATIO_32. */
    private static final int GOLDEN_RATIO = 0x61C8_8647;

    private FlowKeys() {}

    /** An IPv4 address as it is; the four words of an IPv6 address XORed. */
    static int fold(long hi, long lo) {
        if (IpAddress.isV4(hi, lo)) {
            return (int) lo;
        }
        final long words = hi ^ lo;
        return (int) (words ^ words >>> 32);
    }

    /** The client's port if the flow's protocol has ports, else 0. */
    static int sourcePort(Flow flow) {
        return switch (flow.protocol) {
            case ProtocolNumbers.TCP, ProtocolNumbers.UDP, ProtocolNumbers.SCTP -> flow.srcPort;
            default -> 0;
        };
    }

    /** The upper {@code bits} bits of a multiplicative hash. */
    static int hash32(int value, int bits) {
        return value * GOLDEN_RATIO >>> Integer.SIZE - bits;
    }

    /** A client's key in 64 well-mixed bits: its address, and its port if {@code port} says so. */
    static long client(Flow flow, boolean port) {
        return key(flow.srcHi, flow.srcLo, port ? sourcePort(flow) : 0);
    }

    /** A destination's key in 64 well-mixed bits: its address and port, whatever its slot and place in the list. */
    static long destination(Destination destination) {
        return key(destination.address().hi(), destination.address().lo(), destination.port());
    }

    private static long key(long hi, long lo, int port) {
        return mix(mix(mix(hi) ^ lo) + port);
    }

    /** A bijection of which each bit of the result depends on each bit of the value. */
    static long mix(long value) {
        long z = value + 0x9E37_79B9_7F4A_7C15L;
        z = (z ^ z >>> 30) * 0xBF58_476D_1CE4_E5B9L;
        z = (z ^ z >>> 27) * 0x94D0_49BB_1331_11EBL;
        return z ^ z >>> 31;
    }

    /** A key brought into 0 to {@code size - 1}, in proportion, from its upper half. */
    static int reduce(long key, int size) {
        return (int) ((key >>> 32) * size >>> 32);
    }
}
