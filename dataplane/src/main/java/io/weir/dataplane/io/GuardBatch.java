package io.weir.dataplane.io;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.weir.dataplane.io.GuardRules.Endpoint;
import io.weir.packet.IpAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;

/**
 * Writes a change of the guard's sets as the kernel's own messages: what {@link GuardScript#change} says for nft, without a
 * process and without text, which for a hundred thousand servers is half of the time.
 *
 * <p><b>Layout</b>: a begin message, messages of up to {@link #ELEMENTS_PER_MESSAGE} elements of one set, an end message.
 * A key of several fields has each of them at a multiple of four bytes, in network order.
 *
 * <p><b>Source</b>: nf_tables.h and nfnetlink.h of the Linux kernel.
 */
final class GuardBatch {
    private static final int BEGIN = 0x10;
    private static final int END = 0x11;
    private static final int SUBSYSTEM = 10;
    private static final int GET_TABLE = SUBSYSTEM << 8 | 1;
    private static final int NEW_ELEMENTS = SUBSYSTEM << 8 | 12;
    private static final int DELETE_ELEMENTS = SUBSYSTEM << 8 | 14;
    private static final int FAMILY_NETDEV = 5;
    private static final short REQUEST = 0x1;
    private static final short ACKNOWLEDGE = 0x4;
    private static final short CREATE = 0x400;
    private static final int NESTED = 0x8000;
    private static final int TABLE = 1;
    private static final int SET = 2;
    private static final int ELEMENTS = 3;
    private static final int ELEMENT = 1;
    private static final int KEY = 1;
    private static final int FLAGS = 3;
    private static final int VALUE = 1;
    private static final int INTERVAL_END = 1;

    /** The length of an attribute has 16 bits. */
    private static final int ELEMENTS_PER_MESSAGE = 1_000;

    private static final int MOST_ELEMENT_BYTES = 48;
    private static final int MOST_MESSAGE_BYTES = 512;
    private static final int MESSAGES_WITHOUT_ELEMENTS = 4;
    /** Kinds of sets that a message may be of: it begins anew with each. */
    private static final int KINDS = 32;

    private static final int FLAGS_AT = 6;

    private final String table;
    private final ByteBuffer out;
    private int sequence;
    private int messageAt;
    private int elementsAt;

    private GuardBatch(String table, int elements) {
        this.table = table;
        final int messages = elements / ELEMENTS_PER_MESSAGE + KINDS + MESSAGES_WITHOUT_ELEMENTS;
        this.out = ByteBuffer.allocateDirect(elements * MOST_ELEMENT_BYTES + messages * MOST_MESSAGE_BYTES)
                .order(ByteOrder.nativeOrder());
    }

    /** A batch, and the sequence number of its last message with elements. */
    record Messages(ByteBuffer bytes, int last) {}

    /** Can it be said in elements alone? A new IPv6 VIP needs a rule. */
    static boolean isEnough(GuardRules.Change change) {
        return change.newVips().stream().allMatch(vip -> vip.address().isV4() && vip.length() == Integer.SIZE);
    }

    /** The messages of a change that is not empty. */
    static Messages of(String table, GuardRules.Change change) {
        final int elements =
                2 * change.newVips().size() + size(change.services()) + size(change.replies()) + size(change.servers());
        final GuardBatch batch = new GuardBatch(table, elements);
        batch.control(BEGIN);
        final List<Integer> vips = new ArrayList<>();
        change.newVips().forEach(vip -> vips.add((int) vip.address().lo()));
        batch.intervals(vips);
        for (final boolean four : new boolean[] {true, false}) {
            batch.endpoints("service", change.services(), four);
            batch.endpoints("reply", change.replies(), four);
            final String servers = "server" + (four ? "4" : "6");
            batch.elements(NEW_ELEMENTS, servers, of(change.servers().added(), four), batch::address);
            batch.elements(DELETE_ELEMENTS, servers, of(change.servers().removed(), four), batch::address);
        }
        final int last = batch.sequence;
        batch.out.putShort(
                batch.messageAt + FLAGS_AT, (short) (batch.out.getShort(batch.messageAt + FLAGS_AT) | ACKNOWLEDGE));
        batch.control(END);
        batch.out.flip();
        return new Messages(batch.out, last);
    }

    /** Asks for the table: acknowledged, or refused with ENOENT if it is not there. */
    static Messages question(String table) {
        final GuardBatch batch = new GuardBatch(table, 0);
        batch.header(GET_TABLE, ACKNOWLEDGE, FAMILY_NETDEV, 0);
        batch.text(TABLE, table);
        batch.out.putInt(0, batch.out.position());
        batch.out.flip();
        return new Messages(batch.out, batch.sequence);
    }

    private static int size(GuardRules.Delta<?> delta) {
        return delta.added().size() + delta.removed().size();
    }

    private static List<IpAddress> of(List<IpAddress> addresses, boolean four) {
        final List<IpAddress> found = new ArrayList<>(addresses.size());
        for (final IpAddress address : addresses) {
            if (address.isV4() == four) {
                found.add(address);
            }
        }
        return found;
    }

