package io.weir.dataplane.io.linux;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One AF_PACKET socket: options, at most one ring, statistics.
 *
 * <p>It is made with protocol 0 and hears nothing until {@link #bind}: frames of other interfaces must not gather while
 * the ring is set up.
 *
 * <p><b>Thread</b>: its device's. <b>Fails</b>: with a {@link NativeException} that names the interface.
 */
public final class PacketSocket implements AutoCloseable {
    private static final int ADDRESS_BYTES = 20;
    private static final int SCRATCH_BYTES = 64;
    /** In scratch: the length argument of getsockopt. */
    private static final int LENGTH_AT = 48;

    private final UnsafeBuffer scratch = new UnsafeBuffer(ByteBuffer.allocateDirect(SCRATCH_BYTES));
    private final String interfaceName;
    private final int fd;
    private long ringAddress;
    private long ringBytes;
    private @Nullable UnsafeBuffer ring;

    public PacketSocket(String interfaceName) {
        this.interfaceName = interfaceName;
        this.fd = LibC.socket(LinuxConstants.AF_PACKET, LinuxConstants.SOCK_RAW | LinuxConstants.SOCK_CLOEXEC, 0);
        if (fd == -1) {
            final int errno = LibC.errno();
            if (errno == LinuxConstants.EPERM) {
                throw new NativeException("socket", errno, "afpacket", "needs CAP_NET_RAW (run as root)");
            }
            throw new NativeException("socket", errno, "afpacket");
        }
    }

    /** The file descriptor. */
    public int fd() {
        return fd;
    }

    /** Sets an int option; fails with the option's name. */
    public void option(int level, int name, int value, String label) {
        if (trySet(level, name, value) == -1) {
            final int errno = LibC.errno();
            final String argument = "afpacket " + interfaceName;
            final String syscall = "setsockopt(" + label + ")";
            throw errno == LinuxConstants.EPERM
                    ? new NativeException(syscall, errno, argument, "needs CAP_NET_ADMIN (run as root)")
                    : new NativeException(syscall, errno, argument);
        }
    }

    /** Sets an int option of SOL_PACKET if the kernel has it. */
    public boolean optionIfKnown(int name, int value) {
        return trySet(LinuxConstants.SOL_PACKET, name, value) == 0;
    }

    private int trySet(int level, int name, int value) {
        scratch.putInt(0, value);
        return LibC.setsockopt(fd, level, name, scratch.addressOffset(), Integer.BYTES);
    }

    /**
     * Lets through only what a classic BPF program returns more than 0 for.
     *
     * @param program struct sock_filter as longs: code 0, jt 2, jf 3, k 4
     */
    public void filter(long[] program) {
        attach(LinuxConstants.SOL_SOCKET, LinuxConstants.SO_ATTACH_FILTER, program, "SO_ATTACH_FILTER");
    }

    /** Lets everything through again. */
    public void unfilter() {
        option(LinuxConstants.SOL_SOCKET, LinuxConstants.SO_DETACH_FILTER, 0, "SO_DETACH_FILTER");
    }

    /**
     * Joins a fan-out group whose program chooses the member; bound already.
     *
     * @param group its number, or -1 for a new one
     * @return its number
     */
    public int fanout(int group) {
        final int flags = LinuxConstants.PACKET_FANOUT_FLAG_IGNORE_OUTGOING
                | (group < 0 ? LinuxConstants.PACKET_FANOUT_FLAG_UNIQUEID : 0);
        final int number = Math.max(group, 0) | (LinuxConstants.PACKET_FANOUT_CBPF | flags) << Short.SIZE;
        option(LinuxConstants.SOL_PACKET, LinuxConstants.PACKET_FANOUT, number, "PACKET_FANOUT");
        scratch.putInt(LENGTH_AT, Integer.BYTES);
        final int got = LibC.getsockopt(
                fd,
                LinuxConstants.SOL_PACKET,
                LinuxConstants.PACKET_FANOUT,
                scratch.addressOffset(),
                scratch.addressOffset() + LENGTH_AT);
        LibC.check(got, "getsockopt(PACKET_FANOUT)", "afpacket " + interfaceName);
        return scratch.getInt(0) & 0xFFFF;
    }

    /** Gives the socket's fan-out group its program, which chooses the member; also while frames come. */
    public void fanoutProgram(long[] program) {
        attach(LinuxConstants.SOL_PACKET, LinuxConstants.PACKET_FANOUT_DATA, program, "PACKET_FANOUT_DATA");
    }

    /** Memory of its own: the device's thread may be using the scratch. */
    private void attach(int level, int option, long[] program, String label) {
        final UnsafeBuffer instructions = new UnsafeBuffer(ByteBuffer.allocateDirect(program.length * Long.BYTES));
        for (int i = 0; i < program.length; i++) {
            instructions.putLong(i * Long.BYTES, program[i]);
        }
        // struct sock_fprog: len 0, filter 8.
        final UnsafeBuffer header = new UnsafeBuffer(ByteBuffer.allocateDirect(16));
        header.putLong(0, program.length);
        header.putLong(8, instructions.addressOffset());
        try {
            final int set = LibC.setsockopt(fd, level, option, header.addressOffset(), 16);
            LibC.check(set, "setsockopt(" + label + ")", "afpacket " + interfaceName);
        } finally {
            Reference.reachabilityFence(instructions);
            Reference.reachabilityFence(header);
        }
    }

    /** Sets up a ring of fixed slots ({@code option} says RX or TX) and maps it. */
    public UnsafeBuffer slotRing(int option, int slots, int slotBytes) {
        final int blockBytes = blockBytes(slots, slotBytes);
        request(blockBytes, slots / (blockBytes / slotBytes), slotBytes, slots);
        return map(option, TpacketRing.REQUEST_BYTES, (long) slots * slotBytes);
    }

    /** Slots in a block: the kernel wants blocks of whole pages without a rest; 64 KiB it finds easily. */
    private static int blockBytes(int slots, int slotBytes) {
        return (int) Math.min((long) slots * slotBytes, Math.max(1 << 16, slotBytes));
    }

    /** Sets up a V3 receive ring of blocks and maps it. */
    public UnsafeBuffer blockRing(int blocks, int blockBytes, int retireMs) {
        final int nominalFrame = 1 << 11;
        request(blockBytes, blocks, nominalFrame, blocks * (blockBytes / nominalFrame));
        scratch.putInt(TpacketRing.REQUEST_RETIRE_MS, retireMs);
        scratch.putInt(TpacketRing.REQUEST_RETIRE_MS + 4, 0);
        scratch.putInt(TpacketRing.REQUEST_RETIRE_MS + 8, 0);
        return map(LinuxConstants.PACKET_RX_RING, TpacketRing.REQUEST3_BYTES, (long) blocks * blockBytes);
    }

    private void request(int blockBytes, int blocks, int frameBytes, int frames) {
        scratch.putInt(TpacketRing.REQUEST_BLOCK_SIZE, blockBytes);
        scratch.putInt(TpacketRing.REQUEST_BLOCK_COUNT, blocks);
        scratch.putInt(TpacketRing.REQUEST_FRAME_SIZE, frameBytes);
        scratch.putInt(TpacketRing.REQUEST_FRAME_COUNT, frames);
    }

    private UnsafeBuffer map(int option, int requestBytes, long bytes) {
        final int set = LibC.setsockopt(fd, LinuxConstants.SOL_PACKET, option, scratch.addressOffset(), requestBytes);
        if (set == -1) {
            throw ringFailure("setsockopt(PACKET_RING)", bytes);
        }
        ringAddress = LibC.mmap(
                bytes, LinuxConstants.PROT_READ_WRITE, LinuxConstants.MAP_SHARED | LinuxConstants.MAP_POPULATE, fd, 0);
        if (ringAddress == -1) {
            ringAddress = 0;
            throw ringFailure("mmap", bytes);
        }
        ringBytes = bytes;
        final UnsafeBuffer mapped = new UnsafeBuffer(0, 0);
        mapped.wrap(ringAddress, (int) bytes);
        ring = mapped;
        return mapped;
    }

    private NativeException ringFailure(String syscall, long bytes) {
        final int errno = LibC.errno();
        final String argument = "afpacket " + interfaceName;
        return errno == LinuxConstants.ENOMEM
                ? new NativeException(syscall, errno, argument, "no memory for a ring of " + (bytes >> 20) + " MiB")
                : new NativeException(syscall, errno, argument);
    }

    /** Binds to an interface; {@code protocol} 0 hears nothing and is for sending. */
    public void bind(int interfaceIndex, int protocol) {
        scratch.setMemory(0, ADDRESS_BYTES, (byte) 0);
        scratch.putShort(0, (short) LinuxConstants.AF_PACKET);
        scratch.putShort(2, (short) protocol, ByteOrder.BIG_ENDIAN);
        scratch.putInt(4, interfaceIndex);
        LibC.check(LibC.bind(fd, scratch.addressOffset(), ADDRESS_BYTES), "bind", "interface " + interfaceName);
    }

    /** Frames the kernel dropped since the last call: reading the statistics resets them. */
    public long takeDrops() {
        // struct tpacket_stats: packets, drops; V3 appends freeze_q_cnt.
        scratch.putInt(4, 0);
        scratch.putInt(LENGTH_AT, 12);
        final int got = LibC.getsockopt(
                fd,
                LinuxConstants.SOL_PACKET,
                LinuxConstants.PACKET_STATISTICS,
                scratch.addressOffset(),
                scratch.addressOffset() + LENGTH_AT);
        return got == -1 ? 0 : scratch.getInt(4) & 0xFFFF_FFFFL;
    }

    @Override
    public void close() {
        if (ring != null) {
            ring.wrap(0, 0);
            ring = null;
        }
        if (ringAddress != 0) {
            LibC.munmap(ringAddress, ringBytes);
            ringAddress = 0;
        }
        LibC.close(fd);
    }
}
