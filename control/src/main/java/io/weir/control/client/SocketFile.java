package io.weir.control.client;

import java.io.File;
import java.nio.file.Path;

/** Finds the control socket a command is meant for. */
public final class SocketFile {
    /** Where directors have their sockets, {@code NAME.sock} each. */
    public static final String FOLDER = "/run/weir";

    private static final String SUFFIX = ".sock";
    private static final String DEFAULT_NAME = "weir";

    private SocketFile() {}

    /** Where the director of that name listens. */
    public static Path of(String name) {
        return Path.of(FOLDER, name.concat(SUFFIX));
    }

    /**
     * {@code WEIR_SOCKET}, a path; else {@code WEIR_NAME}, a director's name; else the director called weir; else the only
     * one there is.
     */
    public static Path find() {
        final String socket = System.getenv("WEIR_SOCKET");
        if (socket != null && !socket.isEmpty()) {
            return Path.of(socket);
        }
        final String name = System.getenv("WEIR_NAME");
        if (name != null && !name.isEmpty()) {
            return of(name);
        }
        final Path usual = of(DEFAULT_NAME);
        if (usual.toFile().exists()) {
            return usual;
        }
        final String[] all = new File(FOLDER).list();
        String only = null;
        for (int i = 0; all != null && i < all.length; i++) {
            if (all[i].endsWith(SUFFIX)) {
                if (only != null) {
                    return usual;
                }
                only = all[i];
            }
        }
        return only == null ? usual : Path.of(FOLDER, only);
    }
}
