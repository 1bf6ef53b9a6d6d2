package io.weir.control.notify;

import io.weir.control.health.HealthEvents;
import io.weir.control.keepalived.GlobalSettings;
import io.weir.control.keepalived.KeepalivedConfig.Script;
import io.weir.control.keepalived.ServiceSettings;
import io.weir.control.keepalived.ServiceSettings.ServerSettings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells scripts, mailboxes and webhooks of what happens, as the configuration says.
 *
 * <p><b>Thread</b>: any; returns at once.
 */
public final class Notifier implements HealthEvents, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Notifier.class);
    private static final long LIMIT_MS = 30_000;

    private final GlobalSettings global;
    private final ScriptRunner scripts;
    private final @Nullable MailSender mail;
    private final @Nullable WebhookSender webhooks;

    public Notifier(GlobalSettings global, ScriptRunner scripts) {
        this.global = global;
        this.scripts = scripts;
        this.mail = global.smtpServer() == null || global.mailTo().isEmpty() ? null : new MailSender(global);
        this.webhooks = global.webhooks().isEmpty() ? null : new WebhookSender(global.webhooks());
    }

    @Override
    public void server(ServiceSettings service, ServerSettings server, boolean up, String why) {
        final String name = "[" + server.address() + "]:" + server.port();
        script(up ? server.up() : server.down(), List.of());
        tell("server", name + " of " + service.name(), up ? "UP" : "DOWN", why, server.mail());
    }

    @Override
    public void quorum(ServiceSettings service, boolean up, long weight) {
        script(up ? service.quorumUp() : service.quorumDown(), List.of());
        tell(
                "quorum",
                service.name(),
                up ? "UP" : "DOWN",
                "weight " + weight + " of the living, quorum " + service.quorum() + ", hysteresis "
                        + service.hysteresis(),
                service.mail());
    }

    /** Runs a script, if there is one; how it ended goes to the log. */
    public void script(@Nullable Script script, List<String> more) {
        if (script == null) {
            return;
        }
        final Runnable end = scripts.run(script, more, LIMIT_MS, status -> {
            if (status != 0) {
                LOG.warn("event=notify-script command={} status={}", script.command(), status);
            }
        });
        LOG.debug("event=notify-script command={} cancel={}", script.command(), end);
    }

    /** Sends mail, if {@code byMail}, and webhooks. */
    public void tell(String kind, String name, String state, String why, boolean byMail) {
        final String router = global.routerId() == null ? "weir" : global.routerId();
        if (byMail && mail != null) {
            mail.send("[" + router + "] " + kind + " " + name + " - " + state, "=> " + why + " <=\n");
        }
        if (webhooks != null) {
            final Map<String, String> event = new LinkedHashMap<>();
            event.put("router", router);
            event.put("kind", kind);
            event.put("name", name);
            event.put("state", state);
            event.put("why", why);
            webhooks.send(event);
        }
    }

    @Override
    public void close() {
        if (mail != null) {
            mail.close();
        }
        if (webhooks != null) {
            webhooks.close();
        }
    }
}
