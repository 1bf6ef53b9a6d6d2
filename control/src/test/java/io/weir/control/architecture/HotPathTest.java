package io.weir.control.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaMethod;
import io.weir.dataplane.Worker;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What a packet may not cost: an object, a lambda, text, a stream, a boxed number, an iterator, a log line.
 *
 * <p>Follows every call from {@link Worker#doWork} on, through interfaces into all their implementations, as far as our own
 * classes go. {@link #NOT_FOLLOWED} names where a turn does something that no packet causes. The tests that measure
 * allocation say the last word, also about arrays, which are not seen here; this one says which line it was.
 */
final class HotPathTest {
    private static final Map<String, String> NOT_FOLLOWED = Map.of(
            "PcapDevice.write", "a capture file is no live device; pcap4j wants an object for each frame",
            "WorkerSync.snapshot", "once for each new configuration; the first with a sync daemon makes its memory",
            "Defence.snapshot", "once for each new configuration: looks settings up by name",
            "Shadows.snapshot", "once for each new configuration; the first with a shadow scheduler makes its memory",
            "NextHopRequests.sourceFor",
                    "once for each neighbour request, and only on an interface without an address");

    /** Where calls go that no calling method shows, because an object was made of them when the worker was. */
    private static final Set<String> CALLED_BACK = Set.of(
            "Worker.flush",
            "ConnectionTable.onDue",
            "Connections.onExpiry",
            "FrameOutput.clear",
            "SyncBackup.onMessage");

    /** Thrown by checks: production switches the one off, javac writes the other behind a switch over an enum. */
    private static final Set<String> THROWN =
            Set.of("java.lang.IndexOutOfBoundsException", "java.lang.IncompatibleClassChangeError");

    private static final Set<String> BOXES = Set.of(
            "java.lang.Integer",
            "java.lang.Long",
            "java.lang.Short",
            "java.lang.Byte",
            "java.lang.Boolean",
            "java.lang.Character",
            "java.lang.Double",
            "java.lang.Float");

    /** What a turn reaches, and from where. */
    private final Map<JavaCodeUnit, JavaCodeUnit> reached = new LinkedHashMap<>();

    private void walk() {
        final Deque<JavaCodeUnit> open = new ArrayDeque<>();
        ArchitectureTest.HOUSE.stream()
                .flatMap(c -> c.getMethods().stream())
                .filter(m -> name(m).equals("Worker.doWork") || CALLED_BACK.contains(name(m)))
                .forEach(open::add);
        assertEquals(CALLED_BACK.size() + 1, open.size(), "starting points");
        open.forEach(unit -> reached.put(unit, unit));
        while (!open.isEmpty()) {
            final JavaCodeUnit from = open.remove();
            from.getCallsFromSelf()
                    .forEach(call -> call.getTarget().resolveMember().ifPresent(member -> implementations(
                                    (JavaCodeUnit) member)
                            .filter(to -> to.getOwner().getName().startsWith("io.weir."))
                            .filter(to -> !NOT_FOLLOWED.containsKey(name(to)))
                            .filter(to -> reached.putIfAbsent(to, from) == null)
                            .forEach(open::add)));
        }
    }

    private static Stream<JavaCodeUnit> implementations(JavaCodeUnit target) {
        if (!(target instanceof JavaMethod)) {
            return Stream.of(target);
        }
        final String[] parameters =
                target.getRawParameterTypes().stream().map(JavaClass::getName).toArray(String[]::new);
        return Stream.concat(
                Stream.of(target),
                target.getOwner().getAllSubclasses().stream()
                        .flatMap(c -> c.tryGetMethod(target.getName(), parameters).stream()));
    }

    private static String name(JavaCodeUnit unit) {
        return unit.getOwner().getSimpleName() + "." + unit.getName();
    }

    @Test
    void shouldCostAPacketNothingThatTheCollectorSees() {
        walk();
        assertTrue(reached.size() > 600, "reached=" + reached.size());
        final List<String> found = new ArrayList<>();
        reached.forEach((unit, from) -> unit.getAccessesFromSelf().stream()
                .filter(HotPathTest::isForbidden)
                .forEach(access -> found.add(name(unit) + " (from " + name(from) + "): "
                        + access.getTargetOwner().getSimpleName() + "."
                        + access.getTarget().getName() + ", line " + access.getLineNumber())));
        assertEquals(List.of(), found);
    }

    @Test
    void shouldNameExceptionsThatExist() {
        final List<String> names = ArchitectureTest.HOUSE.stream()
                .flatMap(c -> c.getMethods().stream())
                .map(HotPathTest::name)
                .toList();
        assertEquals(
                List.of(),
                NOT_FOLLOWED.keySet().stream()
                        .filter(name -> !names.contains(name))
                        .toList());
    }

    private static boolean isForbidden(JavaAccess<?> access) {
        final String owner = access.getTargetOwner().getName();
        final String name = access.getTarget().getName();
        return access.isDeclaredInLambda()
                || name.equals("<init>") && !THROWN.contains(owner)
                || owner.equals("java.lang.String") && (name.equals("format") || name.equals("formatted"))
                || owner.startsWith("java.util.stream")
                || name.equals("stream")
                || name.equals("iterator")
                || owner.startsWith("org.slf4j")
                || BOXES.contains(owner) && name.equals("valueOf");
    }
}
