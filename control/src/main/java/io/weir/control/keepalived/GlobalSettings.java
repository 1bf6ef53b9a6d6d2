package io.weir.control.keepalived;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code global_defs}.
 *
 * @param mailFrom null: keepalived@ and the host's name
 * @param smtpServer null: no mail
 * @param webhooks URLs that are told of every event (Weir's own keyword {@code notify_webhook})
 * @param webhookAuthorities a file of PEM certificates to trust for https (Weir's own keyword {@code notify_webhook_ca});
 *     null for those the virtual machine trusts
 * @param fifos that are told of events, line by line
 * @param scriptUser null: keepalived_script if there is such a user, else nobody
 * @param notifyTimeoutMs for every script that is told something (Weir's own keyword {@code notify_timeout})
 * @param syncDaemon null: none
 * @param syncFlushMs age at which a message of the sync master leaves, full or not; 0: as the kernel's (Weir's own keyword
 *     {@code sync_flush})
 * @param timeouts ipvsadm --set, null: as they are
 * @param vrrp defaults of the instances
 * @param startup commands to run once, null for none
 */
public record GlobalSettings(
        List<String> mailTo,
        @Nullable String mailFrom,
        @Nullable Smtp smtpServer,
        boolean mailForServices,
        boolean mailForServers,
        boolean mailForVrrp,
        List<String> webhooks,
        @Nullable String webhookAuthorities,
        List<Fifo> fifos,
        @Nullable String routerId,
        @Nullable String scriptUser,
        @Nullable String scriptGroup,
        boolean initNotifies,
        long notifyTimeoutMs,
        @Nullable SyncDaemonSettings syncDaemon,
        long syncFlushMs,
        @Nullable Timeouts timeouts,
        VrrpDefaults vrrp,
        KeepalivedConfig.@Nullable Script startup,
        KeepalivedConfig.@Nullable Script shutdown,
        long startupTimeoutMs,
        long shutdownTimeoutMs) {

    /** How long a script that is told something may run, where nothing is said. */
    static final long NOTIFY_TIMEOUT_MS = 30_000;

    private static final long SCRIPT_LIMIT_MS = 10_000;

    /** Where nothing is said. */
    public static final GlobalSettings DEFAULTS = new GlobalSettings(
            List.of(),
            null,
            null,
            false,
            true,
            false,
            List.of(),
            null,
            List.of(),
            null,
            null,
            null,
            false,
            NOTIFY_TIMEOUT_MS,
            null,
            0,
            null,
            VrrpDefaults.DEFAULTS,
            null,
            null,
            SCRIPT_LIMIT_MS,
            SCRIPT_LIMIT_MS);

    /** {@code lvs_timeouts} in seconds; 0 leaves one as it is. */
    public record Timeouts(int tcp, int tcpFin, int udp) {}

    /**
     * {@code notify_fifo} and its like.
     *
     * @param vrrp is it told of virtual routers?
     * @param services is it told of services and their servers?
     * @param user the owner of the FIFO; null for that of scripts
     * @param script reads it as long as the director runs; null for none
     */
    public record Fifo(
            String path,
            boolean vrrp,
            boolean services,
            @Nullable String user,
            @Nullable String group,
            KeepalivedConfig.@Nullable Script script) {}

    /**
     * The server that takes mail.
     *
     * @param security plain, starttls or tls
     * @param authorities a file of PEM certificates to trust; null for those the virtual machine trusts
     * @param password null: no login
     */
    public record Smtp(
            String host,
            int port,
            String helo,
            long timeoutMs,
            String security,
            @Nullable String authorities,
            @Nullable String user,
            @Nullable String password) {}

    /**
     * {@code lvs_sync_daemon}.
     *
     * @param instance the VRRP instance that decides who sends, or null: this director both sends and receives
     * @param id -1: the virtual router id of the instance
     * @param maxLength 0 for the default, as {@code group} null, {@code port} and {@code ttl}
     */
    public record SyncDaemonSettings(
            String interfaceName,
            @Nullable String instance,
            int id,
            int maxLength,
            int port,
            int ttl,
            @Nullable String group) {}

    /** Defaults of the instances; delays in milliseconds. */
    public record VrrpDefaults(
            int version,
            String group4,
            String group6,
            long garpDelayMs,
            int garpRepeat,
            long garpLowerDelayMs,
            int garpLowerRepeat,
            long garpRefreshMs,
            int garpRefreshRepeat,
            long garpIntervalMs,
            long gnaIntervalMs,
            int downTimerAdverts,
            boolean lowerPriorityNoAdvert,
            boolean higherPrioritySendAdvert,
            boolean checkUnicastSource,
            boolean skipCheckAdvertised,
            boolean strict,
            boolean tellsPriority,
            long garpExtraMs,
            long startupDelayMs) {
        static final VrrpDefaults DEFAULTS = new VrrpDefaults(
                2,
                "224.0.0.18",
                "ff02::12",
                5000,
                5,
                5000,
                5,
                0,
                1,
                0,
                0,
                3,
                false,
                false,
                false,
                false,
                false,
                false,
                0,
                0);
    }
}
