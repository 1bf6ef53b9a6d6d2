#!/usr/bin/perl
# replay.pl FOLDER: inside the guest, runs every scenario folder of FOLDER that has no file "done" yet.
#
# Each gets a network namespace of its own with two TAP devices, cli0 and rs0. A frame written to a TAP goes through the
# whole receive path before the call returns, so what can be read back then was caused by that frame. Reads and writes what
# `weir replay` does: rules, sysctls, net, events, options, input.pcap; output.pcap, output.csv, commands.jsonl, conns.txt,
# final.txt.
use strict;
use warnings;
use Fcntl;
use Socket qw(AF_INET AF_INET6 inet_ntoa inet_ntop inet_pton);
use Time::HiRes qw(time sleep);

use constant { SYS_UNSHARE => 272, CLONE_NEWNET => 0x40000000, TUNSETIFF => 0x400454ca, IFF_TAP_NO_PI => 0x1002 };
use constant { SETTLE => 0.03, TAIL => 0.02, LONGEST_FRAME => 70000 };

my @FINAL = ('ipvsadm -Ln', 'ipvsadm -Lnc', 'ipvsadm -Ln --thresholds', 'ipvsadm -Ln --persistent-conn', 'ipvsadm -Sn');
my @NAMES = ('cli0', 'rs0');
my ($folder, @tap, $pcap, $csv, $conns, $commands, $sent, $started);

