package io.weir.bench;

import io.weir.dataplane.Worker;
import io.weir.dataplane.io.PacketBatch;
import io.weir.dataplane.io.PacketDevice;
import io.weir.packet.InternetChecksum;
import io.weir.packet.IpAddress;
import io.weir.packet.ProtocolNumbers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A memory device that delivers small packets (60 bytes, 74 with IPv6) of many flows: TCP, first their SYN and ACK, then ACKs in random order; or
 * UDP.
 */
final class FlowSource implements PacketDevice {
    private static final int CELL_BYTES = 256;
    /** The longest frame, rounded up to whole longs. */
    private static final int TEMPLATE_BYTES = 80;

    private static final int HEADROOM = 130;
    private static final int PORTS = 1 << 14;
    private static final int FIRST_CLIENT = 0x0B00_0001;
    private static final int MOST_CLIENTS = 1 << 24;
    static final int SYN = 0x02;
    static final int ACK = 0x10;
    private static final int IP = 14;
    private static final int HEADER4 = 20;
    private static final int HEADER6 = 40;
    /** Of the client's address, what changes: the last four bytes. */
    private static final int CLIENT4 = IP + 12;

    private static final int CLIENT6 = IP + 20;
    private static final int FRAME4_BYTES = 60;
    private static final int FRAME6_BYTES = 74;
    private static final IpAddress NETWORK6 = IpAddress.parse("2001:db8:c::");

    private final UnsafeBuffer memory = new UnsafeBuffer(ByteBuffer.allocateDirect(PacketBatch.CAPACITY * CELL_BYTES));
    private final UnsafeBuffer template = new UnsafeBuffer(ByteBuffer.allocateDirect(TEMPLATE_BYTES));
    private final int flows;
    /** Addresses; each has so many flows as it has ports. */
    private final int[] clients;

    private final boolean ipv6;
    private final int frameBytes;
    private final int transport;
    /** Of the IPv4 header without the client's address. */
    private final long headerSum;

    private final long mac;
    private final int most;
    private int next;
    private int flags;
    /** Of these flows, in random order; 0: of all in their order. */
    private int randomOf;

    private long seed = 88172645463325252L;
    private long given;

    /**
     * @param wanted says whose flows there are, by the client's IPv4 address, or the end of its IPv6 address
     * @param most frames a call gives, at most a batch
     */
    FlowSource(int flows, int protocol, long mac, long clientMac, IpAddress vip, IntPredicate wanted, int most) {
        this.flows = flows;
        this.most = most;
        this.clients = IntStream.range(FIRST_CLIENT, FIRST_CLIENT + MOST_CLIENTS)
                .filter(wanted)
                .limit((flows + PORTS - 1) / PORTS)
                .toArray();
        this.mac = mac;
        ipv6 = !vip.isV4();
        frameBytes = ipv6 ? FRAME6_BYTES : FRAME4_BYTES;
        transport = IP + (ipv6 ? HEADER6 : HEADER4);
        template.putLong(0, mac << 16 | clientMac >>> 32, ByteOrder.BIG_ENDIAN);
        template.putInt(8, (int) clientMac, ByteOrder.BIG_ENDIAN);
        if (ipv6) {
            header6(protocol, vip);
            headerSum = 0;
        } else {
            header4(protocol, vip);
            headerSum = InternetChecksum.sum(template, IP, HEADER4, 0);
        }
        template.putShort(transport + 2, (short) 80, ByteOrder.BIG_ENDIAN);
        if (protocol == ProtocolNumbers.UDP) {
            template.putShort(transport + 4, (short) (frameBytes - transport), ByteOrder.BIG_ENDIAN);
        } else {
            template.putByte(transport + 12, (byte) 0x50);
            template.putShort(transport + 14, (short) 1000, ByteOrder.BIG_ENDIAN);
        }
    }

    private void header4(int protocol, IpAddress vip) {
        template.putShort(12, (short) ProtocolNumbers.ETHERTYPE_IPV4, ByteOrder.BIG_ENDIAN);
        template.putShort(IP, (short) 0x4500, ByteOrder.BIG_ENDIAN);
        template.putShort(IP + 2, (short) (frameBytes - IP), ByteOrder.BIG_ENDIAN);
        template.putShort(IP + 6, (short) 0x4000, ByteOrder.BIG_ENDIAN);
        template.putByte(IP + 8, (byte) 64);
        template.putByte(IP + 9, (byte) protocol);
        template.putInt(IP + 16, vip.v4Addr(), ByteOrder.BIG_ENDIAN);
    }

