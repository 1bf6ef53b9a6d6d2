package io.weir.control.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The checks that speak a protocol, against the daemons that speak it too: up when they run, down when they stop. */
@Tag("netns")
@Tag("once")
@SuppressWarnings("NullAway.Init") // the lab is made before each test
class DaemonChecksIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String ADDRESS = LabPlan.server4(1);

    private Lab lab;
    private String path = "direct";

    @BeforeEach
    void setUp() {
        lab = Lab.create(LabOptions.of(LabMethod.DR).withServers(1));
    }

    @AfterEach
    void tearDown() {
        lab.close();
    }

    private Background daemon(String what, String... command) {
        return lab.start(lab.server(1), what, List.of(command));
    }

    private Background redis() {
        return daemon(
                "redis",
                "redis-server",
                "--bind",
                "0.0.0.0",
                "--protected-mode",
                "no",
                "--save",
                "",
                "--dir",
                lab.folder().toString());
    }

    private Background dns() {
        return daemon(
                "dnsmasq",
                "dnsmasq",
                "--no-daemon",
                "--conf-file=/dev/null",
                "--no-resolv",
                "--no-hosts",
                "--user=root",
                "--bind-interfaces",
                "--listen-address=" + ADDRESS,
                "--listen-address=" + LabPlan.VIP4,
                "--address=/example.test/192.0.2.1");
    }

    private Background smtp() throws IOException {
        final Path conf = lab.folder().resolve("smtpd.conf");
        Files.writeString(
                conf,
                "listen on " + ADDRESS + "\nlisten on " + LabPlan.VIP4 + "\naction \"a\" maildir \"" + lab.folder()
                        + "/mail\"\n" + "match from any for local action \"a\"\n");
        // It greets when it has asked for its client's name: the name server here says at once that it knows none.
        final Path resolver = lab.folder().resolve("resolv.conf");
        Files.writeString(resolver, "nameserver " + ADDRESS + "\n");
        final String mount = "mount --bind " + resolver + " /etc/resolv.conf && exec smtpd -d -f " + conf;
        return daemon("smtpd", "unshare", "-m", "sh", "-c", mount);
    }

    /** It refuses to run as root. */
    private Background postgres(Path home) throws IOException {
        final String bin;
        try (var versions = Files.list(Path.of("/usr/lib/postgresql"))) {
            bin = versions.map(each -> each.resolve("bin").toString())
                    .max(String::compareTo)
                    .orElseThrow();
        }
        final String data = home.resolve("data").toString();
        home.toFile().setExecutable(true, false);
        home.toFile().setReadable(true, false);
        lab.server(1).must("chown", "postgres", home.toString());
        final String[] asPostgres = {"setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"};
        final List<String> init = new ArrayList<>(List.of(asPostgres));
        init.addAll(List.of(bin + "/initdb", "-N", "-A", "trust", "-D", data));
        lab.server(1).must(init.toArray(new String[0]));
        final List<String> run = new ArrayList<>(List.of(asPostgres));
        run.addAll(List.of(bin + "/postgres", "-F", "-D", data, "-h", "0.0.0.0", "-k", home.toString()));
        return daemon("postgres", run.toArray(new String[0]));
    }

    /** It blocks a host that breaks off five handshakes: checks must not be such a host. */
    private Background mariadb(Path home, String sql) throws IOException {
        final String data = home.resolve("data").toString();
        final Path first = Files.writeString(home.resolve("first.sql"), sql);
        home.toFile().setExecutable(true, false);
        home.toFile().setReadable(true, false);
        lab.server(1).must("chown", "mysql", home.toString());
        if (!Files.exists(home.resolve("data"))) {
            lab.server(1)
                    .must("mariadb-install-db", "--no-defaults", "--user=mysql", "--skip-test-db", "--datadir=" + data);
        }
        // It asks a name server for its client's name, as a host it would block: the one here says at once that it
        // knows none.
        final Path resolver = lab.folder().resolve("resolv.conf");
        Files.writeString(resolver, "nameserver " + ADDRESS + "\n");
        final String run = "mount --bind " + resolver + " /etc/resolv.conf && exec mariadbd --no-defaults --user=mysql"
                + " --datadir=" + data + " --socket=" + home + "/socket --pid-file=" + home
                + "/pid --bind-address=0.0.0.0"
                + " --max-connect-errors=5 --init-file=" + first
                + " --innodb-buffer-pool-size=16M";
        return daemon("mariadb", "unshare", "-m", "sh", "-c", run);
    }

    /** A server of Google's gRPC for Python; it knows one service, and how that is stands in a file. */
    private Background grpc(Path state, boolean tls) throws IOException {
        final Path script = lab.folder().resolve("health.py");
        Files.writeString(state, "up");
        Files.writeString(
                script,
                "import sys, grpc\nfrom concurrent import futures\n"
                        + "def check(request, context):\n"
                        + "    if request[2:] != b'shop':\n"
                        + "        context.abort(grpc.StatusCode.NOT_FOUND, 'unknown service')\n"
                        + "    return b'\\x08\\x01' if open(sys.argv[2]).read() == 'up' else b'\\x08\\x02'\n"
                        + "class Health(grpc.GenericRpcHandler):\n"
                        + "    def service(self, call):\n"
                        + "        if call.method == '/grpc.health.v1.Health/Check':\n"
                        + "            return grpc.unary_unary_rpc_method_handler(check)\n"
                        + "server = grpc.server(futures.ThreadPoolExecutor(2))\n"
                        + "server.add_generic_rpc_handlers((Health(),))\n"
                        + "if len(sys.argv) > 3:\n"
                        + "    read = lambda name: open(name, 'rb').read()\n"
                        + "    pair = [(read(sys.argv[3]), read(sys.argv[4]))]\n"
                        + "    server.add_secure_port(sys.argv[1], grpc.ssl_server_credentials(pair))\n"
                        + "else:\n    server.add_insecure_port(sys.argv[1])\n"
                        + "server.start()\nserver.wait_for_termination()\n");
        final List<String> command =
                new ArrayList<>(List.of("/usr/bin/python3", script.toString(), "0.0.0.0:50051", state.toString()));
        if (tls) {
            final TestCertificate made = TestCertificate.make(lab.folder(), "shop.example.test");
            command.addAll(List.of(made.key().toString(), made.file().toString()));
        }
        return daemon("grpc", command.toArray(new String[0]));
    }

    private String service(int port, String protocol, String check) {
        return "virtual_server " + LabPlan.VIP4 + " " + port + " {\ndelay_loop 1\nwarmup 0\nlb_kind DR\nprotocol "
                + protocol + "\nalpha\ncheck_path " + path + "\nreal_server " + ADDRESS + " " + port + " {\n" + check
                + "\n}\n}\n";
    }

    private String ask(String line) {
        return RunningWeir.ask(lab, line);
    }

    private String table() {
        return ask("-Ln");
    }

    @ParameterizedTest
    @ValueSource(strings = {"direct", "service"})
    void shouldFindRealDaemonsUpAndDown(String way) throws IOException {
        path = way;
        final String limits = "connect_timeout 2\nretry 0\n";
        final Background director = RunningWeir.on(
                lab,
                service(6379, "TCP", "REDIS_CHECK {\n" + limits + "}")
                        + service(53, "UDP", "DNS_CHECK {\ntype A\nname example.test\n" + limits + "}")
                        + service(25, "TCP", "SMTP_CHECK {\n" + limits + "}")
                        + service(5432, "TCP", "PGSQL_CHECK {\n" + limits + "}"));
        assertEquals(0, servers().size(), table());

        final Map<Integer, Background> daemons = new LinkedHashMap<>();
        daemons.put(6379, redis());
        daemons.put(53, dns());
        daemons.put(25, smtp());
        daemons.put(5432, postgres(Files.createTempDirectory("weir-postgres")));
        daemons.forEach(
                (port, daemon) -> daemon.awaitUntil(LIMIT, () -> servers().contains(ADDRESS + ":" + port)));

        daemons.values().forEach(Background::close);
        director.awaitUntil(LIMIT, () -> servers().isEmpty());
    }

    @ParameterizedTest
    @ValueSource(strings = {"direct", "service"})
    void shouldFindMariaDbAndGrpcUpAndDown(String way) throws IOException {
        path = way;
        final String limits = "connect_timeout 2\nretry 0\n";
        final Background director = RunningWeir.on(
                lab,
                service(3306, "TCP", "MYSQL_CHECK {\ndelay_loop 0.1\n" + limits + "}")
                        + service(50051, "TCP", "GRPC_CHECK {\nservice shop\n" + limits + "}")
                        + service(50052, "TCP", "GRPC_CHECK {\nservice gone\nconnect_port 50051\n" + limits + "}"));
        final Path state = lab.folder().resolve("shop");
        final Background dns = dns();
        dns.awaitUntil(LIMIT, () -> lab.server(1).must("ss", "-ulnH").contains(ADDRESS + ":53 "));
        final Path home = Files.createTempDirectory("weir-mariadb");
        // Nobody may come from the director at first; then somebody else may.
        final Background closed = mariadb(home, "");
        final Background grpc = grpc(state, false);
        closed.awaitUntil(LIMIT, () -> servers().contains(ADDRESS + ":3306"));
        closed.close();
        director.awaitUntil(LIMIT, () -> !servers().contains(ADDRESS + ":3306"));
        final Background mariadb = mariadb(home, "CREATE USER somebody@'%';");
        mariadb.awaitUntil(LIMIT, () -> servers().contains(ADDRESS + ":3306"));
        grpc.awaitUntil(LIMIT, () -> servers().contains(ADDRESS + ":50051"));
        Background.pause(2_000);
        assertTrue(servers().contains(ADDRESS + ":3306"), () -> ask("health --history"));
        assertFalse(servers().contains(ADDRESS + ":50052"), () -> ask("health --history"));

        Files.writeString(state, "down");
        grpc.awaitUntil(LIMIT, () -> !servers().contains(ADDRESS + ":50051"));
        assertTrue(ask("health").contains("gRPC: NOT_SERVING"), () -> ask("health"));
        Files.writeString(state, "up");
        grpc.awaitUntil(LIMIT, () -> servers().contains(ADDRESS + ":50051"));

        mariadb.close();
        grpc.close();
        director.awaitUntil(LIMIT, () -> servers().isEmpty());
    }

    /** HTTP/2 has to be agreed on within TLS (ALPN); this server closes on who does not ask for it. */
    @ParameterizedTest
    @ValueSource(strings = {"direct", "service"})
    void shouldAskGrpcOverTls(String way) throws IOException {
        path = way;
        final String limits = "connect_timeout 2\nretry 0\n";
        final Background director = RunningWeir.on(
                lab,
                service(50051, "TCP", "GRPC_CHECK {\nservice shop\ntls\nvirtualhost shop.example.test\n" + limits + "}")
                        + service(50052, "TCP", "GRPC_CHECK {\nservice shop\nconnect_port 50051\n" + limits + "}"));
        final Path state = lab.folder().resolve("shop");
        final Background grpc = grpc(state, true);
        try {
            grpc.awaitUntil(LIMIT, () -> servers().contains(ADDRESS + ":50051"));
        } catch (LabException e) {
            throw new LabException(ask("health --history") + director.output(), e);
        }
        assertFalse(servers().contains(ADDRESS + ":50052"), () -> ask("health --history"));
        assertTrue(ask("health --history").contains("gRPC: SERVING"), () -> ask("health --history"));

        Files.writeString(state, "down");
        grpc.awaitUntil(LIMIT, () -> ask("health").contains("gRPC: NOT_SERVING"));
        grpc.awaitUntil(LIMIT, () -> servers().isEmpty());
    }

    private List<String> servers() {
        return table().lines()
                .filter(line -> line.startsWith("  -> 1"))
                .map(line -> line.strip().split("\\s+", -1))
                // A check through the service's path keeps its server in the table, without weight.
                .filter(words -> !words[3].equals("0"))
                .map(words -> words[1])
                .toList();
    }
}
