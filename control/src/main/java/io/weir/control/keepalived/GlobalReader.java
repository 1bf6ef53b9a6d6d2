package io.weir.control.keepalived;

import io.weir.control.keepalived.GlobalSettings.Fifo;
import io.weir.control.keepalived.GlobalSettings.Smtp;
import io.weir.control.keepalived.GlobalSettings.SyncDaemonSettings;
import io.weir.control.keepalived.GlobalSettings.Timeouts;
import io.weir.control.keepalived.GlobalSettings.VrrpDefaults;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads {@code global_defs}. */
final class GlobalReader {
    private static final int SMTP = 25;
    private static final int SMTPS = 465;
    private static final long SMTP_TIMEOUT_MS = 30_000;
    private static final long SCRIPT_LIMIT_MS = 10_000;
    private static final int MOST_SECONDS = 2_147_483;
    private static final int TTL = 255;
    private static final int LONGEST_MESSAGE = 65_507;
    private static final int SYNC_IDS = 255;
    private static final int PORTS = 65_535;
    private static final int BURST = 255;

    private final Block block;

    GlobalReader(Block block) {
        this.block = block;
    }

    GlobalSettings read() {
        final List<String> to = new ArrayList<>();
        block.entries("notification_email").forEach(each -> to.addAll(each.words()));
        final boolean alerts = block.flag("smtp_alert", false);
        final Statement user = block.last("script_user");
        final GlobalSettings settings = new GlobalSettings(
                List.copyOf(to),
                block.text("notification_email_from"),
                smtp(),
                block.flag("smtp_alert_checker", alerts),
                // As keepalived: nobody has to ask for mail about a real server.
                block.flag("smtp_alert_checker", block.flag("smtp_alert", true)),
                block.flag("smtp_alert_vrrp", alerts),
                block.all("notify_webhook").stream()
                        .flatMap(each -> each.arguments().stream())
                        .toList(),
                certificates("notify_webhook_ca"),
                fifos(),
                block.text("router_id", "lvs_id"),
                user == null || user.arguments().isEmpty()
                        ? null
                        : user.arguments().get(0),
                user == null || user.arguments().size() < 2
                        ? null
                        : user.arguments().get(1),
                block.flag("rs_init_notifies", false),
                block.milliseconds("notify_timeout", 0.1, GlobalSettings.NOTIFY_TIMEOUT_MS),
                sync(),
                block.milliseconds("sync_flush", 0, 0),
                timeouts(),
                vrrp(),
                ScriptWords.read(block, "startup_script"),
                ScriptWords.read(block, "shutdown_script"),
                block.milliseconds("startup_script_timeout", 1, SCRIPT_LIMIT_MS),
                block.milliseconds("shutdown_script_timeout", 1, SCRIPT_LIMIT_MS));
        ignored();
        block.end();
        return settings;
    }

    private List<Fifo> fifos() {
        final List<Fifo> fifos = new ArrayList<>();
        fifo("notify_fifo", true, true, fifos);
        fifo("vrrp_notify_fifo", true, false, fifos);
        fifo("lvs_notify_fifo", false, true, fifos);
        return List.copyOf(fifos);
    }

    private void fifo(String keyword, boolean vrrp, boolean services, List<Fifo> into) {
        final Statement line = block.last(keyword);
        final KeepalivedConfig.Script script = ScriptWords.read(block, keyword + "_script");
        if (line == null) {
            return;
        }
        final List<String> words = line.arguments();
        if (words.isEmpty() || !words.get(0).startsWith("/")) {
            block.report().wrong(line, "must be the absolute path of a FIFO");
            return;
        }
        into.add(new Fifo(
                words.get(0),
                vrrp,
                services,
                words.size() > 1 ? words.get(1) : null,
                words.size() > 2 ? words.get(2) : null,
                script));
    }

    private @Nullable Smtp smtp() {
        final Statement server = block.last("smtp_server");
        final String helo = block.text("smtp_helo_name", hostName());
        final long timeout = block.milliseconds("smtp_connect_timeout", 1, SMTP_TIMEOUT_MS);
        final String security = block.word("smtp_security", List.of("plain", "starttls", "tls"), "plain");
        final Statement login = block.last("smtp_login");
        final String trusted = certificates("smtp_ca");
        if (server == null || server.arguments().isEmpty()) {
            return null;
        }
        final int usual = security.equals("tls") ? SMTPS : SMTP;
        final int port = server.arguments().size() > 1 ? block.integer(server, 2, 1, PORTS, usual) : usual;
        final List<String> who = login == null ? List.of() : login.arguments();
        final boolean hasLogin = who.size() > 1;
        return new Smtp(
                server.arguments().get(0),
                port,
                helo,
                timeout,
                security,
                trusted,
                hasLogin ? who.get(0) : null,
                hasLogin ? who.get(1) : null);
    }

