package io.weir.packet;

import org.agrona.concurrent.UnsafeBuffer;

/**
 * Shows an ARP request or reply for IPv4 over Ethernet.
 *
 * <p><b>Layout</b>:
 *
 * <pre>
 *   0 hardware type   2 protocol type   4 hardware length   5 protocol length   6 operation
 *   8 sender MAC     14 sender address
 *  18 target MAC     24 target address                                                       (28 bytes)
 * </pre>
 *
 * <p><b>Source</b>: RFC 826, RFC 5227.
 */
public final class ArpView extends HeaderView {
    public static final int LENGTH = 28;

    private static final int HARDWARE_ETHERNET = 1;
    private static final int OPERATION = 6;
    private static final int SENDER_MAC = 8;
    private static final int SENDER_ADDRESS = 14;
    private static final int TARGET_MAC = 18;
    private static final int TARGET_ADDRESS = 24;

    @Override
    public ArpView wrap(UnsafeBuffer buffer, int offset, int limit) {
        point(buffer, offset, limit);
        return this;
    }

    @Override
    public int check() {
        if (available() < LENGTH) {
            return ParseStatus.TRUNCATED;
        }
        if (u16(0) != HARDWARE_ETHERNET || u16(2) != ProtocolNumbers.ETHERTYPE_IPV4) {
            return ParseStatus.BAD_VERSION;
        }
        return u8(4) == 6 && u8(5) == 4 ? ParseStatus.OK : ParseStatus.BAD_HEADER_LENGTH;
    }

    public int operation() {
        return u16(OPERATION);
    }

    public boolean isRequest() {
        return operation() == ProtocolNumbers.ARP_REQUEST;
    }

    public boolean isReply() {
        return operation() == ProtocolNumbers.ARP_REPLY;
    }

    public long senderMac() {
        return mac(SENDER_MAC);
    }

    public int senderAddr() {
        return s32(SENDER_ADDRESS);
    }

    public long targetMac() {
        return mac(TARGET_MAC);
    }

    public int targetAddr() {
        return s32(TARGET_ADDRESS);
    }

    /** Writes all 28 bytes. */
    public void setAll(int operation, long senderMac, int senderAddr, long targetMac, int targetAddr) {
        put16(0, HARDWARE_ETHERNET);
        put16(2, ProtocolNumbers.ETHERTYPE_IPV4);
        put8(4, 6);
        put8(5, 4);
        put16(OPERATION, operation);
        putMac(SENDER_MAC, senderMac);
        put32(SENDER_ADDRESS, senderAddr);
        putMac(TARGET_MAC, targetMac);
        put32(TARGET_ADDRESS, targetAddr);
    }
}
