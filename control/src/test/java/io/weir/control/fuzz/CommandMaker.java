package io.weir.control.fuzz;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Command lines of ipvsadm as people and scripts write them, right and wrong: every command and option in its short and its
 * long form, values inside and outside of what is allowed, words that are missing, doubled or in the wrong place.
 *
 * <p>Only words that both tools know: what Weir adds is no mistake to it.
 */
final class CommandMaker {
    private static final List<String> SERVICES = List.of(
            "203.0.113.1:80",
            "203.0.113.1:80",
            "203.0.113.1:80",
            "203.0.113.1:443",
            "203.0.113.2:53",
            "203.0.113.2:53",
            "[2001:db8:f::1]:80",
            "[2001:db8:f::1]:80",
            "203.0.113.1:0",
            "203.0.113.1",
            "vip1.test:80",
            "203.0.113.1:http",
            "[2001:db8:f::1]:https",
            "2001:db8:f::1",
            "[2001:db8:f::1]",
            "203.0.113.1:65536",
            "203.0.113.1:-1",
            "203.0.113:80",
            "0xcb007101:80",
            "203.0.113.01:80",
            "256.1.1.1:80",
            "",
            "80",
            ":80",
            "203.0.113.1:80:80",
            "nosuch.test:80",
            "203.0.113.1: 80",
            "[203.0.113.1]:80",
            "::",
            "[::]:0",
            "203.0.113.1:",
            "203.0.113.1:+80",
            "1.2:7",
            "-1");
    private static final List<String> MARKS =
            List.of("1", "1", "2", "0", "-1", "4294967295", "4294967296", "0x10", "abc", "", "+5", " 7", "7 ", "08");
    private static final List<String> SERVERS = List.of(
            "10.20.0.10:8080",
            "10.20.0.10:80",
            "10.20.0.10",
            "10.20.0.11:80",
            "10.20.0.11",
            "[fd00:20::a]:80",
            "[fd00:20::a]:80",
            "10.20.0.10:0",
            "rs10.test:80",
            "fd00:20::a",
            "0.0.0.0:80",
            "255.255.255.255:80",
            "224.0.0.1:80",
            "127.0.0.1:80",
            "[fe80::1]:80",
            "[ff02::1]:80",
            "[::]:80",
            "10.20.0.10:65536",
            "10.20.0.10:domain",
            "x",
            "",
            "10.20.0");
    private static final List<String> SCHEDULERS = List.of(
            "rr", "wrr", "lc", "wlc", "lblc", "lblcr", "dh", "sh", "mh", "sed", "nq", "fo", "ovf", "rr", "wrr",
            "nosuch", "", "RR");
    private static final List<String> NUMBERS = List.of(
            "0",
            "1",
            "2",
            "100",
            "60",
            "-1",
            "65535",
            "65536",
            "2147483647",
            "2147483648",
            "2678400",
            "2678401",
            "abc",
            "",
            "+3",
            " 4",
            "4 ",
            "0x10",
            "1e3",
            "99999999999999999999",
            "007",
            "--");
    private static final List<String> MASKS = List.of(
            "255.255.255.0",
            "255.255.255.255",
            "0.0.0.0",
            "24",
            "64",
            "128",
            "129",
            "0",
            "ffff",
            "255.0.255.0",
            "",
            "-1");
    private static final List<String> FLAGS = List.of(
            "sh-port",
            "sh-fallback",
            "flag-1",
            "flag-2,flag-3",
            "mh-port",
            "mh-fallback,mh-port",
            "sh-port,nosuch",
            "nosuch",
            "",
            ",flag-1,",
            "flag-1,flag-1");
    private static final List<String> STRAY = List.of(
            "-n",
            "--numeric",
            "-c",
            "-w",
            "-m",
            "-g",
            "-i",
            "-p",
            "-o",
            "-6",
            "-x",
            "--stats",
            "--rate",
            "--exact",
            "-X",
            "--sort",
            "--nosort",
            "--timeout",
            "--daemon",
            "--thresholds",
            "--persistent-conn",
            "--connection",
            "-A",
            "-C",
            "-L",
            "-D",
            "--add-service",
            "nonsense",
            "-q",
            "--no-such-option",
            "--",
            "-",
            "--numeric=1",
            "-t",
            "--tun-type",
            "gue",
            "--tun-port",
            "--tun-csum",
            "--syncid",
            "5",
            "rr",
            "--scheduler",
            "-s",
            "wrr",
            "-Z",
            "-tq",
            "--tcp",
            "--num",
            "--pe",
            "sip",
            "--tun-info");

