package io.weir.control.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A real FTP server under NAT and FULLNAT: vsftpd is asked for files by curl, active and passive, in both dialects and
 * families. It wants data connections to be of the address that the control connection is of.
 */
@Tag("netns")
@ParameterizedClass(name = "{0}")
@EnumSource
@SuppressWarnings("NullAway.Init") // the lab is made before each test
class FtpIT {
    private static final int FILE_BYTES = 200_000;

    /** How the director is set up. */
    enum Director {
        NAT(LabMethod.NAT, "afpacket", 0),
        /** The host forwards, too, whatever the guard leaves it. */
        NAT_ON_A_ROUTER(LabMethod.NAT, "afpacket", 1),
        NAT_BY_XDP(LabMethod.NAT, "xdp", 0),
        FULLNAT(LabMethod.FULLNAT, "afpacket", 0);

        private final LabMethod method;
        private final String device;
        private final int forwarding;

        Director(LabMethod method, String device, int forwarding) {
            this.method = method;
            this.device = device;
            this.forwarding = forwarding;
        }
    }

    @Parameter
    Director kind;

    private LabMethod method;
    private Lab lab;
    private Path file;

    @BeforeEach
    void setUp() throws IOException {
        method = kind.method;
        lab = Lab.create(LabOptions.of(method).withServers(1));
        // vsftpd gives up its rights and refuses a root folder it may write to.
        Files.setPosixFilePermissions(lab.folder(), PosixFilePermissions.fromString("rwxr-xr-x"));
        final Path root = Files.createDirectory(lab.folder().resolve("ftp"));
        file = Files.write(root.resolve("file"), new byte[FILE_BYTES]);
        final Path jail = Files.createDirectory(lab.folder().resolve("jail"));
        final Path configuration = Files.writeString(
                lab.folder().resolve("vsftpd.conf"),
                """
                listen=NO
                listen_ipv6=YES
                background=NO
                anonymous_enable=YES
                no_anon_password=YES
                anon_root=%s
                secure_chroot_dir=%s
                connect_from_port_20=YES
                seccomp_sandbox=NO
                """
                        .formatted(root, jail));
        lab.director()
                .must(
                        "sysctl",
                        "-qw",
                        "net.ipv4.ip_forward=" + kind.forwarding,
                        "net.ipv6.conf.all.forwarding=" + kind.forwarding);
        lab.startDirector(
                """
                name: %s
                interfaces:
                  - device: %s:%s
                  - device: %s:%s
                table: {size: 65536}
                state: {save: false}
                %s
                services:
                  - {virtual: 'tcp %s:21', scheduler: rr, forward: %s, servers: [{address: '%s:21'}]}
                  - {virtual: 'tcp [%s]:21', scheduler: rr, forward: %s, servers: [{address: '[%s]:21'}]}
                """
                        .formatted(
                                lab.name(),
                                kind.device,
                                LabPlan.CLIENT_SIDE,
                                kind.device,
                                LabPlan.SERVER_SIDE,
                                method == LabMethod.FULLNAT
                                        ? "local_addresses: ['" + LabPlan.local4(1) + "', '" + LabPlan.local6(1) + "']"
                                        : "",
                                LabPlan.VIP4,
                                method.keyword(),
                                LabPlan.server4(1),
                                LabPlan.VIP6,
                                method.keyword(),
                                LabPlan.server6(1)));
        final Background server = lab.start(lab.server(1), "vsftpd", List.of("vsftpd", configuration.toString()));
        server.awaitUntil(
                Duration.ofSeconds(10),
                () -> lab.server(1).run("ss", "-Hltn", "sport = :21").output().contains(":21"));
    }

    @AfterEach
    void tearDown() {
        lab.close();
    }

    @ParameterizedTest
    @CsvSource({
        "false, --disable-epsv",
        "false, --ftp-pasv",
        "false, --ftp-port - --disable-eprt",
        "false, --ftp-port -",
        "true, --ftp-pasv",
        "true, --ftp-port -",
    })
    void shouldFetchListAndFetchAgain(boolean ipv6, String mode) throws IOException {
        final String url = "ftp://" + (ipv6 ? "[" + LabPlan.VIP6 + "]" : LabPlan.VIP4) + "/";
        final Path first = lab.folder().resolve("first");
        final Path second = lab.folder().resolve("second");
        // One control connection: the second and third answer come after the first was made longer.
        final List<String> command = new ArrayList<>(List.of("curl", "-sS", "-v", "--max-time", "20", "-g"));
        command.addAll(List.of(mode.split(" ", -1)));
        command.addAll(List.of(url + "file", "-o", first.toString()));
        command.addAll(List.of(url, "-o", lab.folder().resolve("list").toString()));
        command.addAll(List.of(url + "file", "-o", second.toString()));

        final String said = lab.client().must(command.toArray(new String[0]));

        assertEquals(-1, Files.mismatch(file, first));
        assertEquals(-1, Files.mismatch(file, second));
        assertTrue(Files.readString(lab.folder().resolve("list")).contains("file"), said);
        assertTrue(said.contains("Re-using existing connection"), said);
        if (mode.equals("--disable-epsv")) {
            assertTrue(said.contains("227 Entering Passive Mode (" + LabPlan.VIP4.replace('.', ',')), said);
        }
    }
}
