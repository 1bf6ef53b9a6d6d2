package io.weir.dataplane.sync;

import io.weir.dataplane.CallIds;

/**
 * Offsets and sizes of sync messages; everything in network byte order but the sequence data of version 0.
 *
 * <pre>
 *  version 1, header                     version 1, entry
 *   +0 0 (tells it from version 0)  1     +0 type: bit 0 IPv6             1
 *   +1 syncid                       1     +1 protocol                     1
 *   +2 bytes of the message         2     +2 version 0 (4 bits), bytes    2
 *   +4 entries                      1     +4 flags                        4
 *   +5 version: 1                   1     +8 state                        2
 *   +6 0                            2    +10 client port                  2
 *                                        +12 virtual port                 2
 *  version 0, header                     +14 real server's port           2
 *   +0 entries                      1    +16 firewall mark                4
 *   +1 syncid                       1    +20 timeout in seconds           4
 *   +2 bytes of the message         2    +24 client, virtual, real server 3 x 4 or 16
 *                                            options: type 1, bytes 1, data
 *  version 0, entry
 *   +0 0                            1    +12 virtual address              4
 *   +1 protocol                     1    +16 real server's address        4
 *   +2 client port                  2    +20 flags                        2
 *   +4 virtual port                 2    +22 state                        2
 *   +6 real server's port           2    +24 sequence data, if the flags say so: 24
 *   +8 client address               4
 * </pre>
 *
 * <p><b>Source</b>: net/netfilter/ipvs/ip_vs_sync.c of the Linux kernel.
 */
public final class SyncWire {
    /** The version byte of version 1. */
    public static final int VERSION = 1;
    /** The version byte of Weir's own messages, which have no entries; the kernel does nothing with them. */
    public static final int OWN_VERSION = 0x57;
    /** Bytes of such a message. */
    public static final int OWN_BYTES = 16;
    /** Where such a message says what it is: 1 asks for the whole table, 2 ends one. */
    public static final int OWN_KIND = 8;
    /** Where the end of a table says how many entries were told. */
    public static final int OWN_TOLD = 12;

    public static final int OWN_ASK = 1;
    public static final int OWN_END = 2;
    /** Most entries of a message: the count has one byte. */
    public static final int MAX_ENTRIES = 255;

    /** Header of version 1. */
    public static final int HEADER_BYTES = 8;
    /** Header of version 0; also the shortest message there is. */
    public static final int HEADER0_BYTES = 4;

    public static final int SYNCID = 1;
    public static final int SIZE = 2;
    public static final int COUNT = 4;
    public static final int VERSION_AT = 5;
    public static final int SPARE = 6;

    /** An IPv4 entry of version 1 without options. */
    public static final int ENTRY4_BYTES = 36;
    /** An IPv6 entry of version 1 without options. */
    public static final int ENTRY6_BYTES = 72;
    /** An entry of version 0 without sequence data. */
    public static final int ENTRY0_BYTES = 24;
    /** Sequence data: three numbers for each direction. */
    public static final int SEQUENCE_BYTES = 24;

    static final int TYPE_IPV6 = 1;
    static final int PROTOCOL = 1;
    static final int VERSION_SIZE = 2;
    static final int FLAGS = 4;
    static final int STATE = 8;
    static final int CLIENT_PORT = 10;
    static final int VIRTUAL_PORT = 12;
    static final int SERVER_PORT = 14;
    static final int FWMARK = 16;
    static final int TIMEOUT = 20;
    static final int ADDRESSES = 24;

    static final int ENTRY_VERSION_SHIFT = 12;
    static final int ENTRY_SIZE_MASK = 0xFFF;

    static final int CLIENT_PORT0 = 2;
    static final int VIRTUAL_PORT0 = 4;
    static final int SERVER_PORT0 = 6;
    static final int CLIENT0 = 8;
    static final int VIRTUAL0 = 12;
    static final int SERVER0 = 16;
    static final int FLAGS0 = 20;
    static final int STATE0 = 22;

    static final int OPTION_SEQUENCE = 1;
    static final int OPTION_ENGINE_DATA = 2;
    static final int OPTION_ENGINE_NAME = 3;
    /**
     * Weir's own: local port and address of a FULLNAT connection, 0 of a template. Not to be skipped: who does not know
     * the method must not make a connection of it.
     */
    static final int OPTION_LOCAL = 0x21;

    /** Type and length of an option. */
    static final int OPTION_HEADER = 2;
    /** Local port and IPv4 address. */
    static final int LOCAL4_BYTES = 6;
    /** Local port and IPv6 address. */
    static final int LOCAL6_BYTES = 18;
    /** Where the server's direction begins in sequence data. */
    static final int SERVER_SEQUENCE = 12;

    /** An option with this bit may be skipped by who does not know it. */
    static final int OPTION_MAY_SKIP = 0x40;
    /** The bits of an option's type that the kernel leaves out when it looks at the number. */
    static final int OPTION_NOT_NUMBER = 0x40;

    static final int MOST_ENGINE_DATA = 255;
    static final int MOST_ENGINE_NAME = 16;

    private SyncWire() {}

    /** Bytes of the options that tell a Call-ID of this length; 0 for none. */
    static int engineBytes(int length) {
        return length == 0 ? 0 : 4 + length + CallIds.ENGINE.length();
    }

    /** Entries of version 1 begin at multiples of four. */
    static int padded(int bytes) {
        return bytes + 3 & ~3;
    }
}
