package io.weir.control.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleName;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleNameEndingWith;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.ThreadMXBean;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.weir.dataplane.DataPlane;
import io.weir.dataplane.Egress;
import io.weir.dataplane.PacketContext;
import io.weir.dataplane.PacketPath;
import io.weir.dataplane.Worker;
import io.weir.dataplane.WorkerThread;
import io.weir.dataplane.forward.ForwardingMethod;
import io.weir.dataplane.io.IngressGuard;
import io.weir.dataplane.io.PacketBatch;
import io.weir.packet.HeaderView;
import io.weir.packet.PacketParser;
import io.weir.packet.ParsedPacket;
import io.weir.sched.Scheduler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Timer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/**
 * Holds the house of docs/architecture.md: who may know whom, who may wait, who may look at the clock.
 *
 * <p>An exception is named in its rule, with its reason. HotPathTest holds what a packet must not cost.
 */
final class ArchitectureTest {
    /** The product's classes, those of the tests left out. */
    static final JavaClasses HOUSE = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.weir");

    private static final String[] LIBRARIES = {
        "io.weir.packet..", "io.weir.conntrack..", "io.weir.service..", "io.weir.sched.."
    };
    private static final String[] BELOW_CONTROL = {
        "io.weir.packet..", "io.weir.conntrack..", "io.weir.service..", "io.weir.sched..", "io.weir.dataplane.."
    };
    private static final Pattern MONITOR = Pattern.compile("\\bsynchronized\\b(?!\\s*[,.;])");

    @Test
    void shouldPointItsModuleArrowsOneWay() {
        layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .layer("packet")
                .definedBy("io.weir.packet..")
                .layer("conntrack")
                .definedBy("io.weir.conntrack..")
                .layer("schedulers")
                .definedBy("io.weir.service..", "io.weir.sched..")
                .layer("dataplane")
                .definedBy("io.weir.dataplane..")
                .layer("control")
                .definedBy("io.weir.control..")
                .whereLayer("packet")
                .mayOnlyBeAccessedByLayers("conntrack", "schedulers", "dataplane", "control")
                .whereLayer("conntrack")
                .mayOnlyBeAccessedByLayers("dataplane", "control")
                .whereLayer("schedulers")
                .mayOnlyBeAccessedByLayers("dataplane", "control")
                .whereLayer("dataplane")
                .mayOnlyBeAccessedByLayers("control")
                .whereLayer("control")
                .mayNotBeAccessedByAnyLayer()
                .check(HOUSE);
    }