    /** Writes the value of one element. */
    private interface Writer<T> {
        void write(T element);
    }

    /** One end of an interval; an address is from itself to before the next one. */
    private record Bound(int address, boolean last) {}

    /** The kernel takes intervals one by one: a beginning and its end, before the next beginning. */
    private void intervals(List<Integer> addresses) {
        final List<Bound> bounds = new ArrayList<>();
        addresses.stream().sorted(Integer::compareUnsigned).forEach(address -> {
            bounds.add(new Bound(address, false));
            bounds.add(new Bound(address + 1, true));
        });
        elements(NEW_ELEMENTS, "taken4", bounds, this::bound, bound -> bound.last() ? INTERVAL_END : 0);
    }

    private void bound(Bound bound) {
        out.order(ByteOrder.BIG_ENDIAN).putInt(bound.address()).order(ByteOrder.nativeOrder());
    }

    private void endpoints(String name, GuardRules.Delta<Endpoint> delta, boolean four) {
        for (final boolean whole : new boolean[] {false, true}) {
            final String set = name + (whole ? "all" : "port") + (four ? "4" : "6");
            elements(NEW_ELEMENTS, set, of(delta.added(), four, whole), this::endpoint);
            elements(DELETE_ELEMENTS, set, of(delta.removed(), four, whole), this::endpoint);
        }
    }

    private static List<Endpoint> of(List<Endpoint> endpoints, boolean four, boolean whole) {
        final List<Endpoint> found = new ArrayList<>(endpoints.size());
        for (final Endpoint each : endpoints) {
            if (each.address().isV4() == four && (each.port() == 0) == whole) {
                found.add(each);
            }
        }
        return found;
    }

    private void address(IpAddress address) {
        out.order(ByteOrder.BIG_ENDIAN);
        if (address.isV4()) {
            out.putInt((int) address.lo());
        } else {
            out.putLong(address.hi()).putLong(address.lo());
        }
        out.order(ByteOrder.nativeOrder());
    }

    private void endpoint(Endpoint endpoint) {
        address(endpoint.address());
        out.put((byte) endpoint.protocol()).put((byte) 0).putShort((short) 0);
        if (endpoint.port() != 0) {
            out.order(ByteOrder.BIG_ENDIAN).putShort((short) endpoint.port()).putShort((short) 0);
            out.order(ByteOrder.nativeOrder());
        }
    }

    private <T> void elements(int type, String set, List<T> elements, Writer<T> writer) {
        elements(type, set, elements, writer, element -> 0);
    }

    private <T> void elements(int type, String set, List<T> elements, Writer<T> writer, ToIntFunction<T> flags) {
        int inMessage = ELEMENTS_PER_MESSAGE;
        for (final T element : elements) {
            if (inMessage == ELEMENTS_PER_MESSAGE) {
                finish();
                start(type, set);
                inMessage = 0;
            }
            final int at = open(ELEMENT);
            final int key = open(KEY);
            final int value = open(VALUE);
            out.putShort(value + Short.BYTES, (short) VALUE);
            writer.write(element);
            close(value);
            close(key);
            final int flag = flags.applyAsInt(element);
            if (flag != 0) {
                attribute(FLAGS, Integer.BYTES);
                out.order(ByteOrder.BIG_ENDIAN).putInt(flag).order(ByteOrder.nativeOrder());
            }
            close(at);
            inMessage++;
        }
        finish();
    }

    private void control(int type) {
        header(type, 0, 0, SUBSYSTEM);
        out.putInt(messageAt, out.position() - messageAt);
    }

    private void start(int type, String set) {
        header(type, type == NEW_ELEMENTS ? CREATE : 0, FAMILY_NETDEV, 0);
        text(TABLE, table);
        text(SET, set);
        elementsAt = open(ELEMENTS);
    }

    /** struct nlmsghdr, whose length comes at the end, and struct nfgenmsg. */
    private void header(int type, int flags, int family, int resource) {
        messageAt = out.position();
        out.putInt(0).putShort((short) type).putShort((short) (REQUEST | flags));
        out.putInt(++sequence).putInt(0);
        out.put((byte) family).put((byte) 0);
        out.order(ByteOrder.BIG_ENDIAN).putShort((short) resource).order(ByteOrder.nativeOrder());
    }

    private void finish() {
        if (elementsAt != 0) {
            close(elementsAt);
            elementsAt = 0;
            out.putInt(messageAt, out.position() - messageAt);
        }
    }

    private void text(int attribute, String text) {
        final byte[] bytes = text.getBytes(US_ASCII);
        attribute(attribute, bytes.length + 1);
        out.put(bytes).put((byte) 0);
        pad();
    }

    private void attribute(int type, int bytes) {
        out.putShort((short) (bytes + Integer.BYTES)).putShort((short) type);
    }

    private int open(int type) {
        final int at = out.position();
        attribute(type | NESTED, 0);
        return at;
    }

    private void close(int at) {
        out.putShort(at, (short) (out.position() - at));
        pad();
    }

    private void pad() {
        while (out.position() % Integer.BYTES != 0) {
            out.put((byte) 0);
        }
    }
}
