package io.weir.control.notify;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** TLS that believes the certificates of a file, and no others. */
final class Authorities {
    private Authorities() {}

    /**
     * Reads PEM certificates.
     *
     * @param keyword that names the file, for the message
     * @throws IllegalArgumentException if there is none in it
     */
    static SSLContext trusting(String keyword, String file) {
        try (InputStream in = Files.newInputStream(Path.of(file))) {
            final KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            int number = 0;
            for (Certificate each : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                store.setCertificateEntry("authority" + number++, each);
            }
            if (number == 0) {
                throw new IllegalArgumentException(keyword + " " + file + ": no certificate in it");
            }
            final TrustManagerFactory trust =
                    TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store);
            final SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalArgumentException(keyword + " " + file + ": " + e.getMessage(), e);
        }
    }
}
