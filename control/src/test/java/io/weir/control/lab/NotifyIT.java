package io.weir.control.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Telling real parts: a mail server by STARTTLS and by TLS, nginx, scripts as nobody, FIFOs beside those of a real keepalived. */
@Tag("netns")
@Tag("once")
@SuppressWarnings("NullAway.Init") // made before each test
class NotifyIT {
    private static final String SERVER = "192.0.2.2";

    private VrrpLab lab;

    @BeforeEach
    void setUp() throws IOException {
        lab = new VrrpLab();
        lab.folder().toFile().setWritable(true, false);
    }

    @AfterEach
    void tearDown() {
        lab.close();
    }

    private static String quick(String globals, String more) {
        return "global_defs {\nrouter_id lb1\n" + globals + "\n}\n"
                + VrrpLab.configuration(3, false, 100, more).replace("advert_int 1", "advert_int 0.25");
    }

    private TestCertificate certificate() {
        return TestCertificate.make(lab.folder(), "mail.example.test", "-addext", "subjectAltName=IP:" + SERVER);
    }

    /** A mail server that takes nothing in the clear. */
    private Background mailServer(TestCertificate certificate, boolean starttls) {
        final int port = starttls ? 25 : 465;
        final String kind = starttls ? "--tls" : "--smtps";
        final Background server = lab.start(
                lab.peer(),
                "smtp",
                List.of(
                        "aiosmtpd",
                        "-n",
                        "-d",
                        "-c",
                        "aiosmtpd.handlers.Mailbox",
                        "-l",
                        SERVER + ":" + port,
                        kind + "cert",
                        certificate.file().toString(),
                        kind + "key",
                        certificate.key().toString(),
                        lab.folder().resolve("mail").toString()));
        server.awaitUntil(VrrpLab.LIMIT, () -> listens(port));
        return server;
    }

    private boolean listens(int port) {
        return lab.peer().must("ss", "-tlnH").contains(SERVER + ":" + port + " ");
    }

    private String mails() {
        try (Stream<Path> all = Files.walk(lab.folder().resolve("mail"))) {
            return all.filter(Files::isRegularFile).map(NotifyIT::read).collect(Collectors.joining("\n"));
        } catch (IOException e) {
            return "";
        }
    }

    private static String read(Path file) {
        try {
            return Files.exists(file) ? Files.readString(file) : "";
        } catch (IOException e) {
            return "";
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"starttls", "tls"})
    void shouldMailByTls(String security) throws IOException {
        final TestCertificate certificate = certificate();
        final Background server = mailServer(certificate, security.equals("starttls"));
        final Background ours = lab.startWeir(quick(
                "notification_email {\nroot@localhost\n}\nnotification_email_from lb@example.test\nsmtp_server "
                        + SERVER
                        + "\nsmtp_helo_name lb1.example.test\nsmtp_security " + security + "\nsmtp_ca "
                        + certificate.file()
                        + "\nsmtp_alert",
                ""));
        lab.awaitWeir("MASTER");
        // The mailbox moves what has come: one look may miss it.
        final String[] seen = {""};
        lab.await(() -> {
            seen[0] = mails();
            return seen[0].contains("vrrp INSTANCE VI_1 - MASTER");
        });

        final String mails = seen[0];
        assertTrue(mails.contains("Subject: [lb1] vrrp INSTANCE VI_1 - MASTER"), mails);
        assertTrue(mails.contains("From: lb@example.test"), mails);
        assertTrue(mails.contains("X-RcptTo: root@localhost"), mails);
        assertTrue(server.isAlive(), server::output);
        assertFalse(ours.output().contains("event=mail problem"), ours::output);
    }

    /** A certificate that nobody vouches for: no mail, no password given away, and the log says why. */
    @Test
    void shouldNotMailToAServerItCannotTrust() throws IOException {
        mailServer(certificate(), true);
        final Background ours = lab.startWeir(quick(
                "notification_email {\nroot@localhost\n}\nsmtp_server " + SERVER
                        + "\nsmtp_security starttls\nsmtp_login me secret\nsmtp_alert",
                ""));
        lab.awaitWeir("MASTER");
        lab.await(() -> ours.output().contains("event=mail problem"));
        assertEquals("", mails());
    }

