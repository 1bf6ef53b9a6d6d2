package io.weir.control.health;

import io.weir.control.keepalived.Block;
import io.weir.control.keepalived.ServiceSettings.CheckSettings;
import io.weir.control.keepalived.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * {@code HTTP_GET} and {@code SSL_GET}: fetches every URL, one after the other, and looks at status, digest and text.
 *
 * <p>All URLs are fetched in each check, with no delay between them (keepalived's fast_recovery).
 */
final class HttpChecker implements Checker {
    private static final long RETRY_DELAY_MS = 3_000;
    private static final int FIRST_GOOD = 200;
    private static final int LAST_GOOD = 299;
    private static final int LAST_STATUS = 999;
    private static final Set<String> OTHER_REGEX_OPTIONS = Set.of("utf", "ucp", "never_backslash_c", "dollar_endonly");

    /**
     * How a check fetches.
     *
     * @param protocol 1.0, 1.0C or 1.1
     * @param sni "" for none
     */
    record Options(String protocol, String sni, List<Url> urls) {}

    /**
     * One URL.
     *
     * @param statuses pairs of first and last good status
     * @param digest MD5 in hex, or null
     * @param regex that must be found, or null
     * @param not that must not
     */
    record Url(
            String path,
            String host,
            List<int[]> statuses,
            @Nullable String digest,
            @Nullable Pattern regex,
            boolean not,
            int minOffset,
            int maxOffset) {}

    private final boolean secure;

    HttpChecker(boolean secure) {
        this.secure = secure;
    }

    @Override
    public String keyword() {
        return secure ? "SSL_GET" : "HTTP_GET";
    }

    @Override
    public long defaultRetryDelayMs(long delayLoopMs) {
        return RETRY_DELAY_MS;
    }

    @Override
    public Object options(Block block, String virtualHost) {
        final String host = block.text("virtualhost", virtualHost);
        final List<Url> urls =
                block.blocks("url").stream().map(url -> url(url, host)).toList();
        if (urls.isEmpty()) {
            block.report().wrong(block.statement(), "at least one url { path ... } is needed");
        }
        block.flag("fast_recovery", false);
        final String protocol = block.word("http_protocol", List.of("1.0", "1.0C", "1.1"), "1.0");
        final boolean sni = block.flag("enable_sni", false);
        final String name =
                block.text("sni_name", sni && !urls.isEmpty() ? urls.get(0).host() : "");
        return new Options(protocol, secure ? name : "", urls);
    }

    private static Url url(Block block, String virtualHost) {
        final String digest = block.text("digest");
        final Statement regex = block.last("regex");
        final Url url = new Url(
                block.text("path", "/"),
                block.text("virtualhost", virtualHost),
                statuses(block),
                digest,
                regex == null ? null : regex(block, regex),
                block.flag("regex_no_match", false),
                block.integer("regex_min_offset", 0, Integer.MAX_VALUE, 0),
                block.integer("regex_max_offset", 0, Integer.MAX_VALUE, Integer.MAX_VALUE));
        block.ignore("Java's regular expressions need no stack of their own", "regex_stack");
        block.all("regex_options");
        block.end();
        return url;
    }

    private static @Nullable Pattern regex(Block block, Statement line) {
        int flags = 0;
        final Statement options = block.last("regex_options");
        for (String option : options == null ? List.<String>of() : options.arguments()) {
            switch (option) {
                case "caseless" -> flags |= Pattern.CASE_INSENSITIVE;
                case "dotall" -> flags |= Pattern.DOTALL;
                case "multiline" -> flags |= Pattern.MULTILINE;
                case "extended" -> flags |= Pattern.COMMENTS;
                default -> {
                    if (options != null && !OTHER_REGEX_OPTIONS.contains(option)) {
                        block.report().changed(options, "'" + option + "' has no counterpart in Java's expressions");
                    }
                }
            }
        }
        try {
            return Pattern.compile(String.join(" ", line.arguments()), flags);
        } catch (PatternSyntaxException e) {
            block.report().wrong(line, "not a regular expression: " + e.getDescription());
            return null;
        }
    }

    private static List<int[]> statuses(Block block) {
        final Statement line = block.last("status_code");
        if (line == null) {
            return List.of(new int[] {FIRST_GOOD, LAST_GOOD});
        }
        final List<int[]> ranges = new ArrayList<>();
        for (String word : line.arguments()) {
            final int dash = word.indexOf('-');
            try {
                final int first = Integer.parseInt(dash < 0 ? word : word.substring(0, dash));
                final int last = dash < 0 ? first : Integer.parseInt(word.substring(dash + 1));
                if (first >= 100 && last <= LAST_STATUS && first <= last) {
                    ranges.add(new int[] {first, last});
                    continue;
                }
            } catch (NumberFormatException e) {
                block.report().wrong(line, "must be statuses or ranges such as 200-299, not '" + word + "'");
                continue;
            }
            block.report().wrong(line, "a status is 100 to 999, not '" + word + "'");
        }
        return ranges;
    }

    @Override
    public Probe probe(CheckSettings check, CheckLoop loop) {
        return new UrlProbes(check, loop, (Options) check.options());
    }

    /** Fetches one URL after the other; the first that is not as it should be decides. */
    private final class UrlProbes implements Probe {
        private final CheckSettings check;
        private final CheckLoop loop;
        private final Options options;
        private int next;
        private @Nullable Probe current;

        UrlProbes(CheckSettings check, CheckLoop loop, Options options) {
            this.check = check;
            this.loop = loop;
            this.options = options;
        }

        @Override
        public void start(Outcome outcome) {
            if (options.urls().isEmpty()) {
                outcome.done(CheckResult.down("no url to fetch"));
                return;
            }
            final Conversation conversation =
                    new HttpConversation(options.urls().get(next++), options.protocol(), check.endpoint());
            final Probe probe = new TcpProbe(check, loop, conversation, secure ? new TlsStream(options.sni()) : null);
            current = probe;
            probe.start(result -> {
                if (result.up() && next < options.urls().size()) {
                    start(outcome);
                } else {
                    outcome.done(result);
                }
            });
        }

        @Override
        public void cancel() {
            if (current != null) {
                current.cancel();
            }
        }
    }
}
