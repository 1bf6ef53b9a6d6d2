package io.weir.control.notify;

import io.weir.control.keepalived.GlobalSettings;
import io.weir.control.keepalived.GlobalSettings.Smtp;
import jakarta.mail.Authenticator;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.PasswordAuthentication;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.nio.charset.StandardCharsets;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends mail through one server, plain, after STARTTLS or over TLS.
 *
 * <p>One thread; what the queue has no room for is dropped and logged, so that a thousand flapping servers and a slow mail
 * server harm nobody.
 */
final class MailSender implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MailSender.class);
    private static final int MOST_WAITING = 1_000;

    private final ThreadPoolExecutor sender;
    private final Session session;
    private final List<String> to;
    private final String from;

    MailSender(GlobalSettings global) {
        final Smtp server = global.smtpServer();
        if (server == null) {
            throw new IllegalArgumentException("no mail server");
        }
        this.to = global.mailTo();
        this.from = global.mailFrom() == null ? "keepalived@" + server.helo() : global.mailFrom();
        this.session = Session.getInstance(properties(server), authenticator(server));
        this.sender = new ThreadPoolExecutor(
                1, 1, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(MOST_WAITING), MailSender::thread);
    }

    private static Thread thread(Runnable run) {
        final Thread thread = new Thread(run, "weir-mail");
        thread.setDaemon(true);
        return thread;
    }

    private static Properties properties(Smtp server) {
        final String timeout = Long.toString(server.timeoutMs());
        final Properties properties = new Properties();
        // One protocol for all: a mail address leads to "smtp", whatever the session's own one is.
        final String prefix = "mail.smtp.";
        properties.setProperty(prefix + "host", server.host());
        properties.setProperty(prefix + "port", Integer.toString(server.port()));
        properties.setProperty(prefix + "localhost", server.helo());
        properties.setProperty(prefix + "connectiontimeout", timeout);
        properties.setProperty(prefix + "timeout", timeout);
        properties.setProperty(prefix + "writetimeout", timeout);
        properties.setProperty(prefix + "ssl.checkserveridentity", "true");
        if (server.security().equals("tls")) {
            properties.setProperty(prefix + "ssl.enable", "true");
        } else if (server.security().equals("starttls")) {
            properties.setProperty(prefix + "starttls.enable", "true");
            properties.setProperty(prefix + "starttls.required", "true");
        }
        if (server.user() != null) {
            properties.setProperty(prefix + "auth", "true");
        }
        if (server.authorities() != null) {
            properties.put(
                    prefix + "ssl.socketFactory",
                    Authorities.trusting("smtp_ca", server.authorities()).getSocketFactory());
        }
        return properties;
    }

    private static Authenticator authenticator(Smtp server) {
        return new Authenticator() {
            @Override
            protected PasswordAuthentication getPasswordAuthentication() {
                return new PasswordAuthentication(server.user(), server.password());
            }
        };
    }

    void send(String subject, String text) {
        try {
            sender.execute(() -> deliver(subject, text));
        } catch (RejectedExecutionException e) {
            LOG.warn("event=mail problem=\"{} mails wait already\" dropped=\"{}\"", MOST_WAITING, subject);
        }
    }

    private void deliver(String subject, String text) {
        try {
            final MimeMessage message = new MimeMessage(session);
            message.setFrom(new InternetAddress(from));
            for (String each : to) {
                message.addRecipient(Message.RecipientType.TO, new InternetAddress(each));
            }
            message.setSubject(subject, StandardCharsets.UTF_8.name());
            message.setText(text, StandardCharsets.UTF_8.name());
            message.setHeader(
                    "Date", DateTimeFormatter.RFC_1123_DATE_TIME.format(ZonedDateTime.now(ZoneId.systemDefault())));
            Transport.send(message);
        } catch (MessagingException e) {
            LOG.warn("event=mail problem=\"{}\" lost=\"{}\"", e.getMessage(), subject);
        }
    }

    /** Gives what waits a moment. */
    @Override
    public void close() {
        sender.shutdown();
        try {
            if (!sender.awaitTermination(2, TimeUnit.SECONDS)) {
                LOG.warn(
                        "event=mail problem=\"stopped with {} mails waiting\"",
                        sender.getQueue().size());
                sender.shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
