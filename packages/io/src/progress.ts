import { printableLine } from "@forgebench/errors";
import cliProgress from "cli-progress";
import type { ScriptIo, TerminalSink } from "./script-io.ts";

/** Progress of long work: a bar with an estimate on a terminal, plain lines now and then elsewhere. */
export interface Progress {
  /** Says how much is done of the total, and what about it. */
  update(done: number, note?: string): void;
  /** Changes the total, when it was an estimate. */
  setTotal(total: number): void;
  /** Ends the display; the last line stays. */
  stop(): void;
}

/** Starts showing progress of `total` pieces on stderr; a plain line at most every `intervalMs`. */
export function startProgress(io: ScriptIo, label: string, total: number, intervalMs = 5000): Progress {
  return io.stderr.isTerminal ? barProgress(label, total) : lineProgress(io.stderr, label, total, intervalMs);
}

/** Progress of several kinds of work in turn: each label has a display of its own, which ends when the next one begins. */
export interface ProgressByLabel {
  update(label: string, done: number, total: number, note?: string): void;
  stop(): void;
}

export function startProgressByLabel(io: ScriptIo): ProgressByLabel {
  let shown: { readonly label: string; readonly progress: Progress } | undefined;
  const stop = () => {
    shown?.progress.stop();
    shown = undefined;
  };
  return {
    update: (label, done, total, note) => {
      if (shown?.label !== label) {
        stop();
        shown = { label, progress: startProgress(io, label, total) };
      }
      shown.progress.update(done, note);
    },
    stop,
  };
}

function barProgress(label: string, total: number): Progress {
  const bar = new cliProgress.SingleBar({
    format: `${label.padEnd(10)} {bar}  {value}/{total}  {estimate}  {note}`,
    barCompleteChar: "█",
    barIncompleteChar: "░",
    barsize: 24,
    hideCursor: true,
    clearOnComplete: false,
    stream: process.stderr,
    gracefulExit: false,
  });
  const startedAt = performance.now();
  bar.start(total, 0, { note: "", estimate: "" });
  return {
    update: (done, note) => {
      const estimate = estimateOf(done, bar.getTotal(), performance.now() - startedAt);
      bar.update(done, { note: printableLine(note ?? "", 60), estimate });
    },
    setTotal: (value) => bar.setTotal(value),
    stop: () => bar.stop(),
  };
}

function lineProgress(sink: TerminalSink, label: string, initialTotal: number, intervalMs: number): Progress {
  const startedAt = performance.now();
  let total = initialTotal;
  let printedAt = startedAt;
  let last = { done: 0, note: "" };
  const print = () => {
    const elapsedMs = performance.now() - startedAt;
    const estimate = estimateOf(last.done, total, elapsedMs);
    sink.write(`${label.padEnd(10)} ${last.done}/${total}, ${estimate}${last.note === "" ? "" : `  ${last.note}`}\n`);
  };
  return {
    update: (done, note) => {
      last = { done, note: printableLine(note ?? "", 100) };
      if (performance.now() - printedAt < intervalMs) return;
      printedAt = performance.now();
      print();
    },
    setTotal: (value) => {
      total = value;
    },
    stop: print,
  };
}

/** The time left, as far as it can be told from the time taken; at the end, and at the beginning, the time taken. */
function estimateOf(done: number, total: number, elapsedMs: number): string {
  if (done <= 0 || done >= total) return formatSeconds(elapsedMs);
  return `about ${formatSeconds((elapsedMs / done) * (total - done))} left`;
}

function formatSeconds(durationMs: number): string {
  const seconds = durationMs / 1000;
  return seconds < 90 ? `${seconds.toFixed(1)} s` : `${(seconds / 60).toFixed(1)} min`;
}
