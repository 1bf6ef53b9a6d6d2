package io.weir.control.health;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * The client side of TLS over bytes that somebody else carries.
 *
 * <p>Every certificate is trusted, as in keepalived: the check asks whether the service answers, and a real server's name
 * is not the one in its certificate.
 */
final class TlsStream {
    /** How far it is. */
    enum State {
        /** Needs more from the server. */
        WAIT,
        /** Has arithmetic to do: {@link #runTasks}. */
        TASK,
        /** Plain bytes may flow. */
        READY
    }

    private static final int LONGEST_NAME = 253;
    private static final SSLContext CONTEXT = context();

    private final SSLEngine engine;
    private ByteBuffer input;
    private final ByteBuffer plainChunk;
    private final ByteBuffer outChunk;
    private final ByteArrayOutputStream plain = new ByteArrayOutputStream();
    private final ByteArrayOutputStream output = new ByteArrayOutputStream();
    private boolean ready;
    private boolean told;

    /**
     * Not begun.
     *
     * @param serverName sent as SNI, or "" for none
     * @param protocols offered by ALPN (RFC 7301); none for none
     */
    TlsStream(String serverName, String... protocols) {
        engine = CONTEXT.createSSLEngine();
        engine.setUseClientMode(true);
        final SSLParameters parameters = engine.getSSLParameters();
        if (isName(serverName)) {
            parameters.setServerNames(List.of(new SNIHostName(serverName)));
        }
        parameters.setApplicationProtocols(protocols);
        engine.setSSLParameters(parameters);
        final int packet = engine.getSession().getPacketBufferSize();
        input = ByteBuffer.allocate(packet * 2);
        outChunk = ByteBuffer.allocate(packet);
        plainChunk = ByteBuffer.allocate(engine.getSession().getApplicationBufferSize());
    }

    /** May it be an SNI name? An address may not. */
    private static boolean isName(String name) {
        return name.length() <= LONGEST_NAME
                && name.matches("[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")
                && !name.matches("[0-9.]+");
    }

    private static SSLContext context() {
        try {
            final SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new TrustAll()}, new SecureRandom());
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("no TLS in this JDK", e);
        }
    }

    void begin() throws IOException {
        engine.beginHandshake();
    }

    void addInput(byte[] bytes, int length) {
        if (input.remaining() < length) {
            final ByteBuffer larger = ByteBuffer.allocate((input.position() + length) * 2);
            larger.put(input.flip());
            input = larger;
        }
        input.put(bytes, 0, length);
    }

    /** Goes on as far as it can. */
    State advance() throws IOException {
        while (true) {
            final HandshakeStatus status = engine.getHandshakeStatus();
            if (status == HandshakeStatus.NEED_TASK) {
                return State.TASK;
            }
            if (status == HandshakeStatus.NEED_WRAP) {
                wrapInto(ByteBuffer.allocate(0));
                continue;
            }
            if (status == HandshakeStatus.NOT_HANDSHAKING || status == HandshakeStatus.FINISHED) {
                ready = true;
            }
            if (!unwrap()) {
                return ready ? State.READY : State.WAIT;
            }
        }
    }

    /** Opens one record; false if there is none in full. */
    private boolean unwrap() throws IOException {
        input.flip();
        plainChunk.clear();
        final SSLEngineResult result = engine.unwrap(input, plainChunk);
        input.compact();
        plain.write(plainChunk.array(), 0, plainChunk.position());
        if (result.getStatus() == Status.CLOSED) {
            return false;
        }
        return result.getStatus() == Status.OK
                && (result.bytesConsumed() > 0 || result.getHandshakeStatus() == HandshakeStatus.NEED_WRAP);
    }

    private void wrapInto(ByteBuffer from) throws IOException {
        outChunk.clear();
        final SSLEngineResult result = engine.wrap(from, outChunk);
        output.write(outChunk.array(), 0, outChunk.position());
        if (result.getStatus() == Status.CLOSED) {
            throw new IOException("TLS closed");
        }
    }

    /** Does the arithmetic; on any thread, nothing else being called meanwhile. */
    void runTasks() {
        for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
            task.run();
        }
    }

    /** The bytes for the wire so far. */
    byte[] takeOutput() {
        final byte[] bytes = output.toByteArray();
        output.reset();
        return bytes;
    }

    /** Plain bytes received so far. */
    byte[] takePlain() {
        final byte[] bytes = plain.toByteArray();
        plain.reset();
        return bytes;
    }

    /** The bytes for the wire that carry {@code bytes}. */
    byte[] wrap(byte[] bytes) throws IOException {
        final ByteBuffer from = ByteBuffer.wrap(bytes);
        while (from.hasRemaining()) {
            wrapInto(from);
        }
        return takeOutput();
    }

    boolean wasReady() {
        return ready;
    }

    boolean isFirstTimeReady() {
        final boolean first = !told;
        told = true;
        return first;
    }

    /** Trusts everybody. */
    private static final class TrustAll extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, java.net.Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, java.net.Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
