package io.weir.control.lab;

/**
 * How a lab is laid out.
 *
 * @param servers how many real servers, 1 to 9
 * @param keep survives the process that made it; at most one such lab is up at a time
 */
public record LabOptions(LabMethod method, int servers, Offloads offloads, boolean keep) {
    public LabOptions {
        if (servers < 1 || servers > 9) {
            throw new IllegalArgumentException("servers must be 1 to 9: servers=" + servers);
        }
    }

    /** The usual: two servers, defaults, gone with its process. */
    public static LabOptions of(LabMethod method) {
        return new LabOptions(method, 2, Offloads.DEFAULT, false);
    }

    public LabOptions withOffloads(Offloads value) {
        return new LabOptions(method, servers, value, keep);
    }

    public LabOptions withServers(int value) {
        return new LabOptions(method, value, offloads, keep);
    }

    public LabOptions kept() {
        return new LabOptions(method, servers, offloads, true);
    }
}
