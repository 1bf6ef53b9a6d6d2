package io.weir.control.architecture;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.Test;

/** Holds the house of docs/architecture.md: who may know whom, and what the packet path must not do. */
class ArchitectureTest {
    private static final JavaClasses HOUSE = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.weir");

    private static final String[] HOT = {
        "io.weir.packet..", "io.weir.conntrack..", "io.weir.service..", "io.weir.sched..", "io.weir.dataplane.."
    };

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
                .resideInAnyPackage("io.weir.packet..", "io.weir.conntrack..", "io.weir.service..", "io.weir.sched..")
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(
                        "java..",
                        "org.agrona..",
                        "org.jspecify..",
                        "io.weir.packet..",
                        "io.weir.conntrack..",
                        "io.weir.service..",
                        "io.weir.sched.."))
                .check(HOUSE);
    }

    @Test
    void shouldTakeNoLockAndMakeNoThreadBelowControl() {
        noClasses()
                .that()
                .resideInAnyPackage(HOT)
                .and()
                .doNotHaveFullyQualifiedName("io.weir.dataplane.DataPlane")
                .and()
                // Waits for nft when the director starts and stops, and hands an interruption on.
                .doNotHaveFullyQualifiedName("io.weir.dataplane.io.IngressGuard")
                .should()
                .dependOnClassesThat(resideInAnyPackage("java.util.concurrent.locks"))
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(Thread.class)
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(Executor.class)
                .check(HOUSE);
    }

    @Test
    void shouldParseNoTextInThePacketPath() {
        noClasses()
                .that()
                .resideInAnyPackage("io.weir.dataplane", "io.weir.dataplane.forward", "io.weir.dataplane.segment")
                .and()
                .haveSimpleNameNotContaining("Sysctls")
                .should()
                .callMethod("io.weir.packet.IpAddress", "parse", "java.lang.String")
                .orShould()
                .dependOnClassesThat(resideInAnyPackage("java.util.stream", "java.util.regex"))
                .check(HOUSE);
    }
}
