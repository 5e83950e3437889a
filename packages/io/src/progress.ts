import { printableLine } from "@forgebench/errors";
import cliProgress from "cli-progress";
import type { ScriptIo, TerminalSink } from "./script-io.ts";

/** Progress of long work: a bar with an estimate on a terminal, plain lines now and then elsewhere. */
export interface Progress {
  /**
   * Shows how much of the total is done, and a note.
   * @param leftMs the time that is left, if the caller knows it better than the time so far tells
   */
  update(done: number, note?: string, leftMs?: number): void;
  /** Changes the total, when it was an estimate. */
  setTotal(total: number): void;
  /** Ends the display; the last line stays. */
  stop(): void;
}

/** Starts showing progress of `total` pieces on stderr; a plain line at most every `intervalMs`. */
export function startProgress(io: Pick<ScriptIo, "stderr">, label: string, total: number, intervalMs = 5000): Progress {
  const measure = new ProgressText(total, performance.now());
  return io.stderr.isTerminal
    ? barProgress(io.stderr, label, measure)
    : lineProgress(io.stderr, label, measure, intervalMs);
}

/** Progress of several kinds of work in turn: each label has a display of its own, which ends when the next one begins. */
interface ProgressByLabel {
  update(label: string, done: number, total: number, note?: string): void;
  stop(): void;
}

/**
 * Shows nothing until the first update, which names the first kind of work. The caller stops it, also after a failure.
 */
export function startProgressByLabel(io: Pick<ScriptIo, "stderr">): ProgressByLabel {
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

const LABEL_WIDTH = 10;

/** The text of a progress display, in at most so many columns. */
class ProgressText {
  readonly #startedMs: number;
  total: number;
  #done = 0;
  #note = "";
  #leftMs: number | undefined;
  #shownPct = 0;
  #isOver = false;

  constructor(total: number, startedMs: number) {
    this.total = total;
    this.#startedMs = startedMs;
  }

  update(done: number, note: string, leftMs: number | undefined): void {
    this.#done = done;
    this.#note = note;
    this.#leftMs = leftMs;
  }

  /** Nothing more is to come. */
  end(): void {
    this.#isOver = true;
  }

  /** Never less than before, even if the total has grown. */
  percent(): number {
    // A total that is not known yet says nothing; one that stays 0 is done.
    if (this.total <= 0) return this.#done > 0 || this.#isOver ? 100 : 0;
    const pct = Math.floor((100 * this.#done) / this.total);
    this.#shownPct = Math.max(this.#shownPct, Math.min(100, pct));
    return this.#shownPct;
  }

  /** `55 %  66/120  about 13 s left  a note`; the count is left out where it is the percentage, or there is no room. */
  line(columns: number): string {
    const [percent, time] = [`${this.percent()} %`.padStart(5), this.#time()];
    const whole = `${percent}  ${this.#done}/${this.total}  ${time}`;
    const text = this.total === 100 || whole.length > columns ? `${percent}  ${time}` : whole;
    const room = columns - text.length - 2;
    return this.#note === "" || room < 8 ? text : `${text}  ${printableLine(this.#note, room)}`;
  }

  /** The time left, as far as it can be told; at the end, and at the beginning, the time taken. */
  #time(): string {
    const elapsedMs = performance.now() - this.#startedMs;
    if (this.#done >= this.total || (this.#done <= 0 && this.#leftMs === undefined)) return formatSeconds(elapsedMs);
    const leftMs = this.#leftMs ?? (elapsedMs / this.#done) * (this.total - this.#done);
    return `about ${formatSeconds(leftMs)} left`;
  }
}

function barProgress(sink: TerminalSink, label: string, text: ProgressText): Progress {
  const barsize = sink.columns < 100 ? 12 : 24;
  const bar = new cliProgress.SingleBar({
    format: `${label.padEnd(LABEL_WIDTH)} {bar} {text}`,
    barCompleteChar: "█",
    barIncompleteChar: "░",
    barsize,
    hideCursor: true,
    clearOnComplete: false,
    stream: process.stderr,
    gracefulExit: false,
  });
  // One column stays free: terminals begin a new line after the last.
  const room = sink.columns - LABEL_WIDTH - barsize - 3;
  bar.start(100, 0, { text: text.line(room) });
  return {
    update: (done, note, leftMs) => {
      text.update(done, note ?? "", leftMs);
      bar.update(text.percent(), { text: text.line(room) });
    },
    setTotal: (value) => {
      text.total = value;
    },
    stop: () => {
      text.end();
      bar.update(text.percent(), { text: text.line(room) });
      bar.stop();
    },
  };
}

function lineProgress(sink: TerminalSink, label: string, text: ProgressText, intervalMs: number): Progress {
  let printedMs = performance.now();
  const print = () => sink.write(`${label.padEnd(LABEL_WIDTH)} ${text.line(sink.columns - LABEL_WIDTH - 1)}\n`);
  return {
    update: (done, note, leftMs) => {
      text.update(done, note ?? "", leftMs);
      if (performance.now() - printedMs < intervalMs) return;
      printedMs = performance.now();
      print();
    },
    setTotal: (value) => {
      text.total = value;
    },
    stop: () => {
      text.end();
      print();
    },
  };
}

function formatSeconds(durationMs: number): string {
  const seconds = durationMs / 1000;
  return seconds < 90 ? `${seconds.toFixed(1)} s` : `${(seconds / 60).toFixed(1)} min`;
}
