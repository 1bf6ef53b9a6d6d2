package io.weir.bench;

import io.weir.packet.IpAddress;
import io.weir.packet.PacketBuilder;
import io.weir.packet.PacketParser;
import io.weir.packet.ParseStatus;
import io.weir.packet.ParsedPacket;
import io.weir.packet.TcpFlags;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * From a frame to its key: what {@link PacketParser} costs per frame, over a ring of different frames.
 *
 * <pre>
 * java -cp ... io.weir.bench.BenchMain parse [-p kind=tcp6]
 * </pre>
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 10, time = 1)
@Fork(
        value = 3,
        jvmArgsPrepend = {
            BenchFlags.EXPORTS,
            BenchFlags.NATIVE_ACCESS,
            BenchFlags.NO_X86ASM,
            BenchFlags.DISABLE_BOUNDS_CHECKS
        })
public class ParserBenchmark {
    private static final int FRAMES = 512;
    private static final int STRIDE_BYTES = 2048;
    /** The IP header of an Ethernet frame is then on a multiple of four. */
    private static final int FIRST_BYTE = 2;

    /** Ethernet frames. */
    public enum Kind {
        tcp4,
        tcp4vlan,
        tcp6,
        udp4
    }

    @Param
    public Kind kind = Kind.tcp4;

    private final PacketParser parser = new PacketParser();
    private final ParsedPacket packet = new ParsedPacket();
    private final UnsafeBuffer frames = new UnsafeBuffer(ByteBuffer.allocateDirect(FRAMES * STRIDE_BYTES));
    private final int[] lengths = new int[FRAMES];

    @Setup
    public void build() {
        for (int i = 0; i < FRAMES; i++) {
            final byte[] frame = frame(i);
            frames.putBytes(i * STRIDE_BYTES + FIRST_BYTE, frame);
            lengths[i] = frame.length;
            final int status = parse(i);
            if (status != ParseStatus.OK || packet.srcPort != Scatter.port(i)) {
                throw new IllegalStateException("not parsed as built: status=" + status);
            }
        }
    }

    private byte[] frame(int i) {
        final PacketBuilder frame = PacketBuilder.ethernet();
        if (kind == Kind.tcp4vlan) {
            frame.vlan(7);
        }
        final int low = Scatter.address(i);
        if (kind == Kind.tcp6) {
            frame.ip(new IpAddress(0x2001_0DB8_0000_0000L, low), IpAddress.parse("2001:db8:f::1"));
        } else {
            // a class A source: no martian
            frame.ip(new IpAddress(0, IpAddress.v4(0x0A00_0000 | low & 0xFF_FFFF)), IpAddress.parse("203.0.113.1"));
        }
        return kind == Kind.udp4
                ? frame.udp(Scatter.port(i), 53).payload(1400).build()
                : frame.tcp(Scatter.port(i), 80, TcpFlags.ACK).build();
    }

    private int parse(int i) {
        return parser.parse(frames, i * STRIDE_BYTES + FIRST_BYTE, lengths[i], true, packet);
    }

    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public long parse() {
        long sum = 0;
        for (int i = 0; i < FRAMES; i++) {
            sum += parse(i) + packet.srcLo + packet.l4Offset;
        }
        return sum;
    }
}
