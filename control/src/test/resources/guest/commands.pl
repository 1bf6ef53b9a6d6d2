#!/usr/bin/perl
# commands.pl FOLDER: inside the guest, runs the command lines of FOLDER/commands one after the other and writes what became
# of them into FOLDER/answers: exit status, standard output and standard error, in hex, a line for each.
# A line of commands: standard input, then the words after ipvsadm, each in hex, after a blank.
use strict;
use warnings;

my ($folder) = @ARGV;

sub slurp {
    open my $in, '<', $_[0] or die "$_[0]: $!";
    local $/;
    my $text = <$in>;
    return $text // '';
}

open my $commands, '<', "$folder/commands" or die "commands: $!";
open my $answers, '>', "$folder/answers" or die "answers: $!";
while (my $line = <$commands>) {
    chomp $line;
    my ($input, @words) = map { pack 'H*', $_ } split / /, $line, -1;
    open my $in, '>', '/tmp/in' or die "/tmp/in: $!";
    print $in $input;
    close $in;
    my $child = fork // die "fork: $!";
    if ($child == 0) {
        open STDIN, '<', '/tmp/in' or die "stdin: $!";
        open STDOUT, '>', '/tmp/out' or die "stdout: $!";
        open STDERR, '>', '/tmp/err' or die "stderr: $!";
        exec {'ipvsadm'} 'ipvsadm', @words or die "ipvsadm: $!";
    }
    waitpid $child, 0;
    print $answers join("\t", $? >> 8, map { unpack 'H*', slurp($_) } '/tmp/out', '/tmp/err'), "\n";
}
close $answers or die "answers: $!";