sub lines {
    open my $in, '<', "$folder/$_[0]" or return ();
    return map { s/^\s+|\s+$//gr } grep { /\S/ && !/^#/ } <$in>;
}

sub proc_write {
    my ($path, $value) = @_;
    open my $out, '>', "/proc/sys/$path" or return;
    print $out "$value\n";
    close $out;
}

sub tap {
    my ($name) = @_;
    sysopen my $device, '/dev/net/tun', O_RDWR | O_NONBLOCK or die "/dev/net/tun: $!";
    my $request = pack 'a16 S x22', $name, IFF_TAP_NO_PI;
    ioctl $device, TUNSETIFF, $request or die "TUNSETIFF $name: $!";
    return $device;
}

sub topology {
    my @batch = (
        'link set lo up',
        (map { "link set $_ addrgenmode none" } @NAMES),
        'link set cli0 address 02:00:00:00:01:01 up',
        'link set rs0 address 02:00:00:00:02:01 up',
        'addr add 10.10.0.1/24 dev cli0',
        'addr add 10.20.0.1/24 dev rs0',
        'addr add fd00:10::1/64 dev cli0 nodad',
        'addr add fd00:20::1/64 dev rs0 nodad',
        'route add default via 10.10.0.254 dev cli0',
        'route add 10.30.0.0/16 via 10.20.0.254 dev rs0',
        'route add ::/0 via fd00:10::fe dev cli0',
        'route add fd00:30::/32 via fd00:20::fe dev rs0',
        'route add local 203.0.113.0/24 dev lo',
        'route add local 2001:db8:f::/64 dev lo',
    );
    for my $host (2 .. 9, 254) {
        for my $side (1, 2) {
            my $mac = sprintf 'lladdr 02:00:00:00:%02x:%02x dev %s nud permanent', $side, $host, $NAMES[$side - 1];
            push @batch, "neigh add 10.${side}0.0.$host $mac", sprintf('neigh add fd00:%d0::%x %s', $side, $host, $mac);
        }
    }
    open my $ip, '|-', 'ip -force -batch -' or die "ip: $!";
    print $ip map { "$_\n" } @batch;
    close $ip or die "the topology was refused";
}

sub is_membership_report {
    my ($frame) = @_;
    return 0 if length $frame < 62 || substr($frame, 12, 2) ne "\x86\xdd";
    my ($next, $at) = (ord substr($frame, 20, 1), 54);
    ($next, $at) = (ord substr($frame, 54, 1), 54 + 8 + 8 * ord substr $frame, 55, 1) if $next == 0;
    my $type = $next == 58 && $at < length $frame ? ord substr $frame, $at, 1 : 0;
    return $type == 143 || $type >= 130 && $type <= 133;
}

# What the kernel has transmitted since the last time.
sub collect {
    my ($cause) = @_;
    my $any = 1;
    while ($any) {
        $any = 0;
        for my $side (0, 1) {
            while (sysread $tap[$side], my $frame, LONGEST_FRAME) {
                $any = 1;
                next if !defined $cause || is_membership_report($frame);
                my $us = int((time - $started) * 1e6);
                print $pcap pack('V4', $us / 1e6, $us % 1e6, (length $frame) x 2), $frame;
                print $csv join(',', $sent++, $cause, $us, $NAMES[$side]), "\n";
            }
        }
    }
}

sub wait_for {
    my ($seconds, $cause) = @_;
    my $end = time + $seconds;
    do {
        collect($cause);
        sleep 0.001;
    } while (time < $end);
    collect($cause);
}

sub text_of {
    my ($file) = @_;
    open my $in, '<', $file or return '';
    local $/;
    return <$in> // '';
}

sub json {
    my ($text) = @_;
    $text =~ s/(["\\])/\\$1/g;
    $text =~ s/([^\x20-\x7e])/sprintf '\\u%04x', ord $1/ge;
    return "\"$text\"";
}

sub run {
    my ($line) = @_;
    my $child = fork // die "fork: $!";
    if (!$child) {
        open STDIN, '<', '/dev/null';
        open STDOUT, '>', '/tmp/out';
        open STDERR, '>', '/tmp/err';
        exec '/bin/sh', '-c', $line;
    }
    waitpid $child, 0;
    return ($? & 127 ? 128 + ($? & 127) : $? >> 8, text_of('/tmp/out'), text_of('/tmp/err'));
}

sub address {
    my ($text) = @_;
    return inet_ntoa(pack 'H8', $text) if length $text == 8;
    $text =~ tr/[]//d;
    return inet_ntop(AF_INET6, inet_pton(AF_INET6, $text));
}

sub snapshot {
    my ($at) = @_;
    open my $in, '<', '/proc/net/ip_vs_conn' or return;
    my (undef, @rows) = <$in>;
    my @found;
    for my $row (@rows) {
        my ($protocol, $client, $cport, $virtual, $vport, $server, $dport, $state, $left, @more) = split ' ', $row;
        push @found, join ' ', $protocol,
            (map { address($_->[0]) . ':' . hex $_->[1] } [$client, $cport], [$virtual, $vport], [$server, $dport]),
            $state, $left, @more;
    }
    print $conns map { "$_\n" } "# $at", sort @found;
}

sub command {
    my ($stage, $at, $line) = @_;
    return wait_for($1 / 1000, -1) if $line =~ /^\@sleep (\d+)/;
    return snapshot($at) if $line eq '@snap';
    $line = "ipvsadm $line" if $line =~ /^-/;
    my ($status, $out, $err) = run($line);
    printf $commands '{"at":%d,"stage":"%s","cmd":%s,"rc":%d,"out":%s,"err":%s}' . "\n",
        $at, $stage, json($line), $status, json($out), json($err);
    collect(-1);
}

sub frames {
    my $capture = text_of("$folder/input.pcap");
    my @frames;
    for (my $at = 24; $at + 16 <= length $capture;) {
        my $length = unpack 'V', substr $capture, $at + 8, 4;
        push @frames, substr $capture, $at + 16, $length;
        $at += 16 + $length;
    }
    return @frames;
}

sub files {
    open $pcap, '>', "$folder/output.pcap" or die "output.pcap: $!";
    open $csv, '>', "$folder/output.csv" or die "output.csv: $!";
    open $conns, '>', "$folder/conns.txt" or die "conns.txt: $!";
    open $commands, '>', "$folder/commands.jsonl" or die "commands.jsonl: $!";
    print $pcap pack 'V v v V4', 0xa1b2c3d4, 2, 4, 0, 0, 262144, 1;
    print $csv "out_idx,in_idx,t_us,if\n";
    $sent = 0;
}

sub scenario {
    syscall(SYS_UNSHARE, CLONE_NEWNET) == 0 or die "unshare: $!";
    @tap = map { tap($_) } @NAMES;
    $started = time;
    proc_write('net/ipv6/conf/all/accept_dad', 0);
    proc_write("net/ipv6/conf/$_/dad_transmits", 0), proc_write("net/ipv6/conf/$_/router_solicitations", 0) for 'default', @NAMES;
    proc_write('net/ipv4/ip_forward', 1);
    proc_write('net/ipv6/conf/all/forwarding', 1);
    proc_write('net/ipv4/icmp_ratelimit', 0);
    proc_write('net/ipv6/icmp/ratelimit', 0);
    files();
    topology();
    for my $setting (lines('sysctls')) {
        proc_write("net/ipv4/vs/$1", $2) if $setting =~ /^(\w+)=(.*)/;
    }
    run($_) for lines('net');
    command('setup', -1, $_) for lines('rules');
    wait_for(SETTLE, undef);

    $started = time;
    my %options = map { split /=/, $_, 2 } lines('options');
    my @events = map { [split ' ', $_, 2] } lines('events');
    my $index = 0;
    for my $frame (frames()) {
        command('event', $index, (shift @events)->[1]) while @events && $events[0][0] <= $index;
        collect(-1);
        # The fifth byte of the sender's MAC tells the side.
        syswrite $tap[length $frame > 10 && substr($frame, 10, 1) eq "\x02" ? 1 : 0], $frame;
        collect($index);
        snapshot($index) if $options{autosnap};
        $index++;
    }
    command('event', $index, $_->[1]) for @events;
    wait_for(TAIL, -1);
    open my $final, '>', "$folder/final.txt" or die "final.txt: $!";
    for my $line (@FINAL) {
        my (undef, $out, $err) = run($line);
        print $final "\$ $line\n$out$err\n";
    }
    close $_ for $final, $pcap, $csv, $conns, $commands;
}

$| = 1;
for my $each (sort glob "$ARGV[0]/*") {
    $folder = $each;
    next if !-d $folder || -e "$folder/done";
    my $child = fork // die "fork: $!";
    if (!$child) {
        scenario();
        exit 0;
    }
    waitpid $child, 0;
    if ($? == 0) {
        open my $done, '>', "$folder/done";
        close $done;
    }
    print 'GUEST: ', $folder =~ s{.*/}{}r, $? == 0 ? "\n" : " failed\n";
}
