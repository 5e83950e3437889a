import type { Incomparable, RawRun, RunContext } from "@forgebench/artifacts";
import { findValue } from "@forgebench/runner";
import { isImpossible } from "@forgebench/verdict";
import { identityCheck } from "../verify/check-identity.ts";
import type { EvidenceDifference } from "../verify/difference.ts";

/** A time service changes a clock by less than this; after a larger change the order of the runs is not known. */
const MAX_STEP_BACK_MS = 1000;
/** A fair coin is so one-sided once in a thousand million nights. */
const COIN_DEVIATIONS = 6;

/**
 * The problems that make all verdicts of a log invalid: the runs are of another subject, or not in the drawn order. Runs
 * are added in the order of the log, and none is kept.
 */
export class LogProblems {
  readonly #identity: ReturnType<typeof identityCheck>;
  #foreign: { readonly first: EvidenceDifference | undefined; count: number } = { first: undefined, count: 0 };
  #impossible: string | undefined;
  #strayLine: number | undefined;
  #stepBack: { readonly line: number; readonly stepBackMs: number } | undefined;
  readonly #blocks = { seconds: 0, torn: 0, sameSlot: 0, headFirst: 0 };
  #line = 0;
  #before: RawRun | undefined;
  #beforeMs = 0;

  constructor(context: RunContext) {
    this.#identity = identityCheck(context);
  }

  add(run: RawRun): void {
    this.#line += 1;
    const [first, ...more] = this.#identity({ run, line: this.#line });
    if (first !== undefined) {
      this.#foreign = { first: this.#foreign.first ?? first, count: this.#foreign.count + 1 + more.length };
    }
    if (run.arm === undefined || run.block === undefined) this.#strayLine ??= this.#line;
    this.#impossible ??= this.#findImpossible(run);
    if (run.position === 1) this.#addSecond(run);
    const stepBack = this.#findStepBack(run);
    this.#stepBack ??= stepBack;
    this.#before = run;
  }

  /** All that was found. */
  found(): Incomparable[] {
    return [
      ...this.#foreignRuns(),
      ...(this.#impossible === undefined
        ? []
        : [
            problem(
              "impossible-figure",
              `no run can have these values: ${this.#impossible}`,
              "check what wrote raw-runs.jsonl",
            ),
          ]),
      ...this.#orderProblems(),
      ...this.#stepsBack(),
    ];
  }

  #findImpossible(run: RawRun): string | undefined {
    if (run.valid !== true) return undefined;
    const found = findValue(run, isImpossible);
    return found === undefined ? undefined : `line ${this.#line}: ${found.value} for ${found.metric}`;
  }

  /** Without the order seed: the runs of a block are neighbours in the log, from both slots, and head is first as often as base. */
  #addSecond(run: RawRun): void {
    const before = this.#before;
    this.#blocks.seconds += 1;
    if (before === undefined || !isSameBlock(run, before)) this.#blocks.torn += 1;
    if (run.slot !== undefined && run.slot === before?.slot) this.#blocks.sameSlot += 1;
    if (before?.arm === "head") this.#blocks.headFirst += 1;
  }

  #findStepBack(run: RawRun): { readonly line: number; readonly stepBackMs: number } | undefined {
    const [before, beforeMs] = [this.#before, this.#beforeMs];
    this.#beforeMs = Date.parse(run.timestamp);
    if (before === undefined || before.shard?.index !== run.shard?.index) return undefined;
    const stepBackMs = beforeMs - this.#beforeMs;
    return stepBackMs > MAX_STEP_BACK_MS ? { line: this.#line, stepBackMs } : undefined;
  }

  #foreignRuns(): Incomparable[] {
    const { first, count } = this.#foreign;
    if (first === undefined) return [];
    const what = `${first.field} is ${first.stored} instead of ${first.recomputed}`;
    return [
      problem(
        "foreign-runs",
        `${count} figures of raw-runs.jsonl are not those of its run context: in ${first.about}, ${what}`,
        "compare the runs of one measurement with the context that was written for it; bench:verify names every difference",
      ),
    ];
  }

  #orderProblems(): Incomparable[] {
    const { seconds, torn, sameSlot, headFirst } = this.#blocks;
    const deviations = Math.abs(headFirst - seconds / 2) / Math.sqrt(Math.max(1, seconds) / 4);
    const notDrawn = (message: string) => [
      problem(
        "order-not-drawn",
        message,
        "evidence rests on blocks in random order: measure with bench:run, and compare its log as it wrote it",
      ),
    ];
    if (this.#strayLine !== undefined) return notDrawn(`the run of line ${this.#strayLine} is of no block or no arm`);
    if (torn > 0) return notDrawn(`the runs of ${torn} blocks do not stand one after the other in the log`);
    if (deviations > COIN_DEVIATIONS) {
      return notDrawn(`head came first in ${headFirst} of ${seconds} blocks, which no fair coin does`);
    }
    return sameSlot > 0 ? notDrawn(`both runs of ${sameSlot} blocks came from one slot`) : [];
  }

  #stepsBack(): Incomparable[] {
    if (this.#stepBack === undefined) return [];
    const { line, stepBackMs } = this.#stepBack;
    const what = `the run of line ${line} began ${(stepBackMs / 1000).toFixed(1)} s before the one that stands before it`;
    return [problem("clock-went-back", what, "check the time service of the machine, and measure again")];
  }
}

function problem(reason: Incomparable["reason"], message: string, remedy: string): Incomparable {
  return { profileId: "", scenario: "", reason, message: `Cannot compare: ${message}`, remedy };
}

function isSameBlock(run: RawRun, before: RawRun): boolean {
  const keys = ["profileId", "scenario", "phase", "control", "block"] as const;
  return before.position === 0 && keys.every((key) => run[key] === before[key]);
}
