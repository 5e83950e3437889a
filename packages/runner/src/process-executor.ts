import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { loadavg } from "node:os";
import type { Readable, Writable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import type { Executor, RunResult, RunSpec } from "./executor.ts";
import { endLeftovers, MARKER_VARIABLE, sendSignal } from "./leftovers-process.ts";
import type { Meter } from "./meter-process.ts";
import { nanoseconds, PLANT_START_VARIABLE } from "./plant.ts";

/** A report is small; a larger output is read to its end but not kept. */
const MAX_STDOUT_BYTES = 4 * 1024 * 1024;
const STDERR_TAIL_BYTES = 4096;
/** The time between the polite and the forced end of a process group. */
const KILL_GRACE_MS = 2000;
/** The time for reading the pipes after the end of a process; only a child that it left can keep them open longer. */
const DRAIN_MS = 1000;

interface ProcessExecutorOptions {
  readonly meter: Meter;
  /** Tells the processes of this run from those of another; see `leftovers-process.ts`. */
  readonly marker: string;
  /** The pause between two processes, from the end of one until the other begins; 0: none. */
  readonly settleMs?: number;
}

/** For at least this long before a process begins, this program does nothing: the meter is ready by then. */
const QUIET_MS = 4;

/** Runs each command as the leader of its own process group and ends whatever of the group is left. */
export class ProcessExecutor implements Executor {
  readonly #meter: Meter;
  readonly #marker: string;
  readonly #settleMs: number;
  #lastEndMs = 0;

  constructor({ meter, marker, settleMs = 0 }: ProcessExecutorOptions) {
    this.#meter = meter;
    this.#marker = marker;
    this.#settleMs = settleMs;
  }

  async run(spec: RunSpec, signal?: AbortSignal): Promise<RunResult> {
    signal?.throwIfAborted();
    const { isGated } = this.#meter;
    if (!isGated) await this.#settle();
    let start = startOf();
    const child = this.#spawn(spec, start.startedNs);
    const output = collectOutput(child);
    const ending = waitForEnd(child, spec.timeoutMs, signal);
    if (isGated) {
      await this.#settle();
      start = startOf();
      gateOf(child)?.end("\n");
    }
    const ended = await ending;
    this.#lastEndMs = performance.now();
    const { startedAt, startedNs, stealBefore, loadAverage1m } = start;
    const stealAfter = readStealMs();
    const leftBehindCount = await endLeftovers({
      ...(child.pid === undefined ? {} : { groupId: child.pid }),
      marker: this.#marker,
    });
    await output.drained();
    if (signal?.aborted === true) throw signal.reason;
    const reading = this.#meter.read(output.meterText());
    return {
      startedAt,
      wallMs: reading?.wallMs ?? Number(ended.endedNs - startedNs) / 1e6,
      exitCode: reading === undefined ? ended.exitCode : reading.exitCode,
      signal: reading === undefined ? ended.signal : reading.signal,
      timedOut: ended.timedOut,
      ...output.result(),
      userCpuMs: reading?.userCpuMs ?? null,
      systemCpuMs: reading?.systemCpuMs ?? null,
      peakMemoryBytes: reading?.peakMemoryBytes ?? null,
      stealMs: stealBefore === null || stealAfter === null ? null : stealAfter - stealBefore,
      loadAverage1m,
      // After the time limit, remaining processes were ended by us, not left behind.
      leftBehindCount: ended.timedOut ? 0 : leftBehindCount,
    };
  }

  #spawn(spec: RunSpec, startedNs: bigint): ChildProcess {
    const [program = "", ...args] = this.#meter.wrap(spec.argv);
    const { isGated } = this.#meter;
    const child = spawn(program, args, {
      cwd: spec.cwd,
      env: { ...spec.env, ...startVariable(spec.env, startedNs), [MARKER_VARIABLE]: this.#marker },
      stdio: ["ignore", "pipe", "pipe", "pipe", isGated ? "pipe" : "ignore"],
      detached: !isGated,
    });
    gateOf(child)?.on("error", () => undefined);
    return child;
  }

  /** Waits until the pause after the last process, and after our own work since then, is over. */
  async #settle(): Promise<void> {
    if (this.#settleMs === 0) return;
    const restMs = this.#lastEndMs + this.#settleMs - performance.now();
    await delay(Math.max(restMs, Math.min(QUIET_MS, this.#settleMs)));
  }
}

/** The values that are noted just before a process begins. */
function startOf() {
  return {
    loadAverage1m: loadavg()[0] ?? null,
    stealBefore: readStealMs(),
    startedAt: new Date().toISOString(),
    startedNs: process.hrtime.bigint(),
  };
}

/** The signal that a gated meter waits for: it ends if this is closed without a byte. */
function gateOf(child: ChildProcess): Writable | undefined {
  const gate = child.stdio[4];
  return gate !== null && gate !== undefined && "write" in gate ? (gate as Writable) : undefined;
}

/** For a run that asks when it began; a meter that makes the process itself puts its own time there. */
function startVariable(env: RunSpec["env"], startedNs: bigint): Record<string, string> {
  return PLANT_START_VARIABLE in env ? { [PLANT_START_VARIABLE]: nanoseconds(startedNs) } : {};
}

interface End {
  readonly endedNs: bigint;
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly timedOut: boolean;
}

/** Waits until the process itself has ended; not for its pipes, which a child that it left may hold. */
function waitForEnd(child: ChildProcess, timeoutMs: number, signal: AbortSignal | undefined): Promise<End> {
  return new Promise((resolve, reject) => {
    let timedOut = false;
    let killTimer: NodeJS.Timeout | undefined;
    const endGroup = () => {
      if (child.pid === undefined) return;
      const groupId = -child.pid;
      gateOf(child)?.destroy();
      sendSignal(groupId, "SIGTERM");
      killTimer ??= setTimeout(() => {
        sendSignal(groupId, "SIGKILL");
        // In its first moment a process is not yet the leader of its group.
        child.kill("SIGKILL");
      }, KILL_GRACE_MS);
    };
    const limit = setTimeout(() => {
      timedOut = true;
      endGroup();
    }, timeoutMs);
    const settle = () => {
      clearTimeout(limit);
      clearTimeout(killTimer);
      signal?.removeEventListener("abort", endGroup);
    };
    signal?.addEventListener("abort", endGroup, { once: true });
    child.once("error", (error) => {
      settle();
      reject(error);
    });
    child.once("exit", (exitCode, endSignal) => {
      const endedNs = process.hrtime.bigint();
      settle();
      resolve({ endedNs, exitCode, signal: endSignal, timedOut });
    });
  });
}

function collectOutput(child: ChildProcess) {
  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const streams = child.stdio.filter(
    (stream): stream is Readable => stream !== null && stream !== undefined && "read" in stream,
  );
  const stdout = keepStart(child.stdout, MAX_STDOUT_BYTES);
  const stderr = keepEnd(child.stderr, STDERR_TAIL_BYTES);
  const meter = keepStart(child.stdio[3] as Readable | null, STDERR_TAIL_BYTES);
  return {
    drained: async () => {
      const stop = new AbortController();
      await Promise.race([closed, delay(DRAIN_MS, undefined, { signal: stop.signal }).catch(() => undefined)]);
      stop.abort();
      for (const stream of streams) stream.destroy();
    },
    meterText: () => meter.text(),
    result: () => ({
      stdout: stdout.text(),
      stdoutBytes: stdout.sizeBytes(),
      stdoutOverflowed: stdout.sizeBytes() > MAX_STDOUT_BYTES,
      stderr: stderr.text(),
    }),
  };
}

/** Keeps all of a stream, or nothing once it is larger than the limit. */
function keepStart(stream: Readable | null, limitBytes: number) {
  let chunks: Buffer[] = [];
  let sizeBytes = 0;
  stream?.on("error", () => undefined);
  stream?.on("data", (chunk: Buffer) => {
    sizeBytes += chunk.length;
    if (sizeBytes > limitBytes) chunks = [];
    else chunks.push(chunk);
  });
  return { sizeBytes: () => sizeBytes, text: () => Buffer.concat(chunks).toString("utf8") };
}

/** Keeps the last part of a stream; of a line that was cut nothing, since the rest of a path is no longer known as one. */
function keepEnd(stream: Readable | null, limitBytes: number) {
  let tail = Buffer.alloc(0);
  let sizeBytes = 0;
  stream?.on("error", () => undefined);
  stream?.on("data", (chunk: Buffer) => {
    sizeBytes += chunk.length;
    tail = Buffer.concat([tail, chunk]).subarray(-limitBytes);
  });
  const wholeLines = () => tail.subarray(sizeBytes > limitBytes ? tail.indexOf("\n") + 1 || tail.length : 0);
  return { text: () => wholeLines().toString("utf8") };
}

/** CPU time that the hypervisor gave to others, on all cores since boot; null where the system does not say. */
function readStealMs(): number | null {
  try {
    const steal = /^cpu +(?:\d+ +){7}(\d+)/.exec(readFileSync("/proc/stat", "latin1"))?.[1];
    // The kernel counts in hundredths of a second.
    return steal === undefined ? null : Number(steal) * 10;
  } catch {
    return null;
  }
}