    @Test
    void shouldPostEventsToAWebServerWhateverTheOthersDo() throws IOException {
        final Path log = lab.folder().resolve("bodies");
        final Path conf = lab.folder().resolve("nginx.conf");
        Files.writeString(
                conf,
                "daemon off; master_process off; pid " + lab.folder() + "/nginx.pid; error_log " + lab.folder()
                        + "/nginx.err;\nevents {}\nhttp {\naccess_log off;\n"
                        + "client_body_temp_path " + lab.folder() + "/b; proxy_temp_path " + lab.folder() + "/p;"
                        + "fastcgi_temp_path " + lab.folder() + "/f; uwsgi_temp_path " + lab.folder() + "/u;"
                        + "scgi_temp_path " + lab.folder() + "/s;\n"
                        + "log_format body escape=none '$request_method $content_type $request_body';\n"
                        + "server { listen " + SERVER + ":8080;\n"
                        + " location /bad { return 500; }\n"
                        + " location /hook { access_log " + log + " body; proxy_pass http://" + SERVER + ":8081; }\n}\n"
                        + "server { listen " + SERVER + ":8081; return 204; }\n}\n");
        final Background nginx = lab.start(lab.peer(), "nginx", List.of("nginx", "-c", conf.toString()));
        nginx.awaitUntil(VrrpLab.LIMIT, () -> listens(8080));
        // Nobody says that nobody is there.
        lab.peer()
                .must(
                        "sh",
                        "-c",
                        "nft add table ip deaf && nft add chain ip deaf in '{ type filter hook input priority 0; }'"
                                + " && nft add rule ip deaf in tcp dport 8082 drop");
        final String base = "http://" + SERVER;
        final Background ours = lab.startWeir(quick(
                "notify_webhook " + base + ":8082/mute\nnotify_webhook " + base + ":8080/bad\nnotify_webhook " + base
                        + ":9/nobody\nnotify_webhook " + base + ":8080/hook",
                ""));
        lab.awaitWeir("MASTER");
        lab.await(() -> read(log).contains("\"state\":\"MASTER\""));

        assertTrue(
                read(log)
                        .contains(
                                "POST application/json {\"router\":\"lb1\",\"kind\":\"vrrp\",\"name\":\"INSTANCE VI_1\","
                                        + "\"state\":\"MASTER\",\"why\":\"priority 100\"}"),
                () -> read(log));
        assertTrue(ours.output().contains("status=500"), ours::output);
        assertTrue(ours.output().contains("timed out"), ours::output);
    }

    /** An authority of one's own vouches for it; whom nobody vouches for is told nothing. */
    @Test
    void shouldPostEventsByHttpsToWhomOnesOwnAuthorityKnows() throws IOException {
        final TestCertificate certificate = certificate();
        final Path log = lab.folder().resolve("bodies");
        final Path conf = lab.folder().resolve("nginx.conf");
        Files.writeString(
                conf,
                "daemon off; master_process off; pid " + lab.folder() + "/nginx.pid; error_log " + lab.folder()
                        + "/nginx.err;\nevents {}\nhttp {\naccess_log off;\n"
                        + "client_body_temp_path " + lab.folder() + "/b; proxy_temp_path " + lab.folder() + "/p;"
                        + "fastcgi_temp_path " + lab.folder() + "/f; uwsgi_temp_path " + lab.folder() + "/u;"
                        + "scgi_temp_path " + lab.folder() + "/s;\n"
                        + "log_format body escape=none '$ssl_protocol $request_method $request_body';\n"
                        + "server { listen " + SERVER + ":8443 ssl; ssl_certificate " + certificate.file()
                        + "; ssl_certificate_key " + certificate.key() + ";\n"
                        + " location /hook { access_log " + log + " body; proxy_pass http://" + SERVER + ":8081; }\n}\n"
                        + "server { listen " + SERVER + ":8081; return 204; }\n}\n");
        final Background nginx = lab.start(lab.peer(), "nginx", List.of("nginx", "-c", conf.toString()));
        nginx.awaitUntil(VrrpLab.LIMIT, () -> listens(8443));
        final String hook = "notify_webhook https://" + SERVER + ":8443/hook\n";

        final Background without = lab.startWeir(quick(hook, ""));
        lab.awaitWeir("MASTER");
        lab.await(() -> without.output().contains("event=webhook"));
        assertTrue(without.output().contains("certificat"), without::output);
        assertEquals("", read(log));
        without.close();

        final Background ours = lab.startWeir(quick(hook + "notify_webhook_ca " + certificate.file(), ""));
        lab.awaitWeir("MASTER");
        lab.await(() -> read(log).contains("\"state\":\"MASTER\""));
        assertTrue(read(log).contains(" POST {\"router\":\"lb1\""), () -> read(log));
        assertFalse(ours.output().contains("event=webhook"), ours::output);
    }

    private Path script(String name, String text) throws IOException {
        final Path script = lab.folder().resolve(name);
        Files.writeString(script, "#!/bin/sh\n" + text);
        script.toFile().setExecutable(true, false);
        return script;
    }

