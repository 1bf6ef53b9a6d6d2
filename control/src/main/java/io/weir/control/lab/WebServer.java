package io.weir.control.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;

/**
 * The nginx of one real server, with its own folder, that tells its name: {@code /} is the name, {@code /big} 3 MB of
 * fixed bytes, and a PUT below {@code /upload/} is kept in {@link #uploads}.
 */
final class WebServer {
    /** Bytes of the upload and the download of 3 MB. */
    static final int BIG_BYTES = 3_000_000;

    private static final long BIG_SEED = 42;

    private final Lab lab;
    private final Namespace server;
    private final Path home;

    WebServer(Lab lab, int number) {
        this.lab = lab;
        this.server = lab.server(number);
        this.home = lab.folder().resolve(server.role());
    }

    /** The 3 MB that {@code /big} delivers. */
    static byte[] big() {
        final byte[] bytes = new byte[BIG_BYTES];
        new Random(BIG_SEED).nextBytes(bytes);
        return bytes;
    }

    /** Where it keeps what was uploaded to it. */
    Path uploads() {
        return home.resolve("www/upload");
    }

    void start() {
        final Path config = home.resolve("nginx.conf");
        try {
            Files.createDirectories(uploads());
            Files.write(home.resolve("www/big"), big());
            Files.writeString(config, configuration());
        } catch (IOException e) {
            throw new LabException("cannot write below " + home + ": " + e.getMessage(), e);
        }
        lab.start(
                server,
                "nginx",
                List.of("nginx", "-p", home.toString(), "-c", config.toString(), "-e", home.resolve("error.log") + ""));
    }

    void awaitAnswer() {
        final long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!answers()) {
            if (System.nanoTime() - deadline > 0) {
                throw new LabException("nginx of " + server.role() + " does not answer; see " + home + "/error.log");
            }
            Background.pause(20);
        }
    }

    private boolean answers() {
        return server.run("curl", "-s", "-m", "2", "http://127.0.0.1:80/").ok();
    }

    private String configuration() {
        return String.join(
                "\n",
                "daemon off;",
                "user root;",
                "worker_processes 1;",
                "pid nginx.pid;",
                "events { worker_connections 1024; }",
                "http {",
                "    access_log off;",
                "    default_type text/plain;",
                "    client_max_body_size 0;",
                "    client_body_temp_path body;",
                "    proxy_temp_path proxy;",
                "    fastcgi_temp_path fastcgi;",
                "    uwsgi_temp_path uwsgi;",
                "    scgi_temp_path scgi;",
                "    add_header X-Real-Server " + server.role() + " always;",
                "    server {",
                "        listen 80; listen [::]:80;",
                "        listen " + LabPlan.MAPPED_PORT + "; listen [::]:" + LabPlan.MAPPED_PORT + ";",
                "        root www;",
                // Bytes a second, if the request asks for it: /big?rate=100k
                "        limit_rate $arg_rate;",
                "        location = / { return 200 \"" + server.role() + "\\n\"; }",
                "        location /upload/ { dav_methods PUT; }",
                "    }",
                "}",
                "");
    }
}