    /** A command line. */
    record Line(List<String> words, String input) {
        Line {
            words = List.copyOf(words);
        }
    }

    private final Dice dice;

    CommandMaker(long seed) {
        dice = new Dice(seed);
    }

    /** The next one. */
    Line next() {
        if (dice.chance(4)) {
            final StringBuilder input = new StringBuilder();
            for (int i = dice.between(0, 6); i > 0; i--) {
                final String line =
                        String.join(dice.pick(" ", "  ", "\t"), dice.chance(75) ? change() : spoilt(change()));
                input.append(dice.pick("", "", "ipvsadm ", " ")).append(line).append('\n');
            }
            return new Line(
                    dice.chance(80) ? List.of(dice.pick("-R", "--restore")) : spoilt(List.of("-R")), input.toString());
        }
        final List<String> words = dice.chance(65) ? change() : list();
        return new Line(dice.chance(60) ? words : spoilt(words), "");
    }

    private List<String> change() {
        final int which = dice.between(0, 99);
        if (which < 22) {
            return service(dice.pick("-A", "-A", "--add-service"));
        }
        if (which < 32) {
            return service(dice.pick("-E", "--edit-service"));
        }
        if (which < 60) {
            return server(dice.pick("-a", "-a", "--add-server"));
        }
        if (which < 75) {
            return server(dice.pick("-e", "--edit-server"));
        }
        final List<String> words = new ArrayList<>();
        if (which < 82) {
            words.add(dice.pick("-d", "--delete-server"));
            words.addAll(key());
            words.addAll(List.of(dice.pick("-r", "--real-server"), dice.pick(SERVERS)));
        } else if (which < 86) {
            words.add(dice.pick("-D", "--delete-service"));
            words.addAll(key());
        } else if (which < 90) {
            words.add(dice.pick("-Z", "--zero"));
            words.addAll(dice.chance(70) ? key() : List.of());
        } else if (which < 94) {
            words.add("--set");
            Stream.generate(() -> dice.pick(NUMBERS)).limit(dice.between(2, 4)).forEach(words::add);
        } else if (which < 96) {
            words.add(dice.pick("-C", "--clear"));
        } else {
            words.addAll(List.of(
                    dice.pick("--start-daemon", "--stop-daemon"),
                    dice.pick("master", "backup", "both", ""),
                    "--mcast-interface",
                    "nosuch0"));
            words.addAll(
                    dice.chance(50)
                            ? List.of(
                                    dice.pick("--syncid", "--mcast-ttl", "--sync-maxlen", "--mcast-port"),
                                    dice.pick(NUMBERS))
                            : List.of());
        }
        return words;
    }

    private List<String> key() {
        return switch (dice.between(0, 9)) {
            case 0 -> List.of(dice.pick("-f", "--fwmark-service"), dice.pick(MARKS));
            case 1 -> List.of(dice.pick("-f", "--fwmark-service"), dice.pick(MARKS), dice.pick("-6", "--ipv6"));
            case 2 -> List.of(dice.pick("-u", "--udp-service"), dice.pick(SERVICES));
            case 3 -> List.of("--sctp-service", dice.pick(SERVICES));
            case 4 -> List.of("--tcp-service=" + dice.pick(SERVICES));
            case 5 -> List.of("-t" + dice.pick(SERVICES));
            default -> List.of(dice.pick("-t", "-t", "-u"), dice.pick(SERVICES));
        };
    }

