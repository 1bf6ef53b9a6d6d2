package io.weir.control.vrrp;

import io.weir.dataplane.io.linux.RawIpSocket;
import io.weir.packet.IpAddress;
import java.io.IOException;
import java.net.NetworkInterface;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * A neighbour that should not be believed: {@code INTERFACE SOURCE VRID VIP PASSWORD SECONDS}. Ten times a second it says all
 * kinds of things about the virtual router, each of which would make it the master, were it right.
 */
public final class VrrpForger {
    private static final int HIGHEST = 254;
    private static final int TTL = 255;
    private static final int ROUNDS_A_SECOND = 10;
    private static final IpAddress GROUP = IpAddress.parse("224.0.0.18");

    private final RawIpSocket socket = new RawIpSocket(false, VrrpPacket.PROTOCOL);
    private final Random random = new Random(7);
    private final IpAddress source;
    private final int device;
    private final int routerId;
    private final IpAddress vip;
    private final String password;

    private VrrpForger(String[] words) throws IOException {
        device = NetworkInterface.getByName(words[0]).getIndex();
        source = IpAddress.parse(words[1]);
        routerId = Integer.parseInt(words[2]);
        vip = IpAddress.parse(words[3]);
        password = words[4];
        socket.bind(source, device);
    }

    /** Forges. */
    public static void main(String[] words) throws Exception {
        final VrrpForger forger = new VrrpForger(words);
        final int rounds = Integer.parseInt(words[5]) * ROUNDS_A_SECOND;
        System.out.println("ready");
        for (int i = 0; i < rounds; i++) {
            forger.round();
            TimeUnit.MILLISECONDS.sleep(1000 / ROUNDS_A_SECOND);
        }
        System.out.println("end");
    }

    private void round() {
        final byte[] right = packet(2, 1, password, vip);
        // A hop away: whoever is not on the link has no say in it.
        send(right, TTL - 1);
        send(right, 1);
        send(packet(2, 1, "wrong", vip), TTL);
        send(packet(2, 1, "", vip), TTL);
        send(packet(3, 1, "", vip), TTL);
        send(packet(2, 2, password, vip), TTL);
        send(packet(2, 1, password, IpAddress.parse("192.0.2.77")), TTL);
        send(Arrays.copyOf(right, right.length - 4), TTL);
        send(Arrays.copyOf(right, right.length + 4), TTL);
        send(Arrays.copyOf(right, 3), TTL);
        send(new byte[0], TTL);
        send(changed(right, 0, 0x22), TTL);
        send(changed(right, 0, 0x51), TTL);
        send(changed(right, 3, 0xFF), TTL);
        send(changed(right, 6, 0x12), TTL);
        final byte[] noise = new byte[random.nextInt(1_400)];
        random.nextBytes(noise);
        send(noise, TTL);
        for (int i = 0; i < 3; i++) {
            final byte[] spoiled = right.clone();
            spoiled[2 + random.nextInt(6)] ^= (byte) (1 + random.nextInt(255));
            send(spoiled, TTL);
        }
    }

    private byte[] packet(int version, int seconds, String word, IpAddress address) {
        return new VrrpPacket(version, routerId, HIGHEST, seconds * 1000L, word, List.of(address))
                .encode(source, GROUP);
    }

    private static byte[] changed(byte[] packet, int at, int value) {
        final byte[] other = packet.clone();
        other[at] = (byte) value;
        return other;
    }

    private void send(byte[] packet, int ttl) {
        socket.multicast(device, ttl);
        socket.send(packet, GROUP, 0);
    }
}
