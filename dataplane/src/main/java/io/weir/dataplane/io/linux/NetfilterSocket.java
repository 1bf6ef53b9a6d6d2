package io.weir.dataplane.io.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Hands a batch of nftables messages to the kernel, which does all of them or none.
 *
 * <p><b>Thread</b>: any; the network namespace is that of the calling thread. <b>Source</b>: netlink(7), nfnetlink_rcv_batch()
 * of the Linux kernel.
 */
public final class NetfilterSocket {
    private static final int AF_NETLINK = 16;
    private static final int NETLINK_NETFILTER = 12;
    private static final int SO_SNDBUF = 7;
    private static final int SO_RCVTIMEO = 20;
    private static final int ANSWER_WITHIN_S = 5;
    private static final int TIMEVAL_BYTES = 16;
    private static final int NLMSG_ERROR = 2;
    private static final int HEADER_BYTES = 16;
    private static final int TYPE_AT = 4;
    private static final int SEQUENCE_AT = 8;
    private static final int ANSWER_BYTES = 32_768;
    /** More refusals than that are not waited for. */
    private static final int MOST_ANSWERS = 1_000;
    /** What the kernel takes is a little less than the buffer's size. */
    private static final int SPARE = 65_536;

    private NetfilterSocket() {}

    /**
     * Sends a batch and waits for what became of it.
     *
     * @param batch direct; from 0 to its limit
     * @param last the sequence number of the message that asks for an acknowledgement
     * @return 0, or the error number of the first refusal: nothing was done then
     */
    public static int transact(ByteBuffer batch, int last) {
        final int fd =
                LibC.socket(AF_NETLINK, LinuxConstants.SOCK_RAW | LinuxConstants.SOCK_CLOEXEC, NETLINK_NETFILTER);
        LibC.check(fd, "socket", "NETLINK_NETFILTER");
        try {
            final UnsafeBuffer memory = new UnsafeBuffer(ByteBuffer.allocateDirect(ANSWER_BYTES));
            final long address = memory.addressOffset();
            memory.putInt(0, batch.limit() + SPARE);
            // Forced needs CAP_NET_ADMIN in the first user namespace; without, what the kernel allows may do.
            if (LibC.setsockopt(fd, LinuxConstants.SOL_SOCKET, LinuxConstants.SO_SNDBUFFORCE, address, Integer.BYTES)
                    == -1) {
                LibC.setsockopt(fd, LinuxConstants.SOL_SOCKET, SO_SNDBUF, address, Integer.BYTES);
            }
            memory.putLong(0, ANSWER_WITHIN_S);
            memory.putLong(Long.BYTES, 0);
            LibC.setsockopt(fd, LinuxConstants.SOL_SOCKET, SO_RCVTIMEO, address, TIMEVAL_BYTES);
            LibC.check(
                    LibC.send(fd, new UnsafeBuffer(batch).addressOffset(), batch.limit(), 0), "send", "nftables batch");
            return answer(fd, memory, last);
        } finally {
            LibC.close(fd);
        }
    }

    private static int answer(int fd, UnsafeBuffer memory, int last) {
        int refusal = 0;
        for (int i = 0; i < MOST_ANSWERS; i++) {
            final long got = LibC.recv(fd, memory.addressOffset(), ANSWER_BYTES, 0);
            LibC.check(got, "recv", "nftables batch");
            int at = 0;
            while (at + HEADER_BYTES + Integer.BYTES <= got) {
                final int length = memory.getInt(at, ByteOrder.nativeOrder());
                if (memory.getShort(at + TYPE_AT, ByteOrder.nativeOrder()) == NLMSG_ERROR) {
                    final int error = -memory.getInt(at + HEADER_BYTES, ByteOrder.nativeOrder());
                    refusal = refusal == 0 ? error : refusal;
                    if (memory.getInt(at + SEQUENCE_AT, ByteOrder.nativeOrder()) == last) {
                        return refusal;
                    }
                }
                at += Math.max(HEADER_BYTES, length + 3 & ~3);
            }
            if (refusal != 0) {
                return refusal;
            }
        }
        throw new IllegalStateException("nftables: no end of answers");
    }
}
