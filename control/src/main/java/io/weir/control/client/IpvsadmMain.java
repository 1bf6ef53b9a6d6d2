package io.weir.control.client;

import java.io.ByteArrayOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The command {@code ipvsadm}: gives its words to the director and prints what comes back.
 *
 * <p>Everything ipvsadm knows is known by the director; here is only the way there. <b>Fails</b>: with status 2 and
 * ipvsadm's own first line where it finds no IPVS, if there is no director.
 */
public final class IpvsadmMain {
    private static final int NO_DIRECTOR = 2;
    private static final int ASCII = 127;

    private IpvsadmMain() {}

    /** Ends the process with ipvsadm's status. */
    public static void main(String[] args) throws IOException {
        final byte[] input = readsInput(args) ? System.in.readAllBytes() : new byte[0];
        // Not System.out: it encodes, and costs its start-up.
        final FileOutputStream out = new FileOutputStream(FileDescriptor.out);
        final FileOutputStream err = new FileOutputStream(FileDescriptor.err);
        final Path socket = SocketFile.find();
        int status;
        try {
            status = Call.run(socket, words(args), input, out, err);
        } catch (IOException e) {
            status = NO_DIRECTOR;
            err.write(complaint(socket, e).getBytes(StandardCharsets.UTF_8));
        }
        Runtime.getRuntime().halt(status);
    }

    private static String complaint(Path socket, IOException e) {
        final String why = socket.toFile().exists() ? String.valueOf(e.getMessage()) : "No such file or directory";
        return "Can't initialize ipvs: "
                .concat(why)
                .concat("\nAre you sure that the director runs? (systemctl status weir; its control socket: ")
                .concat(socket.toString())
                .concat(")\n");
    }

    /** Only {@code -R} does, and it is always the first word. */
    private static boolean readsInput(String[] args) {
        return args.length > 0 && (args[0].startsWith("-R") || args[0].startsWith("--restore"));
    }

    /** The words as the bytes the shell gave; the virtual machine's strings may have lost some in translation. */
    private static byte[] words(String[] args) throws IOException {
        final ByteArrayOutputStream words = new ByteArrayOutputStream();
        words.write(Call.words("ipvsadm"));
        if (isAscii(args)) {
            words.write(Call.words(args));
            return words.toByteArray();
        }
        final byte[] line = Files.readAllBytes(Path.of("/proc/self/cmdline"));
        int start = line.length;
        for (int i = 0; i < args.length; i++) {
            start--;
            while (start > 0 && line[start - 1] != 0) {
                start--;
            }
        }
        words.write(line, start, line.length - start);
        return words.toByteArray();
    }

    private static boolean isAscii(String[] args) {
        for (String arg : args) {
            for (int i = 0; i < arg.length(); i++) {
                if (arg.charAt(i) > ASCII) {
                    return false;
                }
            }
        }
        return true;
    }
}
