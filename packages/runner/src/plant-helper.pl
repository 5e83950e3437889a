# Runs the command of a control run and burns a share of its time afterwards, so that the run as a whole takes that much
# longer; says "ELAPSED_NS BURNED_NS" in a file. For commands that cannot load plant-preload.cjs: any but Node.
#
# The share is of all that went before, this program's own start included, from the moment at which the process was made
# (timed-run.pl puts that into the environment); what comes after the burning is known from earlier runs.
use strict;

my ($arch, @command) = @ARGV;
my $clock_gettime = $arch eq "x64" ? 228 : 113;
my $clock_monotonic = 1;
# Taken away, so that the command does not find them.
my ($factor, $file, $start_ns, $tail_ns) = map { delete $ENV{"FORGEBENCH_PLANT_$_"} } qw(FACTOR FILE START TAIL);

sub now_ns {
  my $time = "\0" x 16;
  syscall($clock_gettime, $clock_monotonic, $time) == 0 or die "cannot read the clock: $!\n";
  my ($seconds, $nanoseconds) = unpack("q2", $time);
  return $seconds * 1_000_000_000 + $nanoseconds;
}

my $pid = fork();
die "cannot make a process: $!\n" unless defined $pid;
if ($pid == 0) {
  exec { $command[0] } @command or do { print STDERR "cannot run $command[0]: $!\n"; exit 127 };
}
waitpid($pid, 0) == $pid or die "cannot wait for the process: $!\n";
my $status = $?;

my $ended_ns = now_ns();
my $elapsed_ns = $ended_ns - $start_ns;
my $burn_until_ns = $ended_ns + ($elapsed_ns + $tail_ns) * $factor;
my $burned_until_ns = $ended_ns;
$burned_until_ns = now_ns() while $burned_until_ns < $burn_until_ns;

open(my $report, ">", $file) or die "cannot write $file: $!\n";
printf $report "%d %d\n", $elapsed_ns, $burned_until_ns - $ended_ns;
close($report) or die "cannot write $file: $!\n";
# Ended as the command ended: a signal stays a signal.
kill($status & 127, $$) if $status & 127;
exit($status >> 8);
