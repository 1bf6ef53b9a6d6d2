package io.weir.dataplane.io;

import io.weir.dataplane.io.linux.Bpf;
import io.weir.dataplane.io.linux.BpfAssembler;

/**
 * Writes the program that decides, for each received frame, between the director's socket and the host's stack; and its twin
 * for interfaces that are tapped, which ends what a packet socket has got already.
 *
 * <p>It asks what the rules of {@link GuardScript} ask, in the same order: what they would keep from the host goes to the
 * director, everything else is the host's. Of that, {@link XdpTap} hears what is for both.
 *
 * <ol>
 *   <li>to a virtual or local address: director;
 *   <li>to a service on an address that the host uses too: director;
 *   <li>to the host itself: host;
 *   <li>from the service port of a real server behind NAT, or a later fragment from it: director;
 *   <li>anything else, anything too short to be read, anything but IPv4 and IPv6: host.
 * </ol>
 *
 * <p>The kernel lets nobody without CAP_PERFMON add a number it does not know to a packet pointer: what stands behind
 * options is therefore read by a helper, the rest directly.
 *
 * <p>One 802.1Q tag is looked behind; IPv4 options and up to {@link #MOST_EXTENSIONS} IPv6 extension headers are stepped
 * over.
 *
 * <p><b>Units</b>: constants compared with loaded values are in network order, read as a little-endian machine does.
 */
final class XdpProgram {
    /** An address map's value: these bits. */
    static final int TAKEN = 1;
    /** Some of its ports are services. */
    static final int SHARED = 2;

    static final int OWN = 4;
    /** A real server behind NAT. */
    static final int SERVER = 8;

    /** IPv6 address, or IPv4 address mapped into one. */
    static final int ADDRESS_BYTES = 16;
    /** Prefix length in bits (host order), address. */
    static final int PREFIX_BYTES = 20;
    /** Address, protocol, direction, port (network order; 0 = all). */
    static final int ENDPOINT_BYTES = 20;

    static final int PROTOCOL_AT = 16;
    static final int DIRECTION_AT = 17;
    static final int PORT_AT = 18;
    static final int TO_SERVICE = 0;
    static final int FROM_SERVER = 1;

    private static final int MOST_EXTENSIONS = 4;

    /** Where the program runs, and what it is given there: offsets of the frame's begin and end in its context. */
    private enum Hook {
        /** Before the kernel has a buffer of its own for the frame; struct xdp_md. */
        XDP(0, 4, Bpf.HELPER_XDP_LOAD_BYTES),
        /** After packet taps; struct __sk_buff. */
        INGRESS(76, 80, Bpf.HELPER_SKB_LOAD_BYTES);

        private final int data;
        private final int dataEnd;
        private final int loadBytes;

        Hook(int data, int dataEnd, int loadBytes) {
            this.data = data;
            this.dataEnd = dataEnd;
            this.loadBytes = loadBytes;
        }
    }

    /** In struct xdp_md. */
    private static final int QUEUE = 16;

    private static final int R0 = 0;
    private static final int R1 = 1;
    private static final int R2 = 2;
    private static final int R3 = 3;
    private static final int R4 = 4;
    private static final int CONTEXT = 6;
    private static final int IP = 7;
    private static final int END = 8;
    /** Where to read on behind IPv6 extension headers, counted from the frame's first byte. */
    private static final int OFFSET = 9;

    private static final int FRAME = 10;

    // On the stack.
    private static final int TO = -16;
    private static final int FROM = -32;
    private static final int ENDPOINT = -56;
    private static final int PREFIX = -84;
    private static final int ROLES = -88;
    private static final int LATER_FRAGMENT = -92;
    /** Where the IP header begins, counted from the frame's first byte. */
    private static final int IP_OFFSET = -96;

    private static final int PORTS = -100;
    private static final int EXTENSION = -112;

    private static final int ETHERNET_BYTES = 14;
    private static final int ETHERTYPE_AT = 12;
    private static final int TAG_BYTES = 4;
    private static final int FOUR = 0x0008;
    private static final int SIX = 0xDD86;
    private static final int TAGGED = 0x0081;
    private static final int MAPPED = 0xFFFF_0000;
    private static final int FRAGMENT_OFFSET_4 = 0xFF1F;
    private static final int FRAGMENT_OFFSET_6 = 0xF8FF;
    private static final int HOP_BY_HOP = 0;
    private static final int ROUTING = 43;
    private static final int FRAGMENT = 44;
    private static final int DESTINATION = 60;

    /** File descriptors of its maps; {@code sockets} is not read at the ingress. */
    record Maps(int addresses, int prefixes, int endpoints, int sockets) {}

    private final BpfAssembler code = new BpfAssembler();
    private final int toHost = code.label();
    private final int toDirector = code.label();
    private final Maps maps;
    private final Hook hook;

    private XdpProgram(Maps maps, Hook hook) {
        this.maps = maps;
        this.hook = hook;
    }

