package io.weir.control.notify;

import io.weir.control.health.HealthEvents;
import io.weir.control.keepalived.GlobalSettings;
import io.weir.control.keepalived.KeepalivedConfig.Notify;
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
 * Tells scripts, FIFOs, mailboxes and webhooks of what happens, as the configuration says.
 *
 * <p><b>Thread</b>: any; returns at once.
 */
public final class Notifier implements HealthEvents, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Notifier.class);

    /** Whom global_defs names. */
    private record Told(
            GlobalSettings global, @Nullable MailSender mail, @Nullable WebhookSender webhooks, Fifos fifos) {
        /**
         * Opens all.
         *
         * @param before closed when nothing can fail any more: a FIFO may be in both
         */
        static Told of(GlobalSettings global, ScriptRunner scripts, @Nullable Told before) {
            final MailSender mail =
                    global.smtpServer() == null || global.mailTo().isEmpty() ? null : new MailSender(global);
            final WebhookSender webhooks = global.webhooks().isEmpty()
                    ? null
                    : new WebhookSender(global.webhooks(), global.webhookAuthorities());
            if (before != null) {
                before.close();
            }
            return new Told(global, mail, webhooks, new Fifos(global.fifos(), scripts));
        }

        void close() {
            if (mail != null) {
                mail.close();
            }
            if (webhooks != null) {
                webhooks.close();
            }
            fifos.close();
        }
    }

    private final ScriptRunner scripts;
    private volatile Told told;

    public Notifier(GlobalSettings global, ScriptRunner scripts) {
        this.scripts = scripts;
        this.told = Told.of(global, scripts, null);
    }

    /** Goes over to other settings; by one thread at a time. */
    public void reload(GlobalSettings global) {
        final Told before = told;
        if (!before.global().equals(global)) {
            scripts.user(global.scriptUser(), global.scriptGroup());
            told = Told.of(global, scripts, before);
        }
    }

    @Override
    public void server(ServiceSettings service, ServerSettings server, boolean up, String why) {
        final String name = "[" + server.address() + "]:" + server.port();
        final String state = up ? "UP" : "DOWN";
        script(up ? server.up() : server.down(), List.of());
        told.fifos()
                .service("RS [" + server.address() + "]:" + service.protocol() + ":" + server.port() + " "
                        + service.name() + " " + state);
        tell("server", name + " of " + service.name(), state, why, server.mail());
    }

    @Override
    public void quorum(ServiceSettings service, boolean up, long weight) {
        final String state = up ? "UP" : "DOWN";
        script(up ? service.quorumUp() : service.quorumDown(), List.of());
        told.fifos().service("VS " + service.name() + " " + state);
        tell(
                "quorum",
                service.name(),
                state,
                "weight " + weight + " of the living, quorum " + service.quorum() + ", hysteresis "
                        + service.hysteresis(),
                service.mail());
    }

    /**
     * A virtual router, or a group of them, has become something.
     *
     * @param kind INSTANCE or GROUP
     * @param state MASTER, BACKUP, FAULT, STOP or DELETED
     */
    public void router(String kind, String name, String state, int priority, Notify notices) {
        script(
                switch (state) {
                    case "MASTER" -> notices.master();
                    case "BACKUP" -> notices.backup();
                    case "FAULT" -> notices.fault();
                    case "DELETED" -> notices.deleted();
                    default -> notices.stop();
                },
                List.of());
        script(notices.any(), List.of(kind, name, state, Integer.toString(priority)));
        told.fifos().router(kind, name, state, priority);
        tell("vrrp", kind + " " + name, state, "priority " + priority, notices.mail());
    }

    /** A master has heard another one of lower priority. */
    public void lowerMaster(String name, int priority, Notify notices) {
        script(notices.lowerPriority(), List.of());
        told.fifos().router("INSTANCE", name, "MASTER_RX_LOWER_PRI", priority);
    }

    /** What a master or backup tracks has changed its priority; only FIFOs are told. */
    public void priority(String name, String state, int priority) {
        told.fifos().router("INSTANCE", name, state + "_PRIORITY", priority);
    }

    /** Runs a script, if there is one, after those before it; how it ended goes to the log. */
    private void script(@Nullable Script script, List<String> more) {
        if (script == null) {
            return;
        }
        final Runnable end = scripts.runInOrder(script, more, told.global().notifyTimeoutMs(), status -> {
            if (status != 0) {
                LOG.warn("event=notify-script command={} status={}", script.command(), status);
            }
        });
        LOG.debug("event=notify-script command={} cancel={}", script.command(), end);
    }

    /** Sends mail, if {@code byMail}, and webhooks. */
    private void tell(String kind, String name, String state, String why, boolean byMail) {
        final Told now = told;
        final String router =
                now.global().routerId() == null ? "weir" : now.global().routerId();
        if (byMail && now.mail() != null) {
            now.mail().send("[" + router + "] " + kind + " " + name + " - " + state, "=> " + why + " <=\n");
        }
        if (now.webhooks() != null) {
            final Map<String, String> event = new LinkedHashMap<>();
            event.put("router", router);
            event.put("kind", kind);
            event.put("name", name);
            event.put("state", state);
            event.put("why", why);
            now.webhooks().send(event);
        }
    }

    @Override
    public void close() {
        told.close();
    }
}
