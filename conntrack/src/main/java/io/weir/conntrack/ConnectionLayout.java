package io.weir.conntrack;

/**
 * Where the fields of a connection record are.
 *
 * <p><b>Layout</b>: every connection has one hot line, which each packet reads, and half a cold line.
 *
 * <pre>
 *  hot, 64 bytes, aligned to a cache line
 *   +0  client address      16   two longs, high half first
 *  +16  virtual address     16   of a template by fwmark: the mark
 *  +32  destination address 16
 *  +48  ports and flags      8   one long: client 0-15, virtual 16-31, destination 32-47, flags 48-63
 *  +56  packed               4   slot 0-19, state 20-23, method 24-27, protocol code 28-30, family 31
 *  +60  expires at           4   tick
 *
 *  cold, 32 bytes
 *   +0  wheel next           4   record id or -1; in a free record the next free one
 *   +4  wheel previous       4   record id or -1
 *   +8  packets              4
 *  +12  controller           4   record id of the template, or -1
 *  +16  local                4   index of the local address 0-15, local port 16-31; port 0: not bound.
 *                                of an FTP control connection: its helper's word.
 *                                of a template keyed by an engine: its place in the index
 *  +20  fwmark               4
 *  +24  controlled, bucket   4   connections under this template 0-21, wheel bucket 22-31
 *  +28  extra                4   sequence delta or time of the last sync message; the table never reads it
 * </pre>
 *
 * <p>The long at +48 is the commit point: a record counts as in use when its flag {@link ConnectionFlags#HASHED} is set,
 * and that long is stored last, with release order. A process killed before that leaves a free record behind.
 *
 * <p><b>Units/order</b>: native byte order; the file is never read by another machine.
 */
public final class ConnectionLayout {
    /** Changes with every change of the layout; a table file of another version is not used. */
    public static final int VERSION = 1;

    public static final int HOT_BYTES = 64;
    public static final int CLIENT_HI = 0;
    public static final int CLIENT_LO = 8;
    public static final int VIRTUAL_HI = 16;
    public static final int VIRTUAL_LO = 24;
    public static final int DESTINATION_HI = 32;
    public static final int DESTINATION_LO = 40;
    public static final int PORTS_FLAGS = 48;
    public static final int PACKED = 56;
    public static final int EXPIRES_AT = 60;

    public static final int VIRTUAL_PORT_SHIFT = 16;
    public static final int DESTINATION_PORT_SHIFT = 32;
    public static final int FLAGS_SHIFT = 48;

    public static final int SLOT_BITS = 20;
    public static final int SLOT_MASK = (1 << SLOT_BITS) - 1;
    public static final int STATE_SHIFT = 20;
    public static final int METHOD_SHIFT = 24;
    public static final int PROTOCOL_SHIFT = 28;
    public static final int FAMILY_SHIFT = 31;
    public static final int NIBBLE = 0xF;
    public static final int FULL_NAT = 5;
    public static final int PROTOCOL_MASK = 0x7;

    public static final int COLD_BYTES = 32;
    public static final int WHEEL_NEXT = 0;
    public static final int WHEEL_PREVIOUS = 4;
    public static final int PACKETS = 8;
    public static final int CONTROLLER = 12;
    public static final int LOCAL = 16;
    public static final int FWMARK = 20;
    public static final int CONTROLLED_BUCKET = 24;
    public static final int EXTRA = 28;

    public static final int LOCAL_PORT_SHIFT = 16;
    public static final int CONTROLLED_MASK = (1 << 22) - 1;
    public static final int BUCKET_SHIFT = 22;

    private static final int[] PROTOCOLS = {0, 6, 17, 132, 50, 51, 1, 58};
    private static final byte[] CODES = codes();

    private ConnectionLayout() {}

    private static byte[] codes() {
        final byte[] codes = new byte[256];
        java.util.Arrays.fill(codes, (byte) -1);
        for (int code = 0; code < PROTOCOLS.length; code++) {
            codes[PROTOCOLS[code]] = (byte) code;
        }
        return codes;
    }

    /** The 3-bit code of an IP protocol (IP 0, TCP, UDP, SCTP, ESP, AH, ICMP, ICMPv6), or -1: no such connections. */
    public static int protocolCode(int protocol) {
        return CODES[protocol & 0xFF];
    }

    /** The IP protocol of a code. */
    public static int protocolOf(int code) {
        return PROTOCOLS[code & PROTOCOL_MASK];
    }

    /** The packed int of a record. */
    public static int pack(int slot, int state, int method, int protocolCode, boolean v6) {
        return (slot & SLOT_MASK)
                | (state & NIBBLE) << STATE_SHIFT
                | (method & NIBBLE) << METHOD_SHIFT
                | protocolCode << PROTOCOL_SHIFT
                | (v6 ? 1 : 0) << FAMILY_SHIFT;
    }

    /** The long at {@link #PORTS_FLAGS}. */
    public static long portsFlags(int clientPort, int virtualPort, int destinationPort, int flags) {
        return (clientPort & 0xFFFFL)
                | (virtualPort & 0xFFFFL) << VIRTUAL_PORT_SHIFT
                | (destinationPort & 0xFFFFL) << DESTINATION_PORT_SHIFT
                | (flags & 0xFFFFL) << FLAGS_SHIFT;
    }
}