    private void header6(int protocol, IpAddress vip) {
        template.putShort(12, (short) ProtocolNumbers.ETHERTYPE_IPV6, ByteOrder.BIG_ENDIAN);
        template.putInt(IP, 0x6000_0000, ByteOrder.BIG_ENDIAN);
        template.putShort(IP + 4, (short) (frameBytes - transport), ByteOrder.BIG_ENDIAN);
        template.putByte(IP + 6, (byte) protocol);
        template.putByte(IP + 7, (byte) 64);
        template.putLong(IP + 8, NETWORK6.hi(), ByteOrder.BIG_ENDIAN);
        template.putLong(IP + 16, NETWORK6.lo(), ByteOrder.BIG_ENDIAN);
        template.putLong(IP + 24, vip.hi(), ByteOrder.BIG_ENDIAN);
        template.putLong(IP + 32, vip.lo(), ByteOrder.BIG_ENDIAN);
    }

    /** Opens every flow: a SYN, then an ACK. */
    void open(Worker worker) {
        for (inOrder(SYN); isLeft(); ) {
            worker.doWork();
        }
        for (inOrder(ACK); isLeft(); ) {
            worker.doWork();
        }
        atRandom(flows);
    }

    /** From now on: one packet of every flow with these flags, and then nothing. */
    void inOrder(int tcpFlags) {
        next = 0;
        flags = tcpFlags;
        randomOf = 0;
    }

    /** Is there any of {@link #inOrder} left? */
    boolean isLeft() {
        return next < flows;
    }

    /** From now on: packets of the first so many flows, in random order and without end. */
    void atRandom(int of) {
        randomOf = of;
        given = 0;
    }

    long given() {
        return given;
    }

    private int flow() {
        if (randomOf == 0) {
            return next++;
        }
        seed ^= seed << 13;
        seed ^= seed >>> 7;
        seed ^= seed << 17;
        return (int) ((seed >>> 33) * randomOf >>> 31);
    }

    @Override
    public int receive(PacketBatch batch, int interfaceIndex) {
        int n = 0;
        while (n < most && !batch.isFull() && (randomOf > 0 || next < flows)) {
            final int at = batch.size * CELL_BYTES + HEADROOM;
            write(at, flow());
            batch.add(memory, at, frameBytes, HEADROOM, interfaceIndex);
            n++;
        }
        given += n;
        return n;
    }

    private void write(int at, int flow) {
        for (int word = 0; word < TEMPLATE_BYTES; word += Long.BYTES) {
            memory.putLong(at + word, template.getLong(word));
        }
        final int client = clients[flow / PORTS];
        final int port = 1024 + flow % PORTS;
        memory.putShort(at + transport, (short) port, ByteOrder.BIG_ENDIAN);
        memory.putByte(at + transport + 13, (byte) flags);
        if (ipv6) {
            memory.putInt(at + CLIENT6, client, ByteOrder.BIG_ENDIAN);
            return;
        }
        memory.putInt(at + CLIENT4, client, ByteOrder.BIG_ENDIAN);
        final int sum = InternetChecksum.finish(headerSum + (client >>> 16) + (client & 0xFFFF));
        memory.putShort(at + IP + 10, (short) sum, ByteOrder.BIG_ENDIAN);
    }

    @Override
    public int transmit(PacketBatch batch, int interfaceIndex) {
        return 0;
    }

    @Override
    public void release() {}

    @Override
    public String uri() {
        return "bench:source";
    }

    @Override
    public String interfaceName() {
        return "cli0";
    }

    @Override
    public boolean hasLinkLayer() {
        return true;
    }

    @Override
    public long macAddress() {
        return mac;
    }

    @Override
    public int mtu() {
        return 1500;
    }

    @Override
    public boolean carriesOffloads() {
        return false;
    }

    @Override
    public long receiveDrops() {
        return 0;
    }

    @Override
    public long transmitDrops() {
        return 0;
    }

    @Override
    public int pollDescriptor() {
        return -1;
    }

    @Override
    public void close() {}
}
