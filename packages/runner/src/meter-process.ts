import { spawnSync } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";

/** The measured values of a process that has ended. */
interface MeterReading {
  readonly wallMs: number;
  readonly userCpuMs: number;
  readonly systemCpuMs: number;
  readonly peakMemoryBytes: number;
  readonly exitCode: number | null;
  readonly signal: string | null;
}

/**
 * How CPU time and memory of a process are measured.
 *
 * - `wait4`: a small Perl program makes the process, takes the time and asks the kernel (`timed-run.pl`). CPU time in
 *   microseconds; peak memory of the largest process of the subject, not below Perl's own 3 MB. Linux on x64 and arm64.
 * - `none`: the process is started directly; neither CPU time nor memory is known, and the wall time holds what Node needs
 *   to make a process.
 *
 * `/usr/bin/time` would add 1.2 ms to every wall time and cuts CPU time to 10 ms; it is found on fewer machines than Perl.
 */
export interface Meter {
  readonly name: "wait4" | "none";
  wrap(argv: readonly string[]): readonly string[];
  /**
   * Whether what is started makes itself the leader of a process group, and begins once a byte comes on descriptor 4.
   */
  readonly isGated: boolean;
  /** Reads what came on descriptor 3; undefined when the meter was ended before it could say anything. */
  read(text: string): MeterReading | undefined;
}

/** The interpreter of `timed-run.pl` and `plant-helper.pl`. */
export const PERL = "/usr/bin/perl";
const TIMED_RUN = fileURLToPath(new URL("timed-run.pl", import.meta.url));

const wait4Meter: Meter = {
  name: "wait4",
  isGated: true,
  wrap: (argv) => [PERL, TIMED_RUN, process.arch, ...argv],
  read: (text) => {
    const match = /^(\d+) (\d+) (\d+) (\d+) (\d+)\n$/.exec(text);
    if (match === null) return undefined;
    const [wallNs = 0, userUs = 0, systemUs = 0, peakMemoryBytes = 0, status = 0] = match.slice(1).map(Number);
    const signalNumber = status & 0x7f;
    return {
      wallMs: wallNs / 1e6,
      userCpuMs: userUs / 1000,
      systemCpuMs: systemUs / 1000,
      peakMemoryBytes,
      exitCode: signalNumber === 0 ? status >> 8 : null,
      signal: signalNumber === 0 ? null : signalName(signalNumber),
    };
  },
};

const noMeter: Meter = { name: "none", isGated: false, wrap: (argv) => argv, read: () => undefined };

/**
 * The ways to measure a run, by the name that the run context keeps: `wait4` reads CPU time and peak memory from the
 * kernel, `none` knows the wall time alone.
 */
export const METERS = { wait4: wait4Meter, none: noMeter } as const;

/** `wait4` where it works, tried on `node --version`; else `none`. */
export function chooseMeter(): Meter {
  return isWorking(wait4Meter) ? wait4Meter : noMeter;
}

function isWorking(meter: Meter): boolean {
  if (process.platform !== "linux" || !["x64", "arm64"].includes(process.arch)) return false;
  const [program = "", ...args] = meter.wrap([process.execPath, "--version"]);
  // An open gate: a byte can be read at once.
  const gate = openSync("/dev/zero", "r");
  const tried = spawnSync(program, args, {
    stdio: ["ignore", "ignore", "ignore", "pipe", gate],
    env: {},
    timeout: 10_000,
    encoding: "utf8",
  });
  closeSync(gate);
  const reading = tried.status === 0 ? meter.read(tried.output[3] ?? "") : undefined;
  return reading !== undefined && reading.exitCode === 0 && reading.peakMemoryBytes > 0 && reading.wallMs > 0;
}

function signalName(number: number): string {
  const found = Object.entries(constants.signals).find(([, value]) => value === number);
  return found?.[0] ?? `signal ${number}`;
}
