package io.weir.dataplane;

import io.weir.conntrack.ConnectionFlags;
import io.weir.conntrack.ConnectionTable;
import io.weir.conntrack.HotRecord;
import io.weir.conntrack.NewConnection;
import io.weir.conntrack.TcpState;
import io.weir.dataplane.forward.LocalAddressPool;
import io.weir.packet.IpAddress;
import io.weir.packet.ProtocolNumbers;
import io.weir.service.Destination;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * FTP under NAT and FULLNAT: reads what a control connection (virtual port 21) announces, and makes the data connection's record before
 * its first packet comes. What a real server says of its own address becomes the VIP.
 *
 * <p>PORT and EPRT name the client's end: the real server will connect from the port below its own. PASV and EPSV are
 * remembered; their answer names the real server's end, and the client's port stays open until it connects (NO_CPORT). The
 * control connection controls its data connections, as a template does. Under FULLNAT the real server must not hear of the
 * client: PORT and EPRT name the local address of the control connection, with a port that is the data connection's.
 *
 * <p><b>Owner</b>: one worker; nothing here allocates. <b>Source</b>: ip_vs_ftp.c of the Linux kernel, as if the module were
 * loaded; where its rule and RFC 959 differ, the kernel's.
 */
public final class FtpHelper {
    /** A connection with any of these is asked about ({@link #admits}). */
    public static final int FLAGS = ConnectionFlags.FTP | ConnectionFlags.NO_CPORT | ConnectionFlags.ELSEWHERE;

    private static final int CONTROL_PORT = 21;
    private static final int MASQUERADING = 0;

    private static final int WAITS_FOR_NOTHING = 0;
    private static final int WAITS_FOR_PASSIVE = 1;
    private static final int WAITS_FOR_EXTENDED_PASSIVE = 2;

    private static final byte[] BEFORE_PORT = "|||".getBytes(StandardCharsets.US_ASCII);
    private static final int SHORTEST_COMMAND = 6;

    private final ConnectionTable table;
    private final Connections connections;
    private final LocalAddressPool localAddresses;
    private final FtpText found = new FtpText();
    private final NewConnection request = new NewConnection();
    private final byte[] text = new byte[64];
    private int length;

    FtpHelper(ConnectionTable table, Connections connections, LocalAddressPool localAddresses) {
        this.table = table;
        this.connections = connections;
        this.localAddresses = localAddresses;
    }

    /** {@link ConnectionFlags#FTP} for a connection that is to be read, else 0. */
    public static int flag(int protocol, int virtualPort, int methodCode) {
        final boolean translates = methodCode == MASQUERADING || methodCode == Connections.FULLNAT;
        return protocol == ProtocolNumbers.TCP && virtualPort == CONTROL_PORT && translates ? ConnectionFlags.FTP : 0;
    }

    /**
     * A packet of a client whose connection has something to do with FTP, before it is rewritten: a data connection learns its
     * client's port, a control connection is read.
     *
     * @return false: it must not go on
     */
    public boolean admits(PacketContext c) {
        if (HotRecord.hasFlags(c.record, ConnectionFlags.NO_CPORT)) {
            table.clientPort(c.connection, c.packet.srcPort);
        }
        if (HotRecord.hasFlags(c.record, ConnectionFlags.ELSEWHERE)) {
            c.goesElsewhere();
        }
        return !HotRecord.hasFlags(c.record, ConnectionFlags.FTP) || in(c);
    }

    /**
     * Reads a packet of the client, before it is rewritten.
     *
     * @return false: it must not go on
     */
    private boolean in(PacketContext c) {
        if (!TextEdit.checksumIsRight(c) || isEstablished(c) && !readCommand(c)) {
            return false;
        }
        SequenceShift.request(table, c);
        return true;
    }

    /**
     * Reads a packet of the real server, before it is rewritten, and changes the address it tells.
     *
     * @return false: it must not go on
     */
    boolean out(PacketContext c) {
        if (!TextEdit.checksumIsRight(c) || isEstablished(c) && !readAnswer(c)) {
            return false;
        }
        SequenceShift.reply(table, c);
        return true;
    }

    private static boolean isEstablished(PacketContext c) {
        return HotRecord.state(c.record) == TcpState.ESTABLISHED;
    }

    private static int textAt(PacketContext c) {
        return c.packet.l4Offset + c.packet.tcpHeaderLength;
    }

    private static int textEnd(PacketContext c) {
        return c.packet.l4Offset + c.packet.l4Length;
    }

