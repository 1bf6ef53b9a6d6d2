package io.weir.dataplane.io.linux;

/**
 * Numbers of the Linux system call interface, each under its own name.
 *
 * <p><b>Source</b>: the kernel's uapi headers; the same on x86-64 and arm64.
 */
public final class LinuxConstants {
    // asm-generic/errno-base.h, errno.h
    public static final int EPERM = 1;
    public static final int ENOENT = 2;
    public static final int EINTR = 4;
    public static final int EIO = 5;
    public static final int ENXIO = 6;
    public static final int E2BIG = 7;
    public static final int EBADF = 9;
    public static final int EAGAIN = 11;
    public static final int ENOMEM = 12;
    public static final int EACCES = 13;
    public static final int EFAULT = 14;
    public static final int EBUSY = 16;
    public static final int EEXIST = 17;
    public static final int ENODEV = 19;
    public static final int EINVAL = 22;
    public static final int ENFILE = 23;
    public static final int EMFILE = 24;
    public static final int ENOSPC = 28;
    public static final int ENOSYS = 38;
    public static final int EBADFD = 77;
    public static final int EMSGSIZE = 90;
    public static final int ENOPROTOOPT = 92;
    public static final int EPROTONOSUPPORT = 93;
    public static final int EOPNOTSUPP = 95;
    public static final int EAFNOSUPPORT = 97;
    public static final int EADDRINUSE = 98;
    public static final int ENETDOWN = 100;
    public static final int ENOBUFS = 105;

    // fcntl.h, mman.h, sched.h
    public static final int O_RDONLY = 0;
    public static final int O_RDWR = 2;
    public static final int O_NONBLOCK = 0x800;
    public static final int O_CLOEXEC = 0x80000;
    public static final int PROT_READ_WRITE = 3;
    public static final int MAP_SHARED = 1;
    public static final int MAP_PRIVATE = 2;
    public static final int MAP_ANONYMOUS = 0x20;
    public static final int MADV_HUGEPAGE = 14;
    /** Touches every page at once, so that no page fault comes with the first packets. */
    public static final int MAP_POPULATE = 0x8000;

    public static final int CLONE_NEWNET = 0x4000_0000;

    // socket.h
    public static final int AF_UNIX = 1;
    public static final int AF_INET = 2;
    public static final int AF_PACKET = 17;
    public static final int AF_XDP = 44;
    public static final int SOCK_DGRAM = 2;
    public static final int SOCK_RAW = 3;
    public static final int SOCK_CLOEXEC = 0x80000;
    public static final int SOL_SOCKET = 1;
    public static final int SO_ATTACH_FILTER = 26;
    public static final int SO_DETACH_FILTER = 27;
    public static final int SO_SNDBUFFORCE = 32;
    public static final int SO_RCVBUFFORCE = 33;
    public static final int MSG_TRUNC = 0x20;
    public static final int MSG_DONTWAIT = 0x40;

    // bpf_common.h: ret #0
    public static final int BPF_RETURN = 0x06;

    // if_packet.h
    public static final int SOL_PACKET = 263;
    public static final int PACKET_RX_RING = 5;
    public static final int PACKET_STATISTICS = 6;
    public static final int PACKET_COPY_THRESH = 7;
    public static final int PACKET_VERSION = 10;
    public static final int PACKET_RESERVE = 12;
    public static final int PACKET_TX_RING = 13;
    public static final int PACKET_LOSS = 14;
    public static final int PACKET_VNET_HDR = 15;
    public static final int PACKET_FANOUT = 18;
    public static final int PACKET_QDISC_BYPASS = 20;
    public static final int PACKET_FANOUT_DATA = 22;
    public static final int PACKET_FANOUT_CBPF = 6;
    /** The kernel chooses a number that is free. */
    public static final int PACKET_FANOUT_FLAG_UNIQUEID = 0x2000;
    /** A group has a hook of its own: its members' PACKET_IGNORE_OUTGOING does not count. */
    public static final int PACKET_FANOUT_FLAG_IGNORE_OUTGOING = 0x4000;

    public static final int PACKET_IGNORE_OUTGOING = 23;
    public static final int TPACKET_V2 = 1;
    public static final int TPACKET_V3 = 2;
    public static final int ETH_P_ALL = 3;

    // if_xdp.h
    public static final int SOL_XDP = 283;
    public static final int XDP_MMAP_OFFSETS = 1;
    public static final int XDP_RX_RING = 2;
    public static final int XDP_TX_RING = 3;
    public static final int XDP_UMEM_REG = 4;
    public static final int XDP_UMEM_FILL_RING = 5;
    public static final int XDP_UMEM_COMPLETION_RING = 6;
    public static final int XDP_STATISTICS = 7;
    public static final int XDP_OPTIONS = 8;
    /** Linux 6.17: frames that one call sends; 32 before. */
    public static final int XDP_MAX_TX_SKB_BUDGET = 9;

    public static final int XDP_OPTIONS_ZEROCOPY = 1;
    public static final int XDP_SHARED_UMEM = 1;
    public static final int XDP_COPY = 2;
    public static final int XDP_USE_NEED_WAKEUP = 8;

    // if.h, if_arp.h, sockios.h
    public static final int IFNAMSIZ = 16;
    public static final int IFF_UP = 1;
    public static final int ARPHRD_ETHER = 1;
    public static final int ARPHRD_LOOPBACK = 772;
    public static final int SIOCGIFFLAGS = 0x8913;
    public static final int SIOCSIFFLAGS = 0x8914;
    public static final int SIOCGIFADDR = 0x8915;
    public static final int SIOCGIFMTU = 0x8921;
    public static final int SIOCSIFMTU = 0x8922;
    public static final int SIOCGIFHWADDR = 0x8927;
    public static final int SIOCGIFINDEX = 0x8933;
    public static final int SIOCSIFTXQLEN = 0x8943;
    public static final int SIOCETHTOOL = 0x8946;

    // ethtool.h
    public static final int ETHTOOL_GDRVINFO = 0x03;
    public static final int ETHTOOL_GFLAGS = 0x25;
    public static final int ETHTOOL_SFLAGS = 0x26;
    public static final int ETHTOOL_GGRO = 0x2b;
    public static final int ETHTOOL_SGRO = 0x2c;
    public static final int ETHTOOL_GCHANNELS = 0x3c;
    public static final int ETH_FLAG_RXVLAN = 1 << 8;
    public static final int ETH_FLAG_LRO = 1 << 15;

    // if_tun.h
    public static final long TUNSETIFF = 0x400454caL;
    public static final int IFF_TUN = 1;
    public static final int IFF_NO_PI = 0x1000;

    private LinuxConstants() {}
}
