package io.weir.packet;

import java.util.Arrays;
import java.util.Random;

/** Makes valid random frames of every kind the builder knows, from one seed. */
final class RandomPackets {
    private final Random random;
    private boolean authentication = true;

    RandomPackets(long seed) {
        random = new Random(seed);
    }

    RandomPackets withoutAuthentication() {
        authentication = false;
        return this;
    }

    byte[] next() {
        return random.nextInt(20) == 0 ? arp() : ip(random.nextBoolean(), random.nextInt(5));
    }

    private byte[] arp() {
        final IpAddress sender = address(true);
        final IpAddress target = address(true);
        return link().arp(1 + random.nextInt(2), mac(), sender.toString(), mac(), target.toString())
                .padding(random.nextInt(19))
                .build();
    }

    /** A frame of one family and of transport 0..4: TCP, UDP, ICMP, SCTP, other. */
    byte[] ip(boolean v4, int transport) {
        final PacketBuilder b = link().ip(address(v4), address(v4));
        b.ttl(random.nextInt(256)).tos(random.nextInt(256)).id(random.nextInt(65536));
        if (random.nextInt(4) == 0) {
            b.padding(random.nextInt(20));
        }
        if (v4) {
            networkV4(b);
        } else {
            networkV6(b);
        }
        transport(b, transport);
        return b.payload(payload()).build();
    }

    private void networkV4(PacketBuilder b) {
        if (random.nextBoolean()) {
            b.dontFragment();
        }
        if (random.nextInt(3) == 0) {
            // NOPs: any number of them is a valid option list
            final int[] options = new int[random.nextInt(41)];
            Arrays.fill(options, 1);
            b.ipv4Options(options);
        }
        if (random.nextInt(5) == 0) {
            b.fragment(random.nextInt(1000) * 8, random.nextBoolean(), random.nextInt(65536));
        }
    }

    private void networkV6(PacketBuilder b) {
        if (random.nextInt(3) == 0) {
            b.extension(ProtocolNumbers.HOP_BY_HOP, 8 + 8 * random.nextInt(4));
        }
        if (random.nextInt(4) == 0) {
            b.extension(ProtocolNumbers.DESTINATION_OPTIONS, 8 + 8 * random.nextInt(4));
        }
        if (random.nextInt(4) == 0) {
            b.extension(ProtocolNumbers.ROUTING, 8 + 16 * random.nextInt(3));
        }
        if (random.nextInt(4) == 0) {
            b.fragment(random.nextInt(3) * 8, random.nextBoolean(), random.nextInt());
        }
        if (authentication && random.nextInt(5) == 0) {
            b.extension(ProtocolNumbers.AH, 12 + 4 * random.nextInt(4));
        }
    }

    private void transport(PacketBuilder b, int transport) {
        final int src = random.nextInt(65536);
        final int dst = random.nextInt(65536);
        switch (transport) {
            case 0 -> tcp(b.tcp(src, dst, random.nextInt(256)));
            case 1 -> {
                b.udp(src, dst);
                if (random.nextInt(8) == 0) {
                    b.noChecksum();
                }
            }
            case 2 -> b.icmp(icmpType(), random.nextInt(16), random.nextInt());
            case 3 -> b.sctp(src, dst, random.nextInt()).chunk(random.nextInt(15), 0, 1, 2, 3);
            default -> b.protocol(ProtocolNumbers.GRE);
        }
    }

    private void tcp(PacketBuilder b) {
        b.seq(random.nextInt()).ack(random.nextInt()).window(random.nextInt(65536));
        for (int nops = random.nextInt(3); nops > 0; nops--) {
            b.optionBytes(ProtocolNumbers.TCP_OPTION_NOP);
        }
        if (random.nextBoolean()) {
            b.mss(random.nextInt(65536));
        }
        if (random.nextBoolean()) {
            b.timestamps(random.nextInt(), random.nextInt());
        }
    }

    private PacketBuilder link() {
        final PacketBuilder b = PacketBuilder.ethernet().macs(mac(), mac());
        return random.nextInt(4) == 0 ? b.vlan(random.nextInt(65536)) : b;
    }

    private long mac() {
        return random.nextLong() & 0xFFFF_FFFF_FFFFL;
    }

    private IpAddress address(boolean v4) {
        // small numbers on purpose: sums near zero are where one's complement has its corners
        final boolean small = random.nextInt(4) == 0;
        if (v4) {
            return IpAddress.ofV4(small ? random.nextInt(3) - 1 : random.nextInt());
        }
        return small
                ? new IpAddress(-random.nextInt(2), -random.nextInt(2))
                : new IpAddress(random.nextLong() | 1, random.nextLong());
    }

    private byte[] payload() {
        final byte[] bytes = new byte[random.nextInt(random.nextInt(10) == 0 ? 1400 : 40)];
        if (random.nextInt(4) != 0) {
            random.nextBytes(bytes);
        }
        return bytes;
    }

    /** Any type but those of mobile IPv6 (144 to 147): pcap4j reads past the end of a short one. */
    private int icmpType() {
        final int type = random.nextInt(252);
        return type < 144 ? type : type + 4;
    }
}