    private boolean readCommand(PacketContext c) {
        final UnsafeBuffer b = c.buffer;
        final int from = textAt(c);
        final int limit = textEnd(c);
        final boolean v4 = c.packet.isV4();
        for (int at = from; at + SHORTEST_COMMAND <= limit; at++) {
            if (v4 && FtpText.startsWith(b, at, limit, FtpText.PASV)) {
                return await(c, WAITS_FOR_PASSIVE);
            }
            if (FtpText.startsWith(b, at, limit, FtpText.EPSV)
                    && (b.getByte(at + 4) == ' ' || b.getByte(at + 4) == '\r')) {
                return b.getByte(at + 4) != '\r' && !namesFamily(b, at, limit, v4)
                        || await(c, WAITS_FOR_EXTENDED_PASSIVE);
            }
        }
        final boolean plain = v4 && found.plain(b, from, limit, FtpText.PORT, ' ');
        if (!plain && !found.extended(b, from, limit, FtpText.EPRT, ' ', v4, false)) {
            return true;
        }
        return await(c, WAITS_FOR_NOTHING) && expectFromServer(c, plain);
    }

    private boolean await(PacketContext c, int mode) {
        if (!SequenceShift.isReady(table, c.connection)) {
            return false;
        }
        SequenceShift.mode(table, c.connection, mode);
        return true;
    }

    /** EPSV's argument: 1 is IPv4, 2 is IPv6; ALL, and the family that the connection has not, are left to the server. */
    private static boolean namesFamily(UnsafeBuffer b, int at, int limit, boolean v4) {
        return at + 7 <= limit && b.getByte(at + 6) == '\r' && b.getByte(at + 5) == (v4 ? '1' : '2');
    }

    /** The real server will connect to the client's end that was found. */
    private boolean expectFromServer(PacketContext c, boolean plain) {
        final int id = c.connection;
        final int virtualPort = table.virtualPort(id) - 1;
        final long hash = table.hash(ProtocolNumbers.TCP, found.hi, found.lo, found.port);
        int data = table.find(
                hash,
                ProtocolNumbers.TCP,
                found.hi,
                found.lo,
                found.port,
                table.virtualHi(id),
                table.virtualLo(id),
                virtualPort);
        if (data == ConnectionTable.NONE) {
            request.clear()
                    .client(found.hi, found.lo, found.port)
                    .virtual(table.virtualHi(id), table.virtualLo(id), virtualPort)
                    .destination(
                            c.slot,
                            table.destinationHi(id),
                            table.destinationLo(id),
                            table.destinationPort(id) - 1 & 0xFFFF);
            request.fwmark = table.fwmark(id);
            data = make(c, hash);
        }
        return data != ConnectionTable.NONE && tellServer(c, data, plain) && listen(c, data);
    }

    /** Under FULLNAT the real server is to connect to us. */
    private boolean tellServer(PacketContext c, int data, boolean plain) {
        if (!isFullNat(data)) {
            return true;
        }
        if (plain) {
            writePlain((int) table.localLo(data), table.localPort(data));
        } else {
            writeAddress(table.localHi(data), table.localLo(data), table.localPort(data));
        }
        return replace(c, SequenceShift.CLIENT);
    }

    private boolean isFullNat(int id) {
        return table.methodCode(id) == Connections.FULLNAT;
    }

    private boolean readAnswer(PacketContext c) {
        final int mode = SequenceShift.mode(table, c.connection);
        if (mode == WAITS_FOR_NOTHING) {
            return true;
        }
        final int from = textAt(c);
        final int limit = textEnd(c);
        final boolean passive = mode == WAITS_FOR_PASSIVE;
        found.hi = table.destinationHi(c.connection);
        found.lo = table.destinationLo(c.connection);
        final boolean told = passive
                ? found.plain(c.buffer, from, limit, FtpText.PASSIVE, '(')
                : found.extended(c.buffer, from, limit, FtpText.EXTENDED_PASSIVE, '(', c.packet.isV4(), true);
        if (!told) {
            return true;
        }
        final int data = expectFromClient(c);
        if (data == ConnectionTable.NONE) {
            return false;
        }
        if (passive) {
            writePlain((int) table.virtualLo(data), table.virtualPort(data));
        } else {
            writeExtended(table.virtualPort(data));
        }
        return tell(c) && listen(c, data);
    }

