package io.weir.dataplane.io.linux;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.weir.packet.IpAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Asks and sets what ioctl(2) offers about one network interface.
 *
 * <p>Its socket keeps the network namespace of the thread that made it, so that {@link #close} of a device restores the
 * right interface from any thread.
 *
 * <p><b>Layout</b> of struct ifreq: name 0..15, then a union at 16 (int, short flags, sockaddr, or a pointer).
 *
 * <p><b>Fails</b>: with a {@link NativeException} that begins with {@code interface NAME:}.
 */
public final class InterfaceControl implements AutoCloseable {
    private static final int VALUE = 16;
    private static final int SOCKADDR_BYTES = 16;
    private static final int HARDWARE_ADDRESS = 18;
    private static final int ETHTOOL = 64;
    private static final int DRIVER_NAME = ETHTOOL + 4;
    private static final int DRIVER_NAME_BYTES = 32;
    private static final int SCRATCH_BYTES = 320;

    private final UnsafeBuffer scratch = new UnsafeBuffer(ByteBuffer.allocateDirect(SCRATCH_BYTES));
    private final String name;
    private final int fd;

    public InterfaceControl(String name) {
        final byte[] bytes = name.getBytes(US_ASCII);
        if (bytes.length == 0 || bytes.length >= LinuxConstants.IFNAMSIZ) {
            throw new IllegalArgumentException("an interface name has 1 to 15 characters: name=" + name);
        }
        this.name = name;
        scratch.putBytes(0, bytes);
        this.fd = LibC.socket(LinuxConstants.AF_INET, LinuxConstants.SOCK_DGRAM | LinuxConstants.SOCK_CLOEXEC, 0);
        LibC.check(fd, "socket", "interface " + name);
    }

    /** The kernel's number for it. */
    public int index() {
        request(LinuxConstants.SIOCGIFINDEX, "SIOCGIFINDEX");
        return scratch.getInt(VALUE);
    }

    /** The MAC address in the low 48 bits. */
    public long macAddress() {
        request(LinuxConstants.SIOCGIFHWADDR, "SIOCGIFHWADDR");
        long mac = 0;
        for (int i = 0; i < 6; i++) {
            mac = mac << 8 | (scratch.getByte(HARDWARE_ADDRESS + i) & 0xFF);
        }
        return mac;
    }

    /** Do its frames begin with an Ethernet header? */
    public boolean isEthernet() {
        request(LinuxConstants.SIOCGIFHWADDR, "SIOCGIFHWADDR");
        final int type = scratch.getShort(VALUE) & 0xFFFF;
        return type == LinuxConstants.ARPHRD_ETHER || type == LinuxConstants.ARPHRD_LOOPBACK;
    }

    /** The first IPv4 address it was given, which the kernel itself would send from; null if it has none. */
    public @Nullable IpAddress firstAddress4() {
        scratch.setMemory(VALUE, SOCKADDR_BYTES, (byte) 0);
        if (LibC.ioctl(fd, LinuxConstants.SIOCGIFADDR, scratch.addressOffset()) == -1) {
            return null;
        }
        return IpAddress.ofV4(scratch.getInt(VALUE + 4, ByteOrder.BIG_ENDIAN));
    }

    /** In bytes, without link header. */
    public int mtu() {
        request(LinuxConstants.SIOCGIFMTU, "SIOCGIFMTU");
        return scratch.getInt(VALUE);
    }

    /** Sets the MTU. */
    public void mtu(int bytes) {
        scratch.putInt(VALUE, bytes);
        request(LinuxConstants.SIOCSIFMTU, "SIOCSIFMTU");
    }

    /** Is it administratively up? */
    public boolean isUp() {
        request(LinuxConstants.SIOCGIFFLAGS, "SIOCGIFFLAGS");
        return (scratch.getShort(VALUE) & LinuxConstants.IFF_UP) != 0;
    }

    /** Sets it up. */
    public void up() {
        request(LinuxConstants.SIOCGIFFLAGS, "SIOCGIFFLAGS");
        scratch.putShort(VALUE, (short) (scratch.getShort(VALUE) | LinuxConstants.IFF_UP));
        request(LinuxConstants.SIOCSIFFLAGS, "SIOCSIFFLAGS");
    }

    /** Sets how many packets may wait for us in a TUN device. */
    public void transmitQueueLength(int packets) {
        scratch.putInt(VALUE, packets);
        request(LinuxConstants.SIOCSIFTXQLEN, "SIOCSIFTXQLEN");
    }

    /** The driver's name, for example {@code veth}; empty if the interface does not say. */
    public String driver() {
        scratch.setMemory(ETHTOOL, SCRATCH_BYTES - ETHTOOL, (byte) 0);
        if (!ethtool(LinuxConstants.ETHTOOL_GDRVINFO)) {
            return "";
        }
        int length = 0;
        while (length < DRIVER_NAME_BYTES && scratch.getByte(DRIVER_NAME + length) != 0) {
            length++;
        }
        return scratch.getStringWithoutLengthAscii(DRIVER_NAME, length);
    }

    /** Is generic receive offload (merging of frames before the tap) on? */
    public boolean gro() {
        return ethtool(LinuxConstants.ETHTOOL_GGRO) && scratch.getInt(ETHTOOL + 4) != 0;
    }

    /** Switches GRO; false if that was refused. */
    public boolean gro(boolean on) {
        scratch.putInt(ETHTOOL + 4, on ? 1 : 0);
        return ethtool(LinuxConstants.ETHTOOL_SGRO);
    }

    /** Is large receive offload (merging in the network card) on? */
    public boolean lro() {
        return ethtool(LinuxConstants.ETHTOOL_GFLAGS)
                && (scratch.getInt(ETHTOOL + 4) & LinuxConstants.ETH_FLAG_LRO) != 0;
    }

    /** Switches LRO; false if that was refused. */
    public boolean lro(boolean on) {
        if (!ethtool(LinuxConstants.ETHTOOL_GFLAGS)) {
            return false;
        }
        final int flags = scratch.getInt(ETHTOOL + 4);
        scratch.putInt(ETHTOOL + 4, on ? flags | LinuxConstants.ETH_FLAG_LRO : flags & ~LinuxConstants.ETH_FLAG_LRO);
        return ethtool(LinuxConstants.ETHTOOL_SFLAGS);
    }

    /** Does the card take VLAN tags out of received frames? */
    public boolean stripsTags() {
        return ethtool(LinuxConstants.ETHTOOL_GFLAGS)
                && (scratch.getInt(ETHTOOL + 4) & LinuxConstants.ETH_FLAG_RXVLAN) != 0;
    }

    /** Switches the taking out of VLAN tags; false if that was refused. */
    public boolean stripsTags(boolean on) {
        if (!ethtool(LinuxConstants.ETHTOOL_GFLAGS)) {
            return false;
        }
        final int flags = scratch.getInt(ETHTOOL + 4);
        scratch.putInt(
                ETHTOOL + 4, on ? flags | LinuxConstants.ETH_FLAG_RXVLAN : flags & ~LinuxConstants.ETH_FLAG_RXVLAN);
        return ethtool(LinuxConstants.ETHTOOL_SFLAGS);
    }

    /** Receive queues in use; 1 if the interface does not say. */
    public int receiveQueues() {
        // struct ethtool_channels: rx_count 20, combined_count 32.
        scratch.setMemory(ETHTOOL, SCRATCH_BYTES - ETHTOOL, (byte) 0);
        return ethtool(LinuxConstants.ETHTOOL_GCHANNELS)
                ? Math.max(1, scratch.getInt(ETHTOOL + 20) + scratch.getInt(ETHTOOL + 32))
                : 1;
    }

    /** SIOCETHTOOL takes a pointer to a structure that begins with the command. */
    private boolean ethtool(int command) {
        scratch.putInt(ETHTOOL, command);
        scratch.putLong(VALUE, scratch.addressOffset() + ETHTOOL);
        return LibC.ioctl(fd, LinuxConstants.SIOCETHTOOL, scratch.addressOffset()) == 0;
    }

    private void request(long request, String label) {
        if (LibC.ioctl(fd, request, scratch.addressOffset()) == -1) {
            final int errno = LibC.errno();
            final String argument = "interface " + name;
            if (errno == LinuxConstants.EPERM) {
                throw new NativeException("ioctl(" + label + ")", errno, argument, "needs CAP_NET_ADMIN (run as root)");
            }
            throw new NativeException("ioctl(" + label + ")", errno, argument);
        }
    }

    @Override
    public void close() {
        LibC.close(fd);
    }
}