    /** The program over these maps that gives the director its frames. */
    static long[] assemble(Maps maps) {
        return new XdpProgram(maps, Hook.XDP).write();
    }

    /** The same for an interface's ingress: what is the director's ends there, its packet sockets have it already. */
    static long[] assembleDropping(Maps maps) {
        return new XdpProgram(maps, Hook.INGRESS).write();
    }

    private long[] write() {
        final int six = code.label();
        final int typed = code.label();
        code.move(CONTEXT, R1).load(4, IP, R1, hook.data).load(4, END, R1, hook.dataEnd);
        atLeast(ETHERNET_BYTES);
        code.load(2, R3, IP, ETHERTYPE_AT).addValue(IP, ETHERNET_BYTES);
        code.storeValue(4, FRAME, IP_OFFSET, ETHERNET_BYTES).jumpIfNotEqual(R3, TAGGED, typed);
        atLeast(TAG_BYTES);
        code.load(2, R3, IP, 2).addValue(IP, TAG_BYTES);
        code.storeValue(4, FRAME, IP_OFFSET, ETHERNET_BYTES + TAG_BYTES);
        code.bind(typed).jumpIfEqual(R3, SIX, six).jumpIfNotEqual(R3, FOUR, toHost);
        addresses4();
        decide(this::transport4);
        code.bind(six);
        addresses6();
        decide(this::transport6);
        code.bind(toDirector);
        if (hook == Hook.XDP) {
            code.load(4, R2, CONTEXT, QUEUE);
            // A queue without a socket: the host's stack, that is the guard.
            code.loadMap(R1, maps.sockets()).moveValue(R3, Bpf.XDP_PASS);
            code.call(Bpf.HELPER_REDIRECT_MAP).exit();
            code.bind(toHost).moveValue(R0, Bpf.XDP_PASS).exit();
        } else {
            code.moveValue(R0, Bpf.INGRESS_DROP).exit();
            code.bind(toHost).moveValue(R0, Bpf.INGRESS_NEXT).exit();
        }
        return code.assemble();
    }

    /** A frame that ends before is the host's. */
    private void atLeast(int bytes) {
        code.move(R2, IP).addValue(R2, bytes).jumpIfGreater(R2, END, toHost);
    }

    private void addresses4() {
        atLeast(20);
        mapped(TO, 16);
        mapped(FROM, 12);
    }

    private void mapped(int to, int at) {
        code.storeValue(8, FRAME, to, 0).storeValue(4, FRAME, to + 8, MAPPED);
        code.load(4, R1, IP, at).store(4, FRAME, to + 12, R1);
    }

    private void addresses6() {
        atLeast(40);
        code.load(8, R1, IP, 24).store(8, FRAME, TO, R1).load(8, R1, IP, 32).store(8, FRAME, TO + 8, R1);
        code.load(8, R1, IP, 8).store(8, FRAME, FROM, R1).load(8, R1, IP, 16).store(8, FRAME, FROM + 8, R1);
    }

    /** Addresses alone decide nearly always; the transport header is looked for where they do not. */
    private void decide(Runnable transport) {
        final int ports = code.label();
        final int notShared = code.label();
        roles(TO);
        code.store(4, FRAME, ROLES, R1).jumpIfBits(R1, TAKEN, toDirector);
        takenPrefix();
        code.load(4, R1, FRAME, ROLES).jumpIfBits(R1, SHARED, ports).jumpIfBits(R1, OWN, toHost);
        unlessServerToHost();
        code.bind(ports);
        transport.run();
        code.load(4, R1, FRAME, ROLES);
        final int shared = code.label();
        code.jumpIfBits(R1, SHARED, shared).jump(notShared);
        code.bind(shared);
        final int unknown = code.label();
        code.load(4, R1, FRAME, LATER_FRAGMENT).jumpIfNotEqual(R1, 0, unknown);
        endpoint(TO, TO_SERVICE, 2);
        code.bind(unknown).load(4, R1, FRAME, ROLES).jumpIfBits(R1, OWN, toHost);
        unlessServerToHost();
        code.bind(notShared);
        code.load(4, R1, FRAME, LATER_FRAGMENT).jumpIfNotEqual(R1, 0, toDirector);
        endpoint(FROM, FROM_SERVER, 0);
        code.jump(toHost);
    }

    /** {@code R1} = the roles of the address in the stack at {@code key}; 0 if there are none. */
    private void roles(int key) {
        final int none = code.label();
        lookUp(maps.addresses(), key);
        code.moveValue(R1, 0).jumpIfEqual(R0, 0, none).load(4, R1, R0, 0).bind(none);
    }

    private void unlessServerToHost() {
        final int server = code.label();
        roles(FROM);
        code.jumpIfBits(R1, SERVER, server).jump(toHost).bind(server);
    }

    private void takenPrefix() {
        code.storeValue(4, FRAME, PREFIX, 128);
        copyAddress(TO, PREFIX + 4);
        lookUp(maps.prefixes(), PREFIX);
        code.jumpIfNotEqual(R0, 0, toDirector);
    }

