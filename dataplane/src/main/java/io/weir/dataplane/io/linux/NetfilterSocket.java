package io.weir.dataplane.io.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Hands a batch of nftables messages to the kernel, which does all of them or none.
 *
 * <p>Keep it open: closing one waits until the kernel has freed all that was deleted, which takes grace periods of RCU.
 *
 * <p><b>Thread</b>: one at a time; the network namespace is that of the thread that opens it. <b>Source</b>: netlink(7),
 * nfnetlink_rcv_batch() and nft_rcv_nl_event() of the Linux kernel.
 */
public final class NetfilterSocket implements AutoCloseable {
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

    private final UnsafeBuffer memory = new UnsafeBuffer(ByteBuffer.allocateDirect(ANSWER_BYTES));
    private final int fd;
    private int sendBytes;

    /** Opens it. <b>Fails</b>: with a {@link NativeException}. */
    public NetfilterSocket() {
        fd = LibC.socket(AF_NETLINK, LinuxConstants.SOCK_RAW | LinuxConstants.SOCK_CLOEXEC, NETLINK_NETFILTER);
        LibC.check(fd, "socket", "NETLINK_NETFILTER");
        memory.putLong(0, ANSWER_WITHIN_S);
        memory.putLong(Long.BYTES, 0);
        LibC.setsockopt(fd, LinuxConstants.SOL_SOCKET, SO_RCVTIMEO, memory.addressOffset(), TIMEVAL_BYTES);
    }

    /**
     * Sends a batch and waits for what became of it.
     *
     * @param batch direct; from 0 to its limit
     * @param last the sequence number of the message that asks for an acknowledgement
     * @return 0, or the error number of the first refusal: nothing was done then
     * @throws NativeException if the kernel does not take or answer it; the socket is of no use any more
     */
    public int transact(ByteBuffer batch, int last) {
        makeRoom(batch.limit() + SPARE);
        forgetAnswers();
        LibC.check(LibC.send(fd, new UnsafeBuffer(batch).addressOffset(), batch.limit(), 0), "send", "nftables batch");
        return answer(last);
    }

    private void makeRoom(int bytes) {
        if (bytes <= sendBytes) {
            return;
        }
        sendBytes = bytes;
        memory.putInt(0, bytes);
        final long address = memory.addressOffset();
        // Forced needs CAP_NET_ADMIN in the first user namespace; without, what the kernel allows may do.
        if (LibC.setsockopt(fd, LinuxConstants.SOL_SOCKET, LinuxConstants.SO_SNDBUFFORCE, address, Integer.BYTES)
                == -1) {
            LibC.setsockopt(fd, LinuxConstants.SOL_SOCKET, SO_SNDBUF, address, Integer.BYTES);
        }
    }

    /**
     * Takes what is left of the batch before: the kernel answers each refused message, and the last one even so, in
     * datagrams of their own, all of which are there when it has taken the batch.
     */
    private void forgetAnswers() {
        for (int i = 0; i < MOST_ANSWERS; i++) {
            if (LibC.recv(fd, memory.addressOffset(), ANSWER_BYTES, LinuxConstants.MSG_DONTWAIT) == -1) {
                if (LibC.errno() == LinuxConstants.EAGAIN) {
                    return;
                }
                throw new NativeException("recv", LibC.errno(), "nftables batch");
            }
        }
        throw endless();
    }

    private static NativeException endless() {
        return new NativeException("recv", LinuxConstants.EIO, "nftables batch", "no end of answers");
    }

    private int answer(int last) {
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
        throw endless();
    }

    @Override
    public void close() {
        LibC.close(fd);
    }
}
