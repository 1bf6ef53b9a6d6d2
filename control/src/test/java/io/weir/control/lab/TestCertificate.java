package io.weir.control.lab;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A certificate that nobody has signed but itself, and its key, as PEM files. */
record TestCertificate(Path file, Path key) {
    /** Makes one; {@code more} are further options of {@code openssl req}. */
    static TestCertificate make(Path folder, String host, String... more) {
        final TestCertificate made = new TestCertificate(folder.resolve(host + ".crt"), folder.resolve(host + ".key"));
        final List<String> command = new ArrayList<>(List.of("openssl", "req", "-x509", "-newkey", "rsa:2048"));
        command.addAll(List.of("-nodes", "-days", "2", "-subj", "/CN=" + host));
        command.addAll(List.of("-keyout", made.key.toString(), "-out", made.file.toString()));
        command.addAll(List.of(more));
        Shell.must(command.toArray(new String[0]));
        return made;
    }
}
