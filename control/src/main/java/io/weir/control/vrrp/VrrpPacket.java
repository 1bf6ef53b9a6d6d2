package io.weir.control.vrrp;

import io.weir.packet.IpAddress;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * An advert on the wire.
 *
 * <pre>
 *  0       version 2|3, type 1        1  virtual router id      2  priority         3  number of addresses
 *  4 (v2)  authentication, seconds    4 (v3)  four bits 0, twelve bits interval in 1/100 s
 *  6       checksum; in version 3 with a pseudo-header of both addresses, length and protocol
 *  8       addresses of 4 or 16 bytes;  version 2 has 8 bytes of password behind them
 * </pre>
 *
 * <p><b>Source</b>: RFC 2338 section 5.3, RFC 5798 section 5.2.
 *
 * @param password "" for none
 * @param advertMs interval
 */
record VrrpPacket(int version, int routerId, int priority, long advertMs, String password, List<IpAddress> addresses) {
    static final int PROTOCOL = 112;

    private static final int ADVERT = 1;
    private static final int HEADER = 8;
    private static final int PASSWORD = 8;
    private static final int SIMPLE_PASSWORD = 1;
    private static final long SECOND_MS = 1_000;
    private static final long CENTISECOND_MS = 10;
    private static final int CENTISECONDS_MASK = 0x0FFF;

    /** Why a packet is none. */
    static final class Malformed extends Exception {
        private static final long serialVersionUID = 1L;

        Malformed(String why) {
            super(why, null, false, false);
        }
    }

    /** The bytes, for these ends of the way. */
    byte[] encode(IpAddress source, IpAddress destination) {
        final ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(version << 4 | ADVERT);
        out.write(routerId);
        out.write(priority);
        out.write(addresses.size());
        if (version == 2) {
            out.write(password.isEmpty() ? 0 : SIMPLE_PASSWORD);
            out.write((int) (advertMs / SECOND_MS));
        } else {
            final int interval = (int) (advertMs / CENTISECOND_MS) & CENTISECONDS_MASK;
            out.write(interval >>> Byte.SIZE);
            out.write(interval);
        }
        out.write(0);
        out.write(0);
        addresses.forEach(address -> out.writeBytes(bytes(address)));
        if (version == 2) {
            final byte[] word = new byte[PASSWORD];
            final byte[] text = password.getBytes(StandardCharsets.UTF_8);
            System.arraycopy(text, 0, word, 0, Math.min(PASSWORD, text.length));
            out.writeBytes(word);
        }
        final byte[] packet = out.toByteArray();
        final int sum = checksum(packet, source, destination, version);
        packet[6] = (byte) (sum >>> Byte.SIZE);
        packet[7] = (byte) sum;
        return packet;
    }

    /** Reads a packet; it is checked as far as that is possible without knowing the virtual router. */
    static VrrpPacket decode(byte[] packet, IpAddress source, IpAddress destination) throws Malformed {
        if (packet.length < HEADER) {
            throw new Malformed("too short");
        }
        final int version = packet[0] >> 4 & 0x0F;
        final boolean ipv6 = !source.isV4();
        if (version != 3 && (version != 2 || ipv6)) {
            throw new Malformed("version " + version);
        }
        if ((packet[0] & 0x0F) != ADVERT) {
            throw new Malformed("type " + (packet[0] & 0x0F));
        }
        final int count = packet[3] & 0xFF;
        final int length = HEADER + count * (ipv6 ? 16 : 4) + (version == 2 ? PASSWORD : 0);
        if (packet.length != length) {
            throw new Malformed(packet.length + " bytes, must be " + length + " for " + count + " addresses");
        }
        if (checksum(packet, source, destination, version) != 0) {
            throw new Malformed("checksum");
        }
        final List<IpAddress> addresses = new ArrayList<>();
        final ByteBuffer buffer = ByteBuffer.wrap(packet, HEADER, packet.length - HEADER);
        for (int i = 0; i < count; i++) {
            addresses.add(ipv6 ? new IpAddress(buffer.getLong(), buffer.getLong()) : IpAddress.ofV4(buffer.getInt()));
        }
        final int interval = (packet[4] & 0xFF) << Byte.SIZE | packet[5] & 0xFF;
        final boolean hasPassword = version == 2 && packet[4] == SIMPLE_PASSWORD;
        if (version == 2 && packet[4] != 0 && !hasPassword) {
            throw new Malformed("authentication type " + packet[4]);
        }
        return new VrrpPacket(
                version,
                packet[1] & 0xFF,
                packet[2] & 0xFF,
                version == 2 ? (packet[5] & 0xFF) * SECOND_MS : (interval & CENTISECONDS_MASK) * CENTISECOND_MS,
                hasPassword ? text(packet, length - PASSWORD) : "",
                addresses);
    }

    private static String text(byte[] packet, int at) {
        int end = at;
        while (end < at + PASSWORD && packet[end] != 0) {
            end++;
        }
        return new String(packet, at, end - at, StandardCharsets.UTF_8);
    }

    private static byte[] bytes(IpAddress address) {
        return address.isV4()
                ? ByteBuffer.allocate(4).putInt((int) address.lo()).array()
                : ByteBuffer.allocate(16)
                        .putLong(address.hi())
                        .putLong(address.lo())
                        .array();
    }

    private static int checksum(byte[] packet, IpAddress source, IpAddress destination, int version) {
        long sum = 0;
        if (version == 3) {
            sum += sum(bytes(source)) + sum(bytes(destination)) + packet.length + PROTOCOL;
        }
        sum += sum(packet);
        while (sum >>> Short.SIZE != 0) {
            sum = (sum & 0xFFFF) + (sum >>> Short.SIZE);
        }
        return (int) (~sum & 0xFFFF);
    }

    private static long sum(byte[] bytes) {
        long sum = 0;
        for (int i = 0; i < bytes.length; i++) {
            sum += (long) (bytes[i] & 0xFF) << (i % 2 == 0 ? Byte.SIZE : 0);
        }
        return sum;
    }
}
