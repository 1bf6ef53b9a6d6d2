package io.weir.dataplane.io.linux;

/**
 * Layout of the memory that an AF_PACKET socket shares with the kernel.
 *
 * <p><b>Layout</b> of a V2 slot (all integers in host order):
 *
 * <pre>
 *  0        32            52                mac-10        mac
 *  | header | sockaddr_ll | reserve, padding | virtio_net | frame ...
 * </pre>
 *
 * A slot to send has no address: the virtio_net_hdr, or without that the frame, begins at {@link #V2_TRANSMIT_DATA}. A V3
 * block is a descriptor and then records of the same kind, with a header of 48 bytes, chained by next_offset.
 *
 * <p><b>Order</b>: the status word is read with acquire before anything else of a slot, and written with release after
 * everything else. Ordinary loads would be hoisted out of a polling loop.
 *
 * <p><b>Source</b>: linux/if_packet.h
 */
public final class TpacketRing {
    public static final int STATUS_KERNEL = 0;
    public static final int STATUS_USER = 1;
    /** The frame did not fit; the whole of it waits in the socket's queue. */
    public static final int STATUS_COPY = 2;

    public static final int STATUS_LOSING = 4;
    public static final int STATUS_CSUM_NOT_READY = 8;
    public static final int STATUS_VLAN_VALID = 0x10;
    public static final int STATUS_VLAN_TPID_VALID = 0x40;
    public static final int STATUS_GSO_TCP = 0x100;

    public static final int STATUS_SEND_REQUEST = 1;
    public static final int STATUS_SENDING = 2;
    public static final int STATUS_WRONG_FORMAT = 4;

    // struct tpacket2_hdr
    public static final int V2_STATUS = 0;
    public static final int V2_LENGTH = 4;
    public static final int V2_CAPTURED = 8;
    public static final int V2_MAC = 12;
    public static final int V2_VLAN_TCI = 24;
    public static final int V2_VLAN_TPID = 26;
    public static final int V2_HEADER_BYTES = 32;
    /** TPACKET2_HDRLEN - sizeof(struct sockaddr_ll). */
    public static final int V2_TRANSMIT_DATA = 32;

    // struct tpacket3_hdr
    public static final int V3_NEXT = 0;
    public static final int V3_CAPTURED = 12;
    public static final int V3_LENGTH = 16;
    public static final int V3_STATUS = 20;
    public static final int V3_MAC = 24;
    public static final int V3_VLAN_TCI = 32;
    public static final int V3_VLAN_TPID = 36;
    public static final int V3_HEADER_BYTES = 48;

    // struct tpacket_block_desc
    public static final int BLOCK_STATUS = 8;
    public static final int BLOCK_PACKETS = 12;
    public static final int BLOCK_FIRST = 16;

    // struct tpacket_req, tpacket_req3
    static final int REQUEST_BLOCK_SIZE = 0;
    static final int REQUEST_BLOCK_COUNT = 4;
    static final int REQUEST_FRAME_SIZE = 8;
    static final int REQUEST_FRAME_COUNT = 12;
    static final int REQUEST_RETIRE_MS = 16;
    static final int REQUEST_BYTES = 16;
    static final int REQUEST3_BYTES = 28;

    private TpacketRing() {}
}