    private List<String> service(String command) {
        final List<String> words = new ArrayList<>(List.of(command));
        words.addAll(key());
        option(words, 75, List.of("-s", "--scheduler"), SCHEDULERS);
        if (dice.chance(25)) {
            words.add(dice.pick("-p", "--persistent"));
            words.addAll(dice.chance(70) ? List.of(dice.pick(NUMBERS)) : List.of());
        }
        option(words, 15, List.of("-M", "--netmask"), MASKS);
        option(words, 15, List.of("-b", "--sched-flags"), FLAGS);
        option(words, 8, List.of("--pe"), List.of("sip", "sip", "nosuch", ""));
        words.addAll(dice.chance(8) ? List.of(dice.pick("-o", "--ops")) : List.of());
        return words;
    }

    private List<String> server(String command) {
        final List<String> words = new ArrayList<>(List.of(command));
        words.addAll(key());
        option(words, 97, List.of("-r", "--real-server"), SERVERS);
        words.addAll(
                dice.chance(70)
                        ? List.of(dice.pick("-m", "-g", "-i", "--masquerading", "--gatewaying", "--ipip"))
                        : List.of());
        option(words, 45, List.of("-w", "--weight"), NUMBERS);
        option(words, 12, List.of("-x", "--u-threshold"), NUMBERS);
        option(words, 12, List.of("-y", "--l-threshold"), NUMBERS);
        option(words, 12, List.of("--tun-type"), List.of("ipip", "gue", "gre", "nosuch", ""));
        option(words, 8, List.of("--tun-port"), NUMBERS);
        words.addAll(dice.chance(8) ? List.of(dice.pick("--tun-nocsum", "--tun-csum", "--tun-remcsum")) : List.of());
        return words;
    }

    private List<String> list() {
        final List<String> words = new ArrayList<>(
                List.of(dice.pick("-L", "-Ln", "-Ln", "-l", "-ln", "--list", "-S", "-Sn", "--save", "-nL")));
        final boolean save = words.get(0).startsWith("-S") || words.get(0).equals("--save");
        if (!save && dice.chance(25)) {
            words.addAll(key());
        }
        if (!save) {
            for (String option : List.of(
                    "--stats",
                    "--rate",
                    "--thresholds",
                    "--persistent-conn",
                    "--timeout",
                    "--daemon",
                    "-c",
                    "--tun-info")) {
                words.addAll(dice.chance(9) ? List.of(option) : List.of());
            }
            words.addAll(dice.chance(15) ? List.of(dice.pick("--exact", "-X", "--sort")) : List.of());
        }
        words.addAll(dice.chance(50) ? List.of(dice.pick("-n", "--numeric")) : List.of());
        return words;
    }

    private void option(List<String> words, int percent, List<String> names, List<String> values) {
        if (dice.chance(percent)) {
            final String name = dice.pick(names);
            final String value = dice.pick(values);
            if (dice.chance(15)) {
                words.add(name.startsWith("--") ? name + "=" + value : name + value);
            } else {
                words.addAll(List.of(name, value));
            }
        }
    }

    /** A word goes, comes twice, changes place, or one comes in from elsewhere. */
    private List<String> spoilt(List<String> words) {
        final List<String> spoilt = new ArrayList<>(words);
        for (int i = dice.between(1, 2); i > 0 && !spoilt.isEmpty(); i--) {
            final int at = dice.between(0, spoilt.size() - 1);
            switch (dice.between(0, 4)) {
                case 0 -> spoilt.remove(at);
                case 1 -> spoilt.add(at, spoilt.get(at));
                case 2 -> spoilt.add(spoilt.remove(at));
                default -> spoilt.add(Math.min(spoilt.size(), at + 1), dice.pick(STRAY));
            }
        }
        return spoilt;
    }
}
