package io.weir.control.vrrp;

import io.weir.control.keepalived.KeepalivedConfig;
import io.weir.control.keepalived.KeepalivedConfig.LinkDelay;
import io.weir.control.keepalived.KeepalivedConfig.Tracked;
import io.weir.control.keepalived.VrrpSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Which interfaces have a link, as instances see it: a change counts when {@code interface_up_down_delays} is over, and not at
 * all if it is undone before. Every interface is read once in a look, however many ask.
 *
 * <p><b>Thread</b>: {@code weir-vrrp}. <b>Source</b>: keepalived.conf(5), interface up/down status change debouncing.
 */
final class Links {
    private static final Path ALL = Path.of("/sys/class/net");

    /** How long a change must last. */
    private record Delay(long downNs, long upNs) {
        static final Delay NONE = new Delay(0, 0);
    }

    /** One of them. */
    private static final class Link {
        private boolean up;
        private boolean changing;
        private long changedNs;
    }

    private final Path folder;
    private final Map<String, Link> links = new HashMap<>();
    private final Map<String, Delay> delays = new HashMap<>();
    private long nowNs;

    Links() {
        this(ALL);
    }

    /** Looks where the kernel would say it. */
    Links(Path folder) {
        this.folder = folder;
    }

    /**
     * Goes over to another configuration. As in keepalived, a delay is never so long that a backup would take its own deafness
     * for its master's silence.
     */
    void reload(KeepalivedConfig config, long time) {
        nowNs = time;
        delays.clear();
        for (LinkDelay each : config.linkDelays()) {
            long mostMs = Long.MAX_VALUE;
            for (VrrpSettings instance : config.instances()) {
                if (uses(instance, each.name())) {
                    mostMs = Math.min(mostMs, (instance.downTimerAdverts() - 1) * instance.advertMs());
                }
            }
            delays.put(
                    each.name(),
                    new Delay(
                            TimeUnit.MILLISECONDS.toNanos(Math.min(each.downMs(), mostMs)),
                            TimeUnit.MILLISECONDS.toNanos(Math.min(each.upMs(), mostMs))));
        }
    }

    private static boolean uses(VrrpSettings instance, String name) {
        return instance.interfaceName().equals(name)
                || instance.tracking().interfaces().stream().map(Tracked::name).anyMatch(name::equals);
    }

    /** Looks at every interface that somebody has asked about. */
    void look(long time) {
        nowNs = time;
        links.forEach(this::look);
    }

    private void look(String name, Link link) {
        if (hasCarrier(name) == link.up) {
            link.changing = false;
            return;
        }
        if (!link.changing) {
            link.changing = true;
            link.changedNs = nowNs;
        }
        final Delay delay = delays.getOrDefault(name, Delay.NONE);
        if (nowNs - link.changedNs >= (link.up ? delay.downNs : delay.upNs)) {
            link.up = !link.up;
            link.changing = false;
        }
    }

    /** Does the link of an interface count as up? */
    boolean isUp(String name) {
        return links.computeIfAbsent(name, asked -> {
                    final Link link = new Link();
                    link.up = hasCarrier(asked);
                    return link;
                })
                .up;
    }

    private boolean hasCarrier(String name) {
        try {
            return Files.readString(folder.resolve(name).resolve("carrier"), StandardCharsets.US_ASCII)
                    .startsWith("1");
        } catch (IOException e) {
            // Reading it fails with EINVAL while the interface is down.
            return false;
        }
    }
}
