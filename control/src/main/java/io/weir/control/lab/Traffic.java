package io.weir.control.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** What a client of a lab does with the VIP, by the tools a person would use. */
public final class Traffic {
    private static final String CURL_LIMIT = "20";
    private static final Duration READY_LIMIT = Duration.ofSeconds(20);

    private final Lab lab;
    private int uploads;

    public Traffic(Lab lab) {
        this.lab = lab;
    }

    /** The VIP as curl writes it. */
    public static String host(boolean ipv6) {
        return ipv6 ? "[" + LabPlan.VIP6 + "]" : LabPlan.VIP4;
    }

    /** Fetches the small page on a new connection; returns the name of the server that answered. */
    public String fetch(boolean ipv6) {
        return curl("http://" + host(ipv6) + "/").strip();
    }

    /** Fetches the page {@code count} times; how often each server answered, in the order of names. */
    public Map<String, Integer> fetch(boolean ipv6, int count) {
        final Map<String, Integer> answers = new LinkedHashMap<>();
        lab.servers().forEach(server -> answers.put(server.role(), 0));
        for (int i = 0; i < count; i++) {
            answers.merge(fetch(ipv6), 1, Integer::sum);
        }
        return answers;
    }

    /** Uploads 3 MB; returns the server that has them, byte for byte. */
    public String upload(boolean ipv6) {
        final String name = "up" + ++uploads;
        final Path file = lab.folder().resolve("upload.bin");
        try {
            if (!Files.exists(file)) {
                Files.write(file, WebServer.big());
            }
            final String answer = curl(
                    "-T",
                    file.toString(),
                    "-o",
                    "/dev/null",
                    "-w",
                    "%{http_code} %header{x-real-server}",
                    "http://" + host(ipv6) + "/upload/" + name);
            if (!answer.startsWith("201 ")) {
                throw new LabException("the upload was answered by " + answer);
            }
            final String role = answer.substring("201 ".length()).strip();
            final Path kept = new WebServer(lab, number(role)).uploads().resolve(name);
            final long difference = Files.mismatch(file, kept);
            Files.delete(kept);
            if (difference >= 0) {
                throw new LabException("what " + role + " got differs from byte " + difference);
            }
            return role;
        } catch (IOException e) {
            throw new LabException("upload: " + e.getMessage(), e);
        }
    }

    /** Downloads 3 MB, and compares them. */
    public void download(boolean ipv6) {
        final Path file = lab.folder().resolve("download.bin");
        curl("-o", file.toString(), "http://" + host(ipv6) + "/big");
        try {
            final byte[] got = Files.readAllBytes(file);
            Files.delete(file);
            final int difference = Arrays.mismatch(got, WebServer.big());
            if (difference >= 0) {
                throw new LabException("the download of " + got.length + " bytes differs from byte " + difference);
            }
        } catch (IOException e) {
            throw new LabException("download: " + e.getMessage(), e);
        }
    }

    /** Starts a UDP echo on every server. */
    public void startEcho() {
        final List<Background> echoes = new ArrayList<>();
        for (int i = 1; i <= lab.servers().size(); i++) {
            final Namespace server = lab.server(i);
            final List<String> command = new ArrayList<>(WeirCommand.of("lab-udp"));
            command.addAll(List.of("echo", server.role(), "" + LabPlan.ECHO_PORT));
            command.addAll(List.of(LabPlan.server4(i), LabPlan.server6(i)));
            if (lab.method().needsVipOnServers()) {
                command.addAll(List.of(LabPlan.VIP4, LabPlan.VIP6));
            }
            echoes.add(lab.start(server, "echo", command));
        }
        echoes.forEach(echo -> echo.awaitUntil(READY_LIMIT, () -> echo.output().contains("ready")));
    }

    /**
     * Sends {@code count} datagrams of {@code bytes} bytes, each from a new port; who answered, in order.
     *
     * @param tries how often each is sent before it counts as lost
     */
    public List<String> echo(boolean ipv6, int count, int bytes, int tries) {
        final List<String> command = new ArrayList<>(WeirCommand.of("lab-udp"));
        command.addAll(List.of(
                "ask", ipv6 ? LabPlan.VIP6 : LabPlan.VIP4, "" + LabPlan.ECHO_PORT, "" + count, "" + bytes, "" + tries));
        return lab.client().must(command.toArray(new String[0])).lines().toList();
    }

    /** Pings the VIP three times; returns how many answers came. */
    public int ping(boolean ipv6) {
        final String output = lab.client()
                .run("ping", "-c", "3", "-i", "0.1", "-W", "2", ipv6 ? LabPlan.VIP6 : LabPlan.VIP4)
                .output();
        return (int)
                output.lines().filter(line -> line.contains(" bytes from ")).count();
    }

    private String curl(String... arguments) {
        final List<String> command = new ArrayList<>(List.of("curl", "-g", "-sS", "-f", "-m", CURL_LIMIT));
        command.addAll(Arrays.asList(arguments));
        return lab.client().must(command.toArray(new String[0]));
    }

    private int number(String role) {
        for (int i = 1; i <= lab.servers().size(); i++) {
            if (Objects.equals(lab.server(i).role(), role)) {
                return i;
            }
        }
        throw new LabException("no server is called " + role);
    }
}
