package io.weir.control.health;

import io.weir.control.health.HttpChecker.Url;
import io.weir.control.keepalived.ServiceSettings.Endpoint;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One GET: sends the request, waits for as much of the answer as the verdict needs. */
final class HttpConversation implements Conversation {
    private static final Pattern STATUS = Pattern.compile("^HTTP/\\d\\.\\d (\\d{3})\\b");
    private static final Pattern LENGTH = Pattern.compile("(?im)^content-length:[ \\t]*(\\d{1,10})[ \\t]*\\r?$");
    private static final Pattern CHUNKED = Pattern.compile("(?im)^transfer-encoding:[ \\t]*chunked[ \\t]*\\r?$");
    private static final int HTTP = 80;
    private static final int HTTPS = 443;

    private final Url url;
    private final String protocol;
    private final Endpoint endpoint;

    HttpConversation(Url url, String protocol, Endpoint endpoint) {
        this.url = url;
        this.protocol = protocol;
        this.endpoint = endpoint;
    }

    @Override
    public Step begin() {
        final StringBuilder request = new StringBuilder("GET ").append(url.path());
        request.append(" HTTP/").append(protocol.equals("1.1") ? "1.1" : "1.0").append("\r\n");
        request.append("User-Agent: weir-health\r\nHost: ").append(host()).append("\r\n");
        if (!protocol.equals("1.0")) {
            request.append("Connection: close\r\n");
        }
        return Step.send(request.append("\r\n").toString());
    }

    private String host() {
        if (!url.host().isEmpty()) {
            return url.host();
        }
        final String address =
                endpoint.address().isV4() ? endpoint.address().toString() : "[" + endpoint.address() + "]";
        return endpoint.port() == HTTP || endpoint.port() == HTTPS ? address : address + ":" + endpoint.port();
    }

    @Override
    public Step received(Inbox inbox, boolean ended) {
        final String text = inbox.text();
        final int end = text.indexOf("\r\n\r\n");
        if (end < 0) {
            return ended ? Step.down("not an HTTP answer") : Step.WAIT;
        }
        final Matcher status = STATUS.matcher(text);
        if (!status.find()) {
            return Step.down("not an HTTP answer");
        }
        final int code = Integer.parseInt(status.group(1));
        if (url.statuses().stream().noneMatch(range -> range[0] <= code && code <= range[1])) {
            return Step.down("HTTP status " + code);
        }
        if (url.digest() == null && url.regex() == null) {
            return Step.up("HTTP status " + code);
        }
        final String head = text.substring(0, end + 2);
        final String body = body(head, text.substring(end + 4), ended);
        return body == null ? Step.WAIT : judge(code, body);
    }

    /** The whole body, or null if there is more to come. */
    private static @org.jspecify.annotations.Nullable String body(String head, String rest, boolean ended) {
        if (CHUNKED.matcher(head).find()) {
            return dechunk(rest, ended);
        }
        final Matcher length = LENGTH.matcher(head);
        if (length.find()) {
            final long whole = Long.parseLong(length.group(1));
            return rest.length() >= whole ? rest.substring(0, (int) whole) : ended ? rest : null;
        }
        return ended ? rest : null;
    }

    private static @org.jspecify.annotations.Nullable String dechunk(String rest, boolean ended) {
        final StringBuilder body = new StringBuilder();
        int at = 0;
        while (true) {
            final int line = rest.indexOf("\r\n", at);
            if (line < 0) {
                return ended ? body.toString() : null;
            }
            final int size;
            try {
                size = Integer.parseInt(
                        rest.substring(at, line).replaceFirst(";.*", "").strip(), 16);
            } catch (NumberFormatException e) {
                return body.toString();
            }
            if (size == 0) {
                return body.toString();
            }
            if (size < 0 || line + 2 + (long) size > rest.length()) {
                return ended ? body.toString() : null;
            }
            body.append(rest, line + 2, line + 2 + size);
            at = Math.min(rest.length(), line + 2 + size + 2);
        }
    }

    private Step judge(int code, String body) {
        final String wanted = url.digest();
        if (wanted != null) {
            final String found = md5(body);
            if (!found.equals(wanted.toLowerCase(Locale.ROOT))) {
                return Step.down("HTTP status " + code + ", digest " + found);
            }
        }
        final Pattern regex = url.regex();
        if (regex != null) {
            try {
                final boolean found = find(regex, body);
                if (found == url.not()) {
                    return Step.down("HTTP status " + code + ", the text " + (found ? "matches" : "does not match"));
                }
            } catch (BoundedText.TooMuchWork e) {
                return Step.down("the regular expression takes too long on this text");
            }
        }
        return Step.up("HTTP status " + code);
    }

    private boolean find(Pattern regex, String body) {
        final Matcher matcher = regex.matcher(new BoundedText(body));
        if (url.minOffset() > body.length()) {
            return false;
        }
        matcher.region(url.minOffset(), body.length());
        return matcher.find() && matcher.start() <= url.maxOffset();
    }

    private static String md5(String body) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("MD5").digest(body.getBytes(StandardCharsets.ISO_8859_1)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has MD5", e);
        }
    }
}