    /** The client will connect, from a port unknown as yet, to the port that was found. */
    private int expectFromClient(PacketContext c) {
        final int id = c.connection;
        final long hi = table.clientHi(id);
        final long lo = table.clientLo(id);
        final long hash = table.hash(ProtocolNumbers.TCP, hi, lo, 0);
        final int known = table.findToServer(hash, ProtocolNumbers.TCP, found.hi, found.lo, found.port, hi, lo, 0);
        if (known != ConnectionTable.NONE) {
            return known;
        }
        request.clear()
                .client(hi, lo, 0)
                .virtual(table.virtualHi(id), table.virtualLo(id), found.port)
                .destination(c.slot, found.hi, found.lo, found.port);
        final boolean sameHost = found.hi == table.destinationHi(id) && found.lo == table.destinationLo(id);
        request.flags = ConnectionFlags.NO_CPORT | (sameHost ? 0 : ConnectionFlags.ELSEWHERE);
        return make(c, hash);
    }

    private int make(PacketContext c, long hash) {
        final Destination destination = c.snapshot.destinations().destination(c.slot);
        if (destination == null) {
            return ConnectionTable.NONE;
        }
        request.protocol = ProtocolNumbers.TCP;
        request.controller = c.connection;
        request.timeoutTicks = Connections.NEW_TICKS;
        request.methodCode = table.methodCode(c.connection);
        final int data = table.insert(hash, request, c.nowTick);
        if (data == ConnectionTable.NONE) {
            return ConnectionTable.NONE;
        }
        // The real server may want both connections to be of one address.
        if (isFullNat(data) && !localAddresses.bindTo(data, table.localIndex(c.connection))) {
            table.remove(data);
            return ConnectionTable.NONE;
        }
        connections.bind(data, destination);
        return data;
    }

    private boolean listen(PacketContext c, int data) {
        if (data == ConnectionTable.NONE) {
            return false;
        }
        connections.listen(data, c.nowTick);
        return true;
    }

    private boolean tell(PacketContext c) {
        if (!replace(c, SequenceShift.SERVER)) {
            return false;
        }
        SequenceShift.mode(table, c.connection, WAITS_FOR_NOTHING);
        return true;
    }

    /** Puts {@link #text} where the address was found. */
    private boolean replace(PacketContext c, int of) {
        final int change = length - (found.end - found.start);
        final int sequence = c.buffer.getInt(c.packet.l4Offset + 4, ByteOrder.BIG_ENDIAN);
        if (!SequenceShift.hasRoomFor(table, c.connection, of, change)
                || !TextEdit.replace(c, found.start, found.end, text, length)) {
            return false;
        }
        SequenceShift.changed(table, c.connection, of, sequence, change);
        return true;
    }

    private void writePlain(int address, int port) {
        length = 0;
        for (int shift = 24; shift >= 0; shift -= 8) {
            number(address >>> shift & 0xFF);
            text[length++] = ',';
        }
        number(port >>> 8);
        text[length++] = ',';
        number(port & 0xFF);
    }

    private void writeExtended(int port) {
        System.arraycopy(BEFORE_PORT, 0, text, 0, BEFORE_PORT.length);
        length = BEFORE_PORT.length;
        number(port);
        text[length++] = '|';
    }

    /** {@code |1|10.0.0.1|1234|} or {@code |2|fd00:0:0:0:0:0:0:1|1234|}. */
    private void writeAddress(long hi, long lo, int port) {
        final boolean v4 = IpAddress.isV4(hi, lo);
        length = 0;
        text[length++] = '|';
        text[length++] = (byte) (v4 ? '1' : '2');
        text[length++] = '|';
        if (v4) {
            for (int shift = 24; shift >= 0; shift -= 8) {
                number((int) lo >>> shift & 0xFF);
                text[length++] = (byte) (shift == 0 ? '|' : '.');
            }
        } else {
            for (int i = 0; i < 8; i++) {
                hex((int) ((i < 4 ? hi : lo) >>> 48 - 16 * (i & 3)) & 0xFFFF);
                text[length++] = (byte) (i == 7 ? '|' : ':');
            }
        }
        number(port);
        text[length++] = '|';
    }

    private void hex(int value) {
        int shift = 12;
        while (shift > 0 && value >>> shift == 0) {
            shift -= 4;
        }
        for (; shift >= 0; shift -= 4) {
            text[length++] = (byte) Character.forDigit(value >>> shift & 0xF, 16);
        }
    }

    private void number(int value) {
        int divisor = 1;
        while (value / divisor >= 10) {
            divisor *= 10;
        }
        for (; divisor > 0; divisor /= 10) {
            text[length++] = (byte) ('0' + value / divisor % 10);
        }
    }
}