    private void copyAddress(int from, int to) {
        code.load(8, R1, FRAME, from).store(8, FRAME, to, R1);
        code.load(8, R1, FRAME, from + 8).store(8, FRAME, to + 8, R1);
    }

    /** To the director if the endpoint is in the map, with its port or for all ports. */
    private void endpoint(int address, int direction, int portAt) {
        copyAddress(address, ENDPOINT);
        code.storeValue(1, FRAME, ENDPOINT + DIRECTION_AT, direction);
        code.load(2, R1, FRAME, PORTS + portAt).store(2, FRAME, ENDPOINT + PORT_AT, R1);
        lookUp(maps.endpoints(), ENDPOINT);
        code.jumpIfNotEqual(R0, 0, toDirector);
        code.storeValue(2, FRAME, ENDPOINT + PORT_AT, 0);
        lookUp(maps.endpoints(), ENDPOINT);
        code.jumpIfNotEqual(R0, 0, toDirector);
    }

    private void lookUp(int map, int key) {
        code.move(R2, FRAME).addValue(R2, key).loadMap(R1, map).call(Bpf.HELPER_MAP_LOOKUP);
    }

    /** Protocol, ports, and whether there are ports. */
    private void transport4() {
        final int options = code.label();
        final int done = code.label();
        code.storeValue(4, FRAME, PORTS, 0);
        code.load(1, R1, IP, 9).store(1, FRAME, ENDPOINT + PROTOCOL_AT, R1);
        code.load(2, R1, IP, 6).andValue(R1, FRAGMENT_OFFSET_4).store(4, FRAME, LATER_FRAGMENT, R1);
        code.jumpIfNotEqual(R1, 0, done);
        code.load(1, R1, IP, 0).andValue(R1, 0xF).jumpIfNotEqual(R1, 5, options);
        directPorts(20);
        code.jump(done).bind(options).shiftLeft(R1, 2);
        code.load(4, R2, FRAME, IP_OFFSET).add(R2, R1);
        copyFromFrame(PORTS, 4);
        code.bind(done);
    }

    private void transport6() {
        final int direct = code.label();
        final int done = code.label();
        code.storeValue(4, FRAME, PORTS, 0).storeValue(4, FRAME, LATER_FRAGMENT, 0);
        code.load(1, R4, IP, 6).store(1, FRAME, ENDPOINT + PROTOCOL_AT, R4);
        code.load(4, OFFSET, FRAME, IP_OFFSET).addValue(OFFSET, 40);
        final int behind = code.label();
        for (int n = 0; n < MOST_EXTENSIONS; n++) {
            final int notFound = n == 0 ? direct : behind;
            final int next = code.label();
            extension(notFound, next, done);
            code.bind(next);
        }
        code.bind(behind).move(R2, OFFSET);
        copyFromFrame(PORTS, 4);
        code.jump(done).bind(direct);
        directPorts(40);
        code.bind(done);
    }

    /** Steps over one header whose kind is in {@code R4}; the next one's kind is there then. */
    private void extension(int notOne, int next, int laterFragment) {
        final int fragment = code.label();
        final int one = code.label();
        code.jumpIfEqual(R4, FRAGMENT, one).jumpIfEqual(R4, HOP_BY_HOP, one);
        code.jumpIfEqual(R4, ROUTING, one)
                .jumpIfNotEqual(R4, DESTINATION, notOne)
                .bind(one);
        code.move(R2, OFFSET);
        copyFromFrame(EXTENSION, 8);
        code.load(1, R1, FRAME, ENDPOINT + PROTOCOL_AT).load(1, R4, FRAME, EXTENSION);
        code.store(1, FRAME, ENDPOINT + PROTOCOL_AT, R4).jumpIfEqual(R1, FRAGMENT, fragment);
        code.load(1, R1, FRAME, EXTENSION + 1)
                .addValue(R1, 1)
                .shiftLeft(R1, 3)
                .add(OFFSET, R1)
                .jump(next);
        code.bind(fragment).load(2, R1, FRAME, EXTENSION + 2).andValue(R1, FRAGMENT_OFFSET_6);
        code.store(4, FRAME, LATER_FRAGMENT, R1).addValue(OFFSET, 8).jumpIfNotEqual(R1, 0, laterFragment);
    }

    private void directPorts(int ipBytes) {
        atLeast(ipBytes + 4);
        code.load(4, R1, IP, ipBytes).store(4, FRAME, PORTS, R1);
    }

    /** Copies from offset {@code R2} of the frame; what is not there makes the frame the host's. */
    private void copyFromFrame(int to, int bytes) {
        code.move(R1, CONTEXT).move(R3, FRAME).addValue(R3, to).moveValue(R4, bytes);
        code.call(hook.loadBytes).jumpIfNotEqual(R0, 0, toHost);
    }
}
