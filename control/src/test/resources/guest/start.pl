#!/usr/bin/perl
# start.pl COMMAND...: runs a user-mode kernel where its way of saving registers does not fail.
#
# The kernel saves the floating point state of its processes with ptrace(PTRACE_GETREGSET) into a buffer of fixed size; on
# processors with more state (AMX) the guest dies of that. A seccomp filter refuses the two requests, and the kernel falls
# back to PTRACE_GETFPREGS. Programs in the guest must then stay away from AVX: init.sh sees to that.
use strict;
use warnings;

use constant { SYS_PTRACE => 101, SYS_PRCTL => 157, PTRACE_GETREGSET => 0x4204, PTRACE_SETREGSET => 0x4205, EIO => 5 };
use constant { LOAD => 0x20, JUMP_IF_EQUAL => 0x15, RETURN => 0x06 };
use constant { PR_SET_NO_NEW_PRIVS => 38, PR_SET_SECCOMP => 22, SECCOMP_MODE_FILTER => 2 };
use constant { NUMBER => 0, FIRST_ARGUMENT => 16, ALLOW => 0x7fff0000, ERRNO => 0x00050000 };

my @filter = (
    [LOAD, 0, 0, NUMBER],
    [JUMP_IF_EQUAL, 0, 4, SYS_PTRACE],
    [LOAD, 0, 0, FIRST_ARGUMENT],
    [JUMP_IF_EQUAL, 1, 0, PTRACE_GETREGSET],
    [JUMP_IF_EQUAL, 0, 1, PTRACE_SETREGSET],
    [RETURN, 0, 0, ERRNO | EIO],
    [RETURN, 0, 0, ALLOW],
);
my $code = join '', map { pack 'SCCL', @$_ } @filter;
my $program = pack 'S x6 P', scalar @filter, $code;
syscall(SYS_PRCTL, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 or die "start.pl: no new privileges: $!\n";
syscall(SYS_PRCTL, PR_SET_SECCOMP, SECCOMP_MODE_FILTER, $program) == 0 or die "start.pl: seccomp: $!\n";
exec @ARGV or die "start.pl: $ARGV[0]: $!\n";
