/**
 * Purpose: measures how often sessions that were measured apart, and success counts, are judged wrongly, and what is found.
 * Reads: nothing; the samples are made up.
 * Writes: the measurement that --out-json names.
 * Network: none.
 * Secrets: none.
 * Rerun: safe; the same seed gives the same figures.
 * Example: npm run bench:self:ways
 */
import type { Measurement } from "@forgebench/artifacts";
import {
  endMeasurement,
  type FlagValues,
  integerFlag,
  launch,
  makeMeasurement,
  optionalPath,
  runScript,
  type ScriptIo,
  type ScriptSpec,
  startProgress,
  textFlag,
} from "@forgebench/io";
import { formatMeasurement } from "@forgebench/report";
import {
  type IndependentPlan,
  LONE_RULE,
  type ProportionPlan,
  simulateIndependent,
  simulateProportion,
  type WayShares,
} from "@forgebench/verdict";

const flags = {
  comparisons: integerFlag({
    min: 100,
    max: 1_000_000,
    unit: "comparisons",
    fallback: 2000,
    description: "made up for each figure",
  }),
  seed: textFlag({
    pattern: /^[\w.-]{1,64}$/,
    expected: "1 to 64 letters, digits, dots, dashes",
    fallback: "ways",
    description: "of the simulation",
  }),
  "out-json": optionalPath({ placeholder: "FILE", description: "the measurement as JSON" }),
};

export const spec: ScriptSpec<typeof flags> = {
  command: "npm run bench:self:ways --",
  purpose: "Measures how often sessions measured apart, and success counts, are judged wrongly, and what is found.",
  flags,
  outputs: { MEASUREMENT_JSON: "the file of --out-json" },
  notes: [
    "One question alone, with an error of 1 % for both directions together. Exit 2 when a goal is missed.\ndocs/sessions-and-successes.md says how each is judged, and has more rows.",
  ],
  examples: ["npm run bench:self:ways", "npm run bench:self:ways -- --comparisons 10000 --out-json ways.json"],
};

type Figure = Measurement["figures"][number];

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

export async function main(argv: readonly string[], io: ScriptIo): Promise<number> {
  return runScript(spec, argv, io, (values) => measureWays(values, io));
}

async function measureWays(values: FlagValues<typeof flags>, io: ScriptIo): Promise<number> {
  const rows = [...sessionRows(values), ...successRows(values)];
  const progress = startProgress(io, "simulate", rows.length);
  const figures: Figure[] = [];
  for (const [index, row] of rows.entries()) {
    progress.update(index, row.name);
    figures.push(...figuresOf(row));
    // Lets an interruption in between two rows.
    await new Promise((resolve) => setImmediate(resolve));
    io.signal.throwIfAborted();
  }
  progress.stop();
  const made = makeMeasurement(io, "bench:self:ways", figures);
  return endMeasurement(io, made, { text: formatMeasurement(made), outJson: values.outJson });
}

function figuresOf({ name, without, withChange, change, isLower = false, isAsked }: Row): Figure[] {
  const [nothing, changed] = [without(), withChange()];
  const percent = (share: number) => Math.round(10_000 * share) / 100;
  const falsePct = percent(isLower ? nothing.lower : nothing.higher);
  const foundPct = percent(isLower ? changed.lower : changed.higher);
  const goals = isAsked
    ? [{ goal: "≤ 1", met: falsePct <= 1 } as const, { goal: "≥ 80", met: foundPct >= 80 } as const]
    : [{}, {}];
  return [
    { name: `${name}: falsely regressed`, value: falsePct, unit: "%", ...goals[0] },
    { name: `${name}: ${change} found`, value: foundPct, unit: "%", ...goals[1] },
    { name: `${name}: interval holds the change`, value: percent(changed.covered), unit: "%" },
  ];
}

/** Sessions of 10 to 30 samples, each slower by 0 to 5 %. */
function sessionRows({ comparisons, seed }: FlagValues<typeof flags>): Row[] {
  const plan: IndependentPlan = {
    ...{ seed, comparisons, rule: LONE_RULE, sessionCount: 10, change: 0, sessionShift: 0.05 },
    ...{ withinNoise: [0.01, 0.03], sampleCounts: [10, 30], tails: "normal", drift: "none", baseIs: "latest" },
  };
  const row = (name: string, changes: Partial<IndependentPlan>, isAsked: boolean): Row => ({
    ...{ name, isAsked, change: "+10 %" },
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
function successRows({ comparisons, seed }: FlagValues<typeof flags>): Row[] {
  const plan: ProportionPlan = {
    ...{ seed, comparisons, rule: LONE_RULE, taskCount: 200, repeats: 3, baseRate: 0.9, headRate: 0.9 },
    ...{ concentration: Number.POSITIVE_INFINITY, stickiness: 0, form: "shared" },
  };
  const row = (name: string, changes: Partial<ProportionPlan>, isAsked: boolean): Row => ({
    ...{ name, isAsked, change: "90 → 80 %", isLower: true },
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

await launch(import.meta.url, main);
