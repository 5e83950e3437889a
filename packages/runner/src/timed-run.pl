# Runs one command once a byte has come on descriptor 4, and says on descriptor 3 what it took: "WALL_NS USER_US SYSTEM_US
# PEAK_BYTES WAIT_STATUS". It is started while the machine settles, so that no run waits for Perl.
#
# The timed process is made here and not by Node because making a process takes the longer the more memory its maker has
# (1 ms at 50 MB, 8 ms at 150 MB), because a child's peak memory starts at its maker's, and because Node hands out
# neither the CPU time nor the memory of a child. Plain Perl is on every Debian, Ubuntu and RHEL; no module is loaded.
use strict;

my ($arch, @command) = @ARGV;
my ($wait4, $clock_gettime) = $arch eq "x64" ? (61, 228) : (260, 113);
my $clock_monotonic = 1;

sub now_ns {
  my $time = "\0" x 16;
  syscall($clock_gettime, $clock_monotonic, $time) == 0 or die "cannot read the clock: $!\n";
  my ($seconds, $nanoseconds) = unpack("q2", $time);
  return $seconds * 1_000_000_000 + $nanoseconds;
}

open(my $report, ">&=", 3) or die "no descriptor 3: $!\n";
open(my $gate, "<&=", 4) or die "no descriptor 4: $!\n";
# A group of its own, to be ended as a whole, but no session of its own: Linux gives each session a share of the processor,
# and a new session on a busy machine was seen to cost 10 ms.
setpgrp(0, 0);
# The group as a whole is told to end; this process stays to say how the command ended.
$SIG{TERM} = $SIG{INT} = $SIG{HUP} = "IGNORE";
my ($status, $usage) = ("\0" x 4, "\0" x 144);
now_ns();

# Whoever started this has ended when nothing comes.
sysread($gate, my $go, 1) == 1 or exit(125);
close($gate);
my $started = now_ns();
my $pid = fork();
die "cannot make a process: $!\n" unless defined $pid;
if ($pid == 0) {
  $SIG{TERM} = $SIG{INT} = $SIG{HUP} = "DEFAULT";
  close($report);
  # A command that plants a slowdown in proportion to its own time must know when that began.
  $ENV{FORGEBENCH_PLANT_START} = sprintf("%020d", $started) if exists $ENV{FORGEBENCH_PLANT_START};
  exec { $command[0] } @command or do { print STDERR "cannot run $command[0]: $!\n"; exit 127 };
}
syscall($wait4, $pid, $status, 0, $usage) == $pid or die "cannot wait for the process: $!\n";
my $ended = now_ns();

my ($user_s, $user_us, $system_s, $system_us, $peak_kib) = unpack("q5", $usage);
printf $report "%d %d %d %d %d\n", $ended - $started, $user_s * 1_000_000 + $user_us,
  $system_s * 1_000_000 + $system_us, $peak_kib * 1024, unpack("l", $status);