    @Test
    void shouldTalkToTheCLibraryInOneRoomOnly() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.weir.dataplane.io.linux")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("jnr..")
                .check(HOUSE);
    }

    @Test
    void shouldKeepTheLibrariesOfTheLowerModulesFew() {
        classes()
                .that()
                .resideInAnyPackage(LIBRARIES)
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(
                                "java..", "org.agrona..", "org.jspecify..", "com.google.errorprone.annotations..")
                        .or(resideInAnyPackage(LIBRARIES))
                        // Tells the scheduler contract what a thread has allocated.
                        .or(belongToAnyOf(ThreadMXBean.class)))
                .check(HOUSE);
    }

    @Test
    void shouldUsePcap4jInDevicesOnly() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.weir.dataplane.io..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.pcap4j..")
                .check(HOUSE);
    }

    @Test
    void shouldTakeNoLockAndMakeNoThreadBelowControl() {
        noClasses()
                .that(resideInAnyPackage(BELOW_CONTROL)
                        .and(not(belongToAnyOf(DataPlane.class, WorkerThread.class)))
                        // Waits for nft when the director starts and stops, and hands an interruption on.
                        .and(not(belongToAnyOf(IngressGuard.class)))
                        // Tries a scheduler with threads of its own, before any packet meets it.
                        .and(not(resideInAPackage("io.weir.sched.contract"))))
                .should()
                .dependOnClassesThat(assignableTo(Thread.class)
                        .or(assignableTo(Timer.class))
                        .or(resideInAnyPackage("java.util.concurrent", "java.util.concurrent.locks")
                                .and(not(belongToAnyOf(TimeUnit.class, TimeoutException.class)))))
                .check(HOUSE);
    }

    /** A synchronized block leaves no trace that ArchUnit could see: the sources are searched. */
    @Test
    void shouldSynchronizeNothingBelowControl() throws IOException {
        noMethods()
                .that()
                .areDeclaredInClassesThat(resideInAnyPackage(BELOW_CONTROL))
                .should()
                .haveModifier(JavaModifier.SYNCHRONIZED)
                .check(HOUSE);
        final List<String> found = new ArrayList<>();
        for (final Path file : SourceTree.javaFiles("main")) {
            final boolean below = !SourceTree.name(file).startsWith("control/")
                    && !SourceTree.name(file).startsWith("bench/");
            final String code = Files.readString(file).replaceAll("(?s)/\\*.*?\\*/|//[^\n]*", "");
            if (below && MONITOR.matcher(code).find()) {
                found.add(SourceTree.name(file));
            }
        }
        assertEquals(List.of(), found);
    }

    /** A worker's queues and the snapshot's one reference are the only meeting points of threads in the data plane. */
    @Test
    void shouldMeetOtherThreadsInTheWorkerOnly() {
        noClasses()
                .that(resideInAnyPackage("io.weir.packet..", "io.weir.conntrack..", "io.weir.dataplane..")
                        .and(not(belongToAnyOf(Worker.class, DataPlane.class))))
                .should()
                .dependOnClassesThat(simpleNameEndingWith("ArrayQueue")
                        .or(simpleName("AtomicReference"))
                        .or(simpleName("RingBuffer")))
                .check(HOUSE);
    }

    /** Time is read once a turn and handed down, so that a replay can hand down another. */
    @Test
    void shouldReadTheClockAtTheEdgesOnly() {
        noClasses()
                .that(resideInAnyPackage(
                                "io.weir.dataplane",
                                "io.weir.dataplane.forward",
                                "io.weir.dataplane.host",
                                "io.weir.dataplane.route",
                                "io.weir.dataplane.segment",
                                "io.weir.packet..",
                                "io.weir.service..",
                                "io.weir.sched..")
                        .and(not(belongToAnyOf(Worker.class, DataPlane.class)))
                        // Measures what a scheduler costs.
                        .and(not(resideInAPackage("io.weir.sched.contract"))))
                .should()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .dependOnClassesThat()
                .resideInAPackage("java.time")
                .check(HOUSE);
    }

    @Test
    void shouldParseNoTextInThePacketPath() {
        noClasses()
                .that(resideInAnyPackage("io.weir.dataplane", "io.weir.dataplane.forward", "io.weir.dataplane.segment"))
                .should()
                .callMethod("io.weir.packet.IpAddress", "parse", "java.lang.String")
                .orShould()
                .dependOnClassesThat(resideInAnyPackage("java.util.stream", "java.util.regex"))
                .check(HOUSE);
    }

    /** Control sees packets where they are its subject: in a capture that is replayed, in a demo that explains them. */
    @Test
    void shouldKeepPacketsOutOfControl() {
        noClasses()
                .that(resideInAPackage("io.weir.control..")
                        .and(not(resideInAnyPackage("io.weir.control.replay", "io.weir.control.lab"))))
                .should()
                .dependOnClassesThat(assignableTo(HeaderView.class)
                        .or(belongToAnyOf(
                                PacketParser.class,
                                ParsedPacket.class,
                                PacketBatch.class,
                                PacketContext.class,
                                PacketPath.class,
                                Egress.class)))
                .check(HOUSE);
        noClasses()
                .that(resideInAPackage("io.weir.control..")
                        // Sync messages are no packets of the path: they come and go by sockets.
                        .and(not(resideInAnyPackage(
                                "io.weir.control.replay", "io.weir.control.lab", "io.weir.control.sync")))
                        // Gives the counters their memory.
                        .and(not(simpleName("DirectorCommands"))))
                .should()
                .dependOnClassesThat(assignableTo(DirectBuffer.class))
                .check(HOUSE);
    }

    @Test
    void shouldCallWhatReadsAHeaderAView() {
        classes()
                .that(resideInAnyPackage(BELOW_CONTROL).and(simpleNameEndingWith("View")))
                .should()
                .beAssignableTo(HeaderView.class)
                .check(HOUSE);
        classes()
                .that()
                .areAssignableTo(HeaderView.class)
                .should()
                .haveSimpleNameEndingWith("View")
                .check(HOUSE);
    }

    @Test
    void shouldNameSchedulersAsSchedulers() {
        classes()
                .that(assignableTo(Scheduler.class).and(not(belongToAnyOf(Scheduler.class))))
                .should()
                .haveSimpleNameEndingWith("Scheduler")
                .andShould()
                .haveModifier(JavaModifier.FINAL)
                .andShould()
                .resideInAPackage("io.weir.sched")
                .check(HOUSE);
    }

    /** A method is found by its registry, so that nobody can grow to know one of them. */
    @Test
    void shouldHideTheForwardingMethodsBehindTheirInterface() {
        classes()
                .that(assignableTo(ForwardingMethod.class).and(not(belongToAnyOf(ForwardingMethod.class))))
                .should()
                .notBePublic()
                .andShould()
                .haveModifier(JavaModifier.FINAL)
                .andShould()
                .resideInAPackage("io.weir.dataplane.forward")
                .check(HOUSE);
    }

    @Test
    void shouldDescribeEveryPackage() throws IOException {
        final List<String> bare = HOUSE.stream()
                .map(JavaClass::getPackage)
                .distinct()
                .filter(p -> !isNullMarked(p))
                .map(JavaPackage::getName)
                .sorted()
                .toList();
        assertEquals(List.of(), bare, "packages without a @NullMarked package-info");
        final List<String> undescribed = new ArrayList<>();
        for (final Path file : SourceTree.javaFiles("main")) {
            if (file.endsWith("package-info.java") && !Files.readString(file).startsWith("/**")) {
                undescribed.add(SourceTree.name(file));
            }
        }
        assertEquals(List.of(), undescribed, "package-info without a description");
    }

    private static boolean isNullMarked(JavaPackage p) {
        return p.tryGetPackageInfo()
                .map(info -> info.isAnnotatedWith(NullMarked.class))
                .orElse(false);
    }
}
