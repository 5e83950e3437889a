import type { RunContext } from "@forgebench/artifacts";
import { UsageError } from "@forgebench/errors";

/** When a cell is finished. */
export type Sampling =
  | {
      readonly mode: "fixed";
      readonly runCount: number;
      /** Cold runs of each arm on a profile and scenario; one when left out. */
      readonly coldRuns?: number;
    }
  | {
      readonly mode: "evidence";
      readonly minBlocks: number;
      readonly maxBlocks: number;
      readonly timeBudgetMinutes?: number;
    };

/** The defaults of the flags. */
export const SAMPLING_DEFAULTS = { runCount: 10, minBlocks: 13, maxBlocks: 60 } as const;

/** The values that a person chose; the others are undefined. */
export interface SamplingChoice {
  readonly hasBase: boolean;
  readonly runCount: number | undefined;
  readonly coldRuns?: number | undefined;
  readonly minBlocks: number | undefined;
  readonly maxBlocks: number | undefined;
  readonly timeBudgetMinutes: number | undefined;
}

/**
 * By evidence where two arms are compared and no number of runs was asked for.
 * @throws {UsageError} for flags that contradict one another.
 */
export function chooseSampling(choice: SamplingChoice): Sampling {
  const { hasBase, runCount, coldRuns, timeBudgetMinutes, ...blocks } = choice;
  if (runCount !== undefined || !hasBase) {
    assertNoneGiven({ ...blocks, timeBudgetMinutes }, hasBase);
    const cold = coldRuns === undefined || coldRuns === 1 ? {} : { coldRuns };
    return { mode: "fixed", runCount: runCount ?? SAMPLING_DEFAULTS.runCount, ...cold };
  }
  if (coldRuns !== undefined) {
    throw new UsageError("--cold-runs: by evidence a cold cell gets as many blocks as its verdict needs", [
      { label: "try", text: "--run-count beside it, for a fixed number of runs, or leave it out" },
    ]);
  }
  const { minBlocks = SAMPLING_DEFAULTS.minBlocks, maxBlocks = SAMPLING_DEFAULTS.maxBlocks } = blocks;
  if (minBlocks > maxBlocks) {
    throw new UsageError(`--min-blocks: ${minBlocks} is more than the ${maxBlocks} of --max-blocks`, [
      { label: "expected", text: "a --min-blocks that is not larger than --max-blocks" },
    ]);
  }
  const budget = timeBudgetMinutes === undefined ? {} : { timeBudgetMinutes };
  return { mode: "evidence", minBlocks, maxBlocks, ...budget };
}

function assertNoneGiven(values: Omit<SamplingChoice, "hasBase" | "runCount" | "coldRuns">, hasBase: boolean): void {
  const flags = {
    minBlocks: "--min-blocks",
    maxBlocks: "--max-blocks",
    timeBudgetMinutes: "--time-budget-minutes",
  } as const satisfies Record<keyof typeof values, string>;
  const given = (Object.keys(flags) as (keyof typeof flags)[]).find((name) => values[name] !== undefined);
  if (given === undefined) return;
  const [why, remedy] = hasBase
    ? ["--run-count fixes the number of runs", "leave one of the two out"]
    : ["with one arm the number of runs is fixed", "give --base-cli-path to compare with, or --run-count"];
  throw new UsageError(`${flags[given]}: ${why}`, [{ label: "try", text: remedy }]);
}

/** The sampling as the context records it. */
export function describeSampling(sampling: Sampling): NonNullable<RunContext["sampling"]> {
  if (sampling.mode === "evidence") return sampling;
  const { mode, coldRuns } = sampling;
  return coldRuns === undefined ? { mode } : { mode, coldRuns };
}

/** The most runs that each arm of a profile and scenario (fixed) or of a cell (evidence) may have. */
export function mostRuns(sampling: Sampling): number {
  return sampling.mode === "fixed" ? sampling.runCount : sampling.maxBlocks;
}