    /** The name of a file with certificates, or null. */
    private @Nullable String certificates(String keyword) {
        final Statement line = block.last(keyword);
        final String file = block.text(keyword);
        if (line != null && file != null) {
            try (InputStream in = Files.newInputStream(Path.of(file))) {
                if (CertificateFactory.getInstance("X.509")
                        .generateCertificates(in)
                        .isEmpty()) {
                    block.report().wrong(line, "no PEM certificate in " + file);
                }
            } catch (IOException | InvalidPathException e) {
                block.report().wrong(line, "cannot read " + file);
            } catch (CertificateException e) {
                block.report().wrong(line, "must be a file of PEM certificates: " + e.getMessage());
            }
        }
        return file;
    }

    /** This host's name; "localhost" if it has none. */
    static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }

    private @Nullable SyncDaemonSettings sync() {
        final Statement line = block.last("lvs_sync_daemon", "lvs_sync_daemon_interface");
        if (line == null) {
            return null;
        }
        final List<String> words = line.words();
        String instance = null;
        String group = null;
        int id = -1;
        int length = 0;
        int port = 0;
        int ttl = 0;
        for (int i = 2; i < words.size(); i++) {
            switch (words.get(i)) {
                case "inst" -> instance = i + 1 < words.size() ? words.get(++i) : null;
                case "id" -> id = block.integer(line, ++i, 0, SYNC_IDS, -1);
                case "maxlen" -> length = block.integer(line, ++i, 1, LONGEST_MESSAGE, 0);
                case "port" -> port = block.integer(line, ++i, 1, PORTS, 0);
                case "ttl" -> ttl = block.integer(line, ++i, 1, TTL, 0);
                case "group" -> group = i + 1 < words.size() ? words.get(++i) : null;
                default -> {
                    if (i == 2) {
                        instance = words.get(i);
                    } else {
                        block.report().wrong(line, "unknown word '" + words.get(i) + "'");
                    }
                }
            }
        }
        if (words.size() < 2) {
            block.report().wrong(line, "an interface is missing");
            return null;
        }
        return new SyncDaemonSettings(words.get(1), instance, id, length, port, ttl, group);
    }

    private @Nullable Timeouts timeouts() {
        final Statement line = block.last("lvs_timeouts");
        if (line == null) {
            return null;
        }
        final int[] values = new int[3];
        for (int i = 1; i < line.words().size(); i++) {
            switch (line.words().get(i)) {
                case "tcp" -> values[0] = block.integer(line, ++i, 1, MOST_SECONDS, 0);
                case "tcpfin" -> values[1] = block.integer(line, ++i, 1, MOST_SECONDS, 0);
                case "udp" -> values[2] = block.integer(line, ++i, 1, MOST_SECONDS, 0);
                default -> block.report().wrong(line, "must be tcp, tcpfin or udp and seconds");
            }
        }
        return new Timeouts(values[0], values[1], values[2]);
    }

    private VrrpDefaults vrrp() {
        final VrrpDefaults d = VrrpDefaults.DEFAULTS;
        final boolean once = block.flag("vrrp_min_garp", false);
        final long delay = block.milliseconds("vrrp_garp_master_delay", 0, once ? 0 : d.garpDelayMs());
        final int repeat = block.integer("vrrp_garp_master_repeat", 0, BURST, once ? 1 : d.garpRepeat());
        return new VrrpDefaults(
                block.integer("vrrp_version", 2, 3, d.version()),
                block.text("vrrp_mcast_group4", d.group4()),
                block.text("vrrp_mcast_group6", d.group6()),
                delay,
                repeat,
                block.milliseconds("vrrp_garp_lower_prio_delay", 0, delay),
                block.integer("vrrp_garp_lower_prio_repeat", 0, BURST, repeat),
                block.milliseconds("vrrp_garp_master_refresh", 0, d.garpRefreshMs()),
                block.integer("vrrp_garp_master_refresh_repeat", 0, BURST, d.garpRefreshRepeat()),
                block.milliseconds("vrrp_garp_interval", 0, d.garpIntervalMs()),
                block.milliseconds("vrrp_gna_interval", 0, d.gnaIntervalMs()),
                block.integer("vrrp_down_timer_adverts", 1, 100, d.downTimerAdverts()),
                block.flag("vrrp_lower_prio_no_advert", false),
                block.flag("vrrp_higher_prio_send_advert", false),
                block.flag("vrrp_check_unicast_src", false),
                block.flag("vrrp_skip_check_adv_addr", false),
                block.flag("vrrp_strict", false),
                block.flag("vrrp_notify_priority_changes", false),
                VrrpReader.extraGarp(block, "vrrp_garp_extra_if", d.garpExtraMs()),
                block.milliseconds("vrrp_startup_delay", 0, 0));
    }

    private void ignored() {
        block.ignore(
                "Weir starts with the services of this file only, and none is left when it ends",
                "lvs_flush",
                "lvs_flush_on_stop");
        block.ignore("a reload tells of what has changed only", "fifo_write_vrrp_states_on_reload");
        block.ignore(
                "Weir answers for its VIPs itself and needs no firewall rule",
                "nftables",
                "nftables_priority",
                "nftables_counters",
                "nftables_ifindex",
                "vrrp_iptables",
                "vrrp_ipsets",
                "disable_local_igmp",
                "iptables");
        block.ignore(
                "a group's addresses are services of their own",
                "nftables_ipvs",
                "nftables_ipvs_priority",
                "nftables_ipvs_start_fwmark");
        block.ignore("Weir is one process and sets its own priorities", processWords());
        block.ignore(
                "the log has what is to be known", "log_unknown_vrids", "checker_log_all_failures", "no_email_faults");
        block.ignore("Weir has metrics instead of SNMP", snmpWords());
        block.ignore("no such files are written", "tmp_config_directory", "config_save_dir", "data_use_instance");
        block.ignore("a reload is checked before it is taken", "reload_check_config", "reload_time_file");
        block.ignore("scripts never run as root unless the file says so", "enable_script_security");
        block.ignore("no mail for a single check: mail for servers and services only", "no_checker_emails");
        block.ignore(
                "not needed",
                "default_interface",
                "dynamic_interfaces",
                "umask",
                "vmac_prefix",
                "vmac_addr_prefix",
                "random_seed",
                "reload_repeat",
                "reload_file",
                "include_check");
    }

    private static String[] snmpWords() {
        return new String[] {
            "snmp_socket",
            "enable_snmp_vrrp",
            "enable_snmp_checker",
            "enable_snmp_rfc",
            "enable_snmp_rfcv2",
            "enable_snmp_rfcv3",
            "enable_traps",
            "snmp_vs_stats_update_interval",
            "snmp_rs_stats_update_interval",
            "enable_snmp_keepalived",
            "enable_dbus",
            "dbus_service_name"
        };
    }

    private static String[] processWords() {
        return new String[] {
            "process_names",
            "process_name",
            "vrrp_process_name",
            "checker_process_name",
            "bfd_process_name",
            "max_auto_priority",
            "min_auto_priority_delay",
            "vrrp_priority",
            "checker_priority",
            "bfd_priority",
            "vrrp_no_swap",
            "checker_no_swap",
            "bfd_no_swap",
            "vrrp_cpu_affinity",
            "checker_cpu_affinity",
            "bfd_cpu_affinity",
            "vrrp_rt_priority",
            "checker_rt_priority",
            "bfd_rt_priority",
            "vrrp_rlimit_rttime",
            "checker_rlimit_rttime",
            "bfd_rlimit_rttime",
            "vrrp_netlink_cmd_rcv_bufs",
            "vrrp_netlink_cmd_rcv_bufs_force",
            "vrrp_netlink_monitor_rcv_bufs",
            "vrrp_netlink_monitor_rcv_bufs_force",
            "lvs_netlink_cmd_rcv_bufs",
            "lvs_netlink_cmd_rcv_bufs_force",
            "lvs_netlink_monitor_rcv_bufs",
            "lvs_netlink_monitor_rcv_bufs_force",
            "process_monitor_rcv_bufs",
            "process_monitor_rcv_bufs_force",
            "vrrp_rx_bufs_policy",
            "vrrp_rx_bufs_multiplier"
        };
    }
}
