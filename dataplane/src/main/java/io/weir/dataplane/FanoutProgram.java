package io.weir.dataplane;

import static io.weir.dataplane.ClassicBpf.ADD_X;
import static io.weir.dataplane.ClassicBpf.AND;
import static io.weir.dataplane.ClassicBpf.A_TO_X;
import static io.weir.dataplane.ClassicBpf.HEADER_LENGTH_TO_X;
import static io.weir.dataplane.ClassicBpf.JUMP_IF_BITS;
import static io.weir.dataplane.ClassicBpf.JUMP_IF_EQUAL;
import static io.weir.dataplane.ClassicBpf.LOAD_BYTE;
import static io.weir.dataplane.ClassicBpf.LOAD_HALF;
import static io.weir.dataplane.ClassicBpf.LOAD_HALF_AT_X;
import static io.weir.dataplane.ClassicBpf.LOAD_MEMORY;
import static io.weir.dataplane.ClassicBpf.LOAD_WORD;
import static io.weir.dataplane.ClassicBpf.MULTIPLY;
import static io.weir.dataplane.ClassicBpf.NETWORK;
import static io.weir.dataplane.ClassicBpf.PROTOCOL;
import static io.weir.dataplane.ClassicBpf.RETURN;
import static io.weir.dataplane.ClassicBpf.RETURN_A;
import static io.weir.dataplane.ClassicBpf.SHIFT_RIGHT;
import static io.weir.dataplane.ClassicBpf.STORE_MEMORY;
import static io.weir.dataplane.ClassicBpf.XOR;
import static io.weir.dataplane.ClassicBpf.XOR_X;

import io.weir.conntrack.ClientHash;
import io.weir.dataplane.AddressTree.Words;
import io.weir.dataplane.ClassicBpf.Label;
import io.weir.dataplane.route.InterfaceInfo.Prefix;
import io.weir.packet.ProtocolNumbers;
import java.util.ArrayList;
import java.util.List;

/**
 * The kernel's part of dividing frames among workers: the number of a frame's owner, before the kernel takes it modulo the
 * number of sockets.
 *
 * <pre>
 *  for a FULLNAT local address, with ports:    the destination port
 *  for any address of ours (VIP, LIP, host's): the hash of the source
 *  for any other:                              the hash of the destination
 *  not IP:                                     0
 * </pre>
 *
 * <p>{@link Steering} says the same, and more of the frames that this cannot see into. Too many addresses for one program
 * are taken together in shorter prefixes; what that sends to the wrong worker is handed over.
 */
final class FanoutProgram {
    private static final int IPV4_PROTOCOL = 9;
    private static final int IPV4_FRAGMENT = 6;
    private static final int IPV4_FRAGMENT_BITS = 0x3FFF;
    private static final int IPV4_SOURCE = 12;
    private static final int IPV4_DESTINATION = 16;
    private static final int IPV6_NEXT_HEADER = 6;
    private static final int IPV6_SOURCE = 8;
    private static final int IPV6_DESTINATION = 24;
    private static final int IPV6_HEADER = 40;
    private static final int DESTINATION_PORT = 2;
    private static final int WORD_BITS = 32;

    private final ClassicBpf code = new ClassicBpf();
    private final Ownership ownership;
    private final Label finish = new Label();

    private FanoutProgram(Ownership ownership) {
        this.ownership = ownership;
    }

    /** Struct sock_filter as longs. */
    static long[] of(Ownership ownership, ConfigSnapshot snapshot) {
        final List<Prefix> lips = snapshot.localAddressSet().prefixes();
        final List<Prefix> ours = new ArrayList<>(snapshot.vips().prefixes());
        ours.addAll(snapshot.own().prefixes());
        for (int coarse = 0; ; coarse++) {
            final long[] program = new FanoutProgram(ownership).write(lips, ours, coarse);
            if (program.length <= ClassicBpf.MOST) {
                return program;
            }
        }
    }

