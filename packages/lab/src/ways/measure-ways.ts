import { type ScriptIo, startProgress } from "@forgebench/io";
import {
  type IndependentPlan,
  LONE_RULE,
  type ProportionPlan,
  simulateIndependent,
  simulateProportion,
  type WayShares,
} from "@forgebench/verdict";
import { atLeast, atMost, type Figures, figure } from "../shared/figures.ts";

/** How many comparisons are made up, and of which seed. */
interface WaysOptions {
  /** For each figure. */
  readonly comparisons: number;
  readonly seed: string;
}

interface Row {
  readonly name: string;
  /** Judges made-up comparisons without a change, and with the one that is to be found. */
  readonly without: () => WayShares;
  readonly withChange: () => WayShares;
  readonly change: string;
  /** Whether the direction that is found is the lower one. */
  readonly isLower?: boolean;
  /** False where no share was asked to be found. */
  readonly isAsked: boolean;
}

/** Measures how often sessions measured apart, and success counts, are judged wrongly, and what is found. */
export async function measureWays(options: WaysOptions, io: ScriptIo): Promise<Figures> {
  const rows = [...sessionRows(options), ...successRows(options)];
  const progress = startProgress(io, "simulate", rows.length);
  const figures: Figures = [];
  try {
    for (const [index, row] of rows.entries()) {
      progress.update(index, row.name);
      figures.push(...figuresOf(row));
      // Lets an interruption in between two rows.
      await new Promise((resolve) => setImmediate(resolve));
      io.signal.throwIfAborted();
    }
  } finally {
    progress.stop();
  }
  return figures;
}

function figuresOf({ name, without, withChange, change, isLower = false, isAsked }: Row): Figures {
  const [nothing, changed] = [without(), withChange()];
  const percent = (share: number) => Math.round(10_000 * share) / 100;
  const sideOf = ({ lower, higher }: WayShares) => percent(isLower ? lower : higher);
  return [
    atMost(`${name}: falsely regressed`, sideOf(nothing), "%", isAsked ? 1 : undefined),
    atLeast(`${name}: ${change} found`, sideOf(changed), "%", isAsked ? 80 : undefined),
    figure(`${name}: interval holds the change`, percent(changed.covered), "%"),
  ];
}

/** Sessions of 10 to 30 samples, each slower by 0 to 5 %. */
function sessionRows({ comparisons, seed }: WaysOptions): Row[] {
  const plan: IndependentPlan = {
    seed,
    comparisons,
    rule: LONE_RULE,
    sessionCount: 10,
    change: 0,
    sessionShift: 0.05,
    withinNoise: [0.01, 0.03],
    sampleCounts: [10, 30],
    tails: "normal",
    drift: "none",
    baseIs: "latest",
  };
  const row = (name: string, changes: Partial<IndependentPlan>, isAsked: boolean): Row => ({
    name,
    isAsked,
    change: "+10 %",
    without: () => simulateIndependent({ ...plan, ...changes }),
    withChange: () => simulateIndependent({ ...plan, ...changes, change: Math.log(1.1) }),
  });
  return [
    row("10 earlier sessions", {}, true),
    row("10 earlier sessions, 1 to 5 % of noise in each", { withinNoise: [0.01, 0.05] }, false),
    row("3 earlier sessions", { sessionCount: 3 }, false),
    row("20 earlier sessions", { sessionCount: 20 }, false),
  ];
}

/** 200 tasks, a rate that falls from 90 to 80 %. */
function successRows({ comparisons, seed }: WaysOptions): Row[] {
  const plan: ProportionPlan = {
    seed,
    comparisons,
    rule: LONE_RULE,
    taskCount: 200,
    repeats: 3,
    baseRate: 0.9,
    headRate: 0.9,
    concentration: Number.POSITIVE_INFINITY,
    stickiness: 0,
    form: "shared",
  };
  const row = (name: string, changes: Partial<ProportionPlan>, isAsked: boolean): Row => ({
    name,
    isAsked,
    change: "90 → 80 %",
    isLower: true,
    without: () => simulateProportion({ ...plan, ...changes }),
    withChange: () => simulateProportion({ ...plan, ...changes, headRate: 0.8 }),
  });
  return [
    row("200 tasks × 3", {}, true),
    row("200 tasks × 3, easy and hard ones", { concentration: 2 }, true),
    row("200 tasks × 3 in blocks, at any time", { form: "blocked" }, true),
    row("200 tasks × 1", { repeats: 1 }, false),
    row("200 other tasks × 3", { form: "other" }, false),
  ];
}