    /** The one for BACKUP forks and hangs; the ones after it are run all the same, in their order. */
    @Test
    void shouldRunScriptsAsNobodyInOrderAndForALimitedTime() throws IOException {
        final Path told = Files.createFile(lab.folder().resolve("told"));
        told.toFile().setWritable(true, false);
        final Path tell = script("tell.sh", "echo \"$(id -un) $*\" >> " + told + "\n");
        final Path hang = script("hang.sh", "echo \"hangs\" >> " + told + "\nsleep 5432 &\nsleep 5432\n");
        final Background ours = lab.startWeir(quick(
                "script_user nobody\nnotify_timeout 1",
                "notify_backup " + hang + "\nnotify_master \"" + tell + " 'two words' b\"\nnotify_stop \"" + tell
                        + " stop\"\nnotify \"" + tell + " any\" daemon\n"));
        lab.awaitWeir("MASTER");
        lab.await(() -> read(told).contains("MASTER"));
        lab.await(() -> ours.output().contains("not done after 1000 ms"));
        lab.await(() -> !Shell.run(List.of("pgrep", "-f", "sleep 5432"), "").ok());

        ours.close();
        lab.await(() -> read(told).contains("STOP"));
        // Two that are told of the same begin in order and run side by side: which of them writes first is the
        // scheduler's.
        lab.await(() -> read(told).lines().count() == 6);
        assertEquals(
                List.of(
                        "daemon any INSTANCE VI_1 BACKUP 100",
                        "daemon any INSTANCE VI_1 MASTER 100",
                        "daemon any INSTANCE VI_1 STOP 100"),
                read(told).lines().filter(line -> line.startsWith("daemon")).toList());
        assertEquals(
                List.of("hangs", "nobody two words b", "nobody stop"),
                read(told).lines().filter(line -> !line.startsWith("daemon")).toList());
    }

    private static String fifos(Path folder, String script) {
        return "notify_fifo " + folder + "/all root\nvrrp_notify_fifo " + folder + "/vrrp root\n"
                + "vrrp_notify_fifo_script \"" + script + "\" root\n";
    }

    /** The same configuration for both, one after the other: what the FIFOs say must be the same. */
    @Test
    void shouldSayTheSameToItsFifosAsKeepalived() throws IOException {
        final String group = "vrrp_sync_group VG {\ngroup {\nVI_1\nVI_2\n}\n}\n";
        final List<List<String>> said = new ArrayList<>();
        for (String who : List.of("keepalived", "weir")) {
            final Path folder = Files.createDirectory(lab.folder().resolve(who));
            final Path log = folder.resolve("lines");
            final Path reader = script(who + ".sh", "exec cat \"$1\" > " + log + "\n");
            final String conf = "global_defs {\nscript_user root\n" + fifos(folder, reader.toString()) + "}\n"
                    + VrrpLab.pair(150, "", group);
            final Background started = who.equals("weir") ? lab.startWeir(conf) : lab.startKeepalived(conf);
            lab.await(() -> read(log).contains("GROUP \"VG\" MASTER 0"));
            started.close();
            said.add(read(log)
                    .lines()
                    .filter(line -> !line.contains("STOP"))
                    .sorted()
                    .toList());
        }
        assertEquals(said.get(0), said.get(1));
        assertEquals(6, said.get(0).size(), () -> said.get(0) + "");
    }

    /** A server that is down from the start, a service that loses its quorum, and a reader who comes late. */
    @Test
    void shouldTellAFifoOfServersAndServices() throws IOException {
        final Path fifo = lab.folder().resolve("lvs");
        final Path log = lab.folder().resolve("lines");
        final Background ours = lab.startWeir("global_defs {\nlvs_notify_fifo " + fifo + " root\n}\n"
                + "virtual_server 192.0.2.20 80 {\ndelay_loop 1\nwarmup 0\nlb_kind DR\n"
                + "real_server 192.0.2.2 80 {\nTCP_CHECK {\nretry 0\nconnect_timeout 1\n}\n}\n}\n"
                + VrrpLab.configuration(3, false, 100, ""));
        lab.await(() -> lab.health().contains("down"));
        lab.start(lab.weir(), "reader", List.of("sh", "-c", "cat " + fifo + " > " + log));

        lab.await(() -> read(log).contains("VS"));
        assertEquals(
                List.of("RS [192.0.2.2]:tcp:80 [192.0.2.20]:tcp:80 DOWN", "VS [192.0.2.20]:tcp:80 DOWN"),
                read(log).lines().sorted().toList());
        ours.close();
        assertFalse(Files.exists(fifo));
    }
}
