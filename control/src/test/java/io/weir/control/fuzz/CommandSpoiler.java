package io.weir.control.fuzz;

import java.util.ArrayList;
import java.util.List;

/** Makes bad command lines of good ones: a word lost, doubled, swapped, or replaced by a strange value. */
final class CommandSpoiler {
    private static final List<String> VALUES = List.of(
            "-1",
            "0",
            "1",
            "65535",
            "65536",
            "65537",
            "4294967295",
            "4294967296",
            "99999999999999999999",
            "0x10",
            "010",
            "1a",
            "a",
            "''",
            "' 5'",
            "5.",
            "+5",
            "256",
            "203.0.113.1",
            "203.0.113.1:",
            ":80",
            "203.0.113.1:0",
            "203.0.113.1:65536",
            "203.0.113.256:80",
            "203.0.113:80",
            "[2001:db8:f::1]:80",
            "[2001:db8:f::1]",
            "2001:db8:f::1",
            "[2001:db8:f::1:80",
            "[::]:80",
            "0.0.0.0:80",
            "255.255.255.255:80",
            "224.0.0.1:80",
            "203.0.113.1:http",
            "203.0.113.1:nosuch",
            "255.255.0.255",
            "255.255.255.0",
            "128",
            "129",
            "rr",
            "none",
            "nosuch",
            "sip",
            "sh-port",
            "sh-port,sh-fallback,",
            "flag-1",
            "mh-port",
            "averyveryverylongschedulername",
            "2678400",
            "2678401",
            "ipip",
            "gue",
            "gre");
    private static final List<String> OPTIONS = List.of(
            "-A",
            "-E",
            "-D",
            "-C",
            "-R",
            "-S",
            "-a",
            "-e",
            "-d",
            "-L",
            "-l",
            "-Z",
            "-t",
            "-u",
            "-f",
            "-s",
            "-b",
            "-p",
            "-M",
            "-r",
            "-g",
            "-i",
            "-m",
            "-w",
            "-x",
            "-y",
            "-6",
            "-o",
            "-n",
            "-c",
            "-h",
            "-v",
            "--ops",
            "--pe",
            "--sctp-service",
            "--set",
            "--scheduler",
            "--sched-flags",
            "--persistent",
            "--netmask",
            "--real-server",
            "--gatewaying",
            "--ipip",
            "--masquerading",
            "--weight",
            "--u-threshold",
            "--l-threshold",
            "--ipv6",
            "--numeric",
            "--exact",
            "--sort",
            "--nosort",
            "--rate",
            "--stats",
            "--thresholds",
            "--persistent-conn",
            "--timeout",
            "--connection",
            "--tun-type",
            "--tun-port",
            "--tun-csum",
            "--tun-nocsum",
            "--tun-remcsum",
            "--tun-info",
            "--nosuch",
            "--wei",
            "--per",
            "-",
            "--",
            "-X",
            "--tcp-service",
            "--zero",
            "--list",
            "--clear",
            "--add-service",
            "--weight=5",
            "-w5",
            "-w=5",
            "--real-server=10.20.0.2:80",
            "-t203.0.113.1:80");

    private final Dice dice;

    CommandSpoiler(Dice dice) {
        this.dice = dice;
    }

    String spoiled(String line) {
        final List<String> words = new ArrayList<>(List.of(line.split(" ", -1)));
        final int turns = dice.pick(1, 1, 1, 2, 3);
        for (int i = 0; i < turns; i++) {
            once(words);
        }
        return "ipvsadm " + String.join(" ", words);
    }

    private void once(List<String> words) {
        final int at = dice.between(0, Math.max(0, words.size() - 1));
        switch (words.isEmpty() ? 4 : dice.between(0, 7)) {
            case 0 -> words.remove(at);
            case 1 -> words.add(at, words.get(at));
            case 2 -> words.add(words.remove(at));
            case 3 -> words.set(at, dice.pick(VALUES));
            case 4 -> words.add(at, dice.pick(OPTIONS));
            case 5 -> words.set(at, dice.pick(OPTIONS));
            case 6 -> {
                words.add(dice.pick(OPTIONS));
                words.add(dice.pick(VALUES));
            }
            default -> {
                final int value = words.get(at).startsWith("-") && at + 1 < words.size() ? at + 1 : at;
                words.set(value, dice.pick(VALUES));
            }
        }
    }
}
