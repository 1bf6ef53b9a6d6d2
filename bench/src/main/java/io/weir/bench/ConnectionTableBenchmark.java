package io.weir.bench;

import io.weir.conntrack.ConnectionTable;
import io.weir.conntrack.NewConnection;
import io.weir.conntrack.Ticks;
import io.weir.packet.IpAddress;
import io.weir.packet.ProtocolNumbers;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The connection table by its size: flows are looked up in random order, so that beyond the caches each costs a miss or
 * two; {@code findOneByOne} pays them one after the other, {@code findInBatch} lets them overlap as the packet path does.
 *
 * <pre>
 * java -cp ... io.weir.bench.BenchMain table [-p flows=1000000]
 * </pre>
 *
 * <p>Ten million flows take 1.2 GB outside the heap.
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
public class ConnectionTableBenchmark {
    private static final int BATCH = 64;
    private static final int TCP = ProtocolNumbers.TCP;
    private static final long VIP = IpAddress.v4(0xCB00_7101);
    private static final long RIP = IpAddress.v4(0x0A14_000A);
    private static final int VPORT = 80;
    /** No flow has this client port. */
    private static final int UNKNOWN_PORT = 7;

    private static final int TIMEOUT = 900 * Ticks.PER_SECOND;
    private static final int START = 0;

    @Param({"1000", "100000", "1000000", "10000000"})
    public int flows;

    private final NewConnection connection = new NewConnection();
    private final long[] hashes = new long[BATCH];
    private final int[] batch = new int[BATCH];

    @SuppressWarnings("NullAway.Init") // made in fill()
    private ConnectionTable table;

    private long step;
    private int tick;

    @Setup(Level.Trial)
    public void fill() {
        table = ConnectionTable.create(flows + BATCH, 0x5EED);
        for (int flow = 0; flow < flows; flow++) {
            if (insert(flow, Scatter.port(flow)) == ConnectionTable.NONE) {
                throw new IllegalStateException("no room: flow=" + flow);
            }
        }
        for (int i = 0; i < 1000; i++) {
            final int flow = Scatter.flow(i, flows);
            final int id = find(flow, Scatter.port(flow));
            final boolean right = id >= 0 && (int) table.clientLo(id) == Scatter.address(flow);
            if (!right || find(flow, UNKNOWN_PORT) != ConnectionTable.NONE) {
                throw new IllegalStateException("the table is wrong: flow=" + flow);
            }
        }
    }

    @TearDown(Level.Trial)
    public void close() throws Exception {
        table.close();
    }

    private long hash(int flow, int port) {
        return table.hash(TCP, 0, IpAddress.v4(Scatter.address(flow)), port);
    }

    private int find(int flow, int port) {
        return find(hash(flow, port), flow, port);
    }

    private int find(long hash, int flow, int port) {
        return table.find(hash, TCP, 0, IpAddress.v4(Scatter.address(flow)), port, 0, VIP, VPORT);
    }

    private int insert(int flow, int port) {
        connection
                .clear()
                .client(0, IpAddress.v4(Scatter.address(flow)), port)
                .virtual(0, VIP, VPORT)
                .destination(flow & 0xFF, 0, RIP + (flow & 0xFF), VPORT);
        connection.protocol = TCP;
        connection.timeoutTicks = TIMEOUT;
        return table.insert(hash(flow, port), connection, START);
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int findOneByOne() {
        int sum = 0;
        for (int i = 0; i < BATCH; i++) {
            // the next flow depends on the last result: no overlap
            final int flow = Scatter.flow(step++ + (sum & 1), flows);
            sum += find(flow, Scatter.port(flow));
        }
        return sum;
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int findInBatch() {
        return find(0);
    }

    /** What an established flow costs: found, and its deadline moved on. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int findInBatchAndTouch() {
        tick++;
        return find(TIMEOUT);
    }

    private int find(int timeout) {
        int sum = 0;
        for (int i = 0; i < BATCH; i++) {
            batch[i] = Scatter.flow(step++, flows);
            hashes[i] = hash(batch[i], Scatter.port(batch[i]));
            sum += ConnectionTable.touch(table.window(hashes[i]));
        }
        for (int i = 0; i < BATCH; i++) {
            sum += ConnectionTable.touchRecord(
                    table.recordAddress(table.candidate(table.window(hashes[i]), hashes[i])));
        }
        for (int i = 0; i < BATCH; i++) {
            final int id = find(hashes[i], batch[i], Scatter.port(batch[i]));
            if (timeout > 0) {
                table.schedule(id, tick >>> 10, timeout);
            }
            sum += id;
        }
        return sum;
    }

    /** A flow that is not there, as under a SYN flood. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int findNothing() {
        int sum = 0;
        for (int i = 0; i < BATCH; i++) {
            sum += find(Scatter.flow(step++ + (sum & 1), flows), UNKNOWN_PORT);
        }
        return sum;
    }

    /** A connection's birth and death, without what lies between. */
    @Benchmark
    public boolean insertAndRemove() {
        return table.remove(insert(Scatter.flow(step++, flows), UNKNOWN_PORT));
    }
}