    private long[] write(List<Prefix> lips, List<Prefix> ours, int coarse) {
        final Label v4 = new Label();
        final Label v6 = new Label();
        code.add(LOAD_WORD, PROTOCOL)
                .branch(JUMP_IF_EQUAL, ProtocolNumbers.ETHERTYPE_IPV4, v4)
                .branch(JUMP_IF_EQUAL, ProtocolNumbers.ETHERTYPE_IPV6, v6)
                .add(RETURN);
        code.bind(v4);
        family(words(lips, true, coarse), words(ours, true, coarse), true);
        code.bind(v6);
        family(words(lips, false, coarse), words(ours, false, coarse), false);
        code.bind(finish);
        mix();
        return code.program();
    }

    private static List<Words> words(List<Prefix> prefixes, boolean v4, int coarse) {
        final List<Words> words = new ArrayList<>();
        for (final Prefix each : prefixes) {
            if (each.address().isV4() == v4) {
                words.add(Words.of(each, coarse));
            }
        }
        return words;
    }

    private void family(List<Words> lips, List<Words> ours, boolean v4) {
        final Label local = new Label();
        final Label notLocal = new Label();
        final Label in = new Label();
        final Label out = new Label();
        final int destination = v4 ? IPV4_DESTINATION : IPV6_DESTINATION;
        if (!lips.isEmpty()) {
            tree(local, notLocal, destination).write(lips);
            code.bind(local);
            port(v4, in);
        }
        code.bind(notLocal);
        tree(in, out, destination).write(ours);
        code.bind(in);
        client(v4, v4 ? IPV4_SOURCE : IPV6_SOURCE);
        code.bind(out);
        client(v4, destination);
    }

    private AddressTree tree(Label found, Label missing, int destination) {
        return new AddressTree(
                code, found, missing, word -> code.add(LOAD_WORD, NETWORK + destination + word * Integer.BYTES));
    }

    /** The local port, if the packet has one in the usual place. */
    private void port(boolean v4, Label otherwise) {
        final Label ports = new Label();
        if (v4) {
            code.add(LOAD_HALF, NETWORK + IPV4_FRAGMENT).branch(JUMP_IF_BITS, IPV4_FRAGMENT_BITS, otherwise);
        }
        code.add(LOAD_BYTE, NETWORK + (v4 ? IPV4_PROTOCOL : IPV6_NEXT_HEADER))
                .branch(JUMP_IF_EQUAL, ProtocolNumbers.TCP, ports)
                .branch(JUMP_IF_EQUAL, ProtocolNumbers.UDP, ports)
                .branch(JUMP_IF_EQUAL, ProtocolNumbers.SCTP, ports, otherwise)
                .bind(ports);
        if (v4) {
            code.add(HEADER_LENGTH_TO_X, NETWORK).add(LOAD_HALF_AT_X, NETWORK + DESTINATION_PORT);
        } else {
            code.add(LOAD_HALF, NETWORK + IPV6_HEADER + DESTINATION_PORT);
        }
        code.add(RETURN_A);
    }

    /** As ClientHash.owner begins, of the masked address. */
    private void client(boolean v4, int at) {
        final int bits = v4 ? ownership.netmask4() : ownership.netmask6();
        word(at, bits);
        code.add(XOR, ownership.hash().ownerSeed());
        for (int i = 1; !v4 && i < 4; i++) {
            code.add(MULTIPLY, ClientHash.OWNER_FACTOR_1).add(STORE_MEMORY);
            word(at + i * Integer.BYTES, bits - i * WORD_BITS);
            code.add(A_TO_X).add(LOAD_MEMORY).add(ADD_X);
        }
        code.jump(finish);
    }

    private void word(int at, int bits) {
        code.add(LOAD_WORD, NETWORK + at);
        if (bits < WORD_BITS) {
            code.add(AND, bits <= 0 ? 0 : -1 << (WORD_BITS - bits));
        }
    }

    /** As it ends. */
    private void mix() {
        code.add(MULTIPLY, ClientHash.OWNER_FACTOR_1)
                .add(A_TO_X)
                .add(SHIFT_RIGHT, ClientHash.OWNER_SHIFT_1)
                .add(XOR_X)
                .add(MULTIPLY, ClientHash.OWNER_FACTOR_2)
                .add(A_TO_X)
                .add(SHIFT_RIGHT, ClientHash.OWNER_SHIFT_2)
                .add(XOR_X)
                .add(RETURN_A);
    }
}
