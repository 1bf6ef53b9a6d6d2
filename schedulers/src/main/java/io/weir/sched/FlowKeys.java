package io.weir.sched;

import io.weir.packet.IpAddress;
import io.weir.packet.ProtocolNumbers;

/**
 * What the hashing schedulers hash: addresses folded to 32 bits, and the client's port.
 *
 * <p><b>Source</b>: ip_vs_sh_hashkey(), ip_vs_sh_get_port() in ip_vs_sh.c; hash_32() in include/linux/hash.h.
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
}
