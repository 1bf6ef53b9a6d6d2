package io.weir.bench;

import io.weir.packet.InternetChecksum;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The Internet checksum: a full sum by length, against a plain loop over 16-bit words, and the patch (RFC 1624) that NAT
 * does instead of either.
 *
 * <pre>
 * java -cp ... io.weir.bench.BenchMain checksum [-p bytes=1460]
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
public class ChecksumBenchmark {
    private static final int CAPACITY = 16_384;

    private int checksum;
    private long oldAddress;
    private long newAddress;

    /** Random bytes. */
    @State(Scope.Thread)
    public static class Data {
        @Param({"20", "64", "576", "1460", "8960"})
        public int bytes;

        private final UnsafeBuffer buffer = new UnsafeBuffer(ByteBuffer.allocateDirect(CAPACITY));

        @Setup
        public void fill() {
            final Random random = new Random(1);
            for (int i = 0; i < CAPACITY; i++) {
                buffer.putByte(i, (byte) random.nextInt());
            }
            if (wordByWord(this) != inOneGo(this)) {
                throw new IllegalStateException("the two sums differ: bytes=" + bytes);
            }
        }
    }

    @Setup
    public void start() {
        checksum = 0x1234;
        oldAddress = 0xFFFF_0A14_000BL;
        newAddress = 0xFFFF_CB00_7101L;
    }

    @Benchmark
    public int sum(Data data) {
        return inOneGo(data);
    }

    @Benchmark
    public int plainLoop(Data data) {
        return wordByWord(data);
    }

    @Benchmark
    public int patchAddressAndPort() {
        checksum = InternetChecksum.updateAddress(checksum, 0, oldAddress, 0, newAddress);
        checksum = InternetChecksum.update16(checksum, 8080, 80);
        return checksum;
    }

    private static int inOneGo(Data data) {
        return InternetChecksum.finish(InternetChecksum.sum(data.buffer, 2, data.bytes, 0));
    }

    private static int wordByWord(Data data) {
        long sum = 0;
        for (int i = 0; i < data.bytes; i += 2) {
            sum += data.buffer.getShort(2 + i, ByteOrder.BIG_ENDIAN) & 0xFFFF;
        }
        return InternetChecksum.finish(sum);
    }
}
