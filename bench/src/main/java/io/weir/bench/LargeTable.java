package io.weir.bench;

/** A table of many services with many servers each, as restore lines; ten services share an address. */
final class LargeTable {
    private static final int PORTS_PER_VIP = 10;

    private LargeTable() {}

    static String virtual(int service) {
        final int vip = service / PORTS_PER_VIP;
        return "172.16." + vip / 250 + "." + (vip % 250 + 1) + ":" + (80 + service % PORTS_PER_VIP);
    }

    static String server(int service, int server) {
        return "10." + (30 + service / 2500) + "." + service % 2500 / 10 + "." + (service % 10 * 20 + server + 1);
    }

    /**
     * The lines.
     *
     * @param method {@code -m} or {@code -g}
     */
    static String lines(int services, int servers, String method) {
        final StringBuilder text = new StringBuilder();
        for (int i = 0; i < services; i++) {
            text.append("-A -t ").append(virtual(i)).append(" -s rr\n");
            for (int j = 0; j < servers; j++) {
                text.append("-a -t ").append(virtual(i)).append(" -r ").append(server(i, j));
                text.append(' ').append(method).append(" -w 1\n");
            }
        }
        return text.toString();
    }
}
