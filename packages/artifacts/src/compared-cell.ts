import * as z from "zod";
import { fields } from "./artifact-kind.ts";

/** The verdicts of a comparison on a cell; `docs/statistics.md` defines each. */
export const verdictKinds = ["same", "regressed", "improved", "changed", "undecided", "incomparable"] as const;

/** Which share of the error a cell belongs to; `exact` cells stand outside, `control` cells check the night itself. */
const cellFamilies = ["primary", "secondary", "exact", "control"] as const;

/** One arm of a cell. */
const armFigures = z.looseObject({
  /** Of the valid runs, in the unit of the metric, of a proportion the rate; null when there is none. */
  median: z.number().nullable(),
  validCount: fields.count,
  failedCount: fields.count,
});

/** The change of head against base in per cent of base, positive is more; an end that is not known is null. */
const interval = z.looseObject({
  lowPct: z.number().nullable(),
  highPct: z.number().nullable(),
  /** `sequence`: holds at every number of blocks at once; `fixed-n`: holds only because the number was set before. */
  kind: z.enum(["sequence", "fixed-n"]),
  levelPct: z.number(),
});

/** The evidence against "nothing changed", and the evidence that was needed. */
const evidence = z.looseObject({
  /** The largest e-values up to the last block, for "head is higher" and "head is lower". */
  higher: z.number().min(0),
  lower: z.number().min(0),
  /** The e-value that decides this cell, after sharing the error over the family. */
  needed: z.number().min(0),
  /** After how many blocks it was decided; null when it was not. */
  decidedAfterBlocks: fields.count.nullable(),
});

/** A fact that a reader must know before using a verdict: the needed value, the found value, and the remedy. */
const cellWarning = z.looseObject({
  code: z.enum([
    "too-few-samples",
    "outliers",
    "bimodal",
    "high-variation",
    "memory-growth",
    "background-load",
    "carry-over",
    "slot-effect",
    "order-effect",
    "not-constant",
    "failure-rate",
    "clock-went-back",
    "levels-disagree",
  ]),
  message: z.string(),
  remedy: z.string(),
});

/** How a pair of series was judged: block by block, as two unpaired sets, or as successes of a number. */
const waysToJudge = ["paired", "independent", "proportion"] as const;

/** The fields of a verdict on a pair of series, whatever their source. */
const judgedCell = z.looseObject({
  /** `CELL/METRIC`, of a pipeline `PROFILE/SCENARIO/PHASE/METRIC`, of a control `control/null` and so on. */
  id: z.string(),
  /** What was measured, whatever the source; of a pipeline `PROFILE/SCENARIO`. Comparisons before 2.0 lack it. */
  benchmark: z.string().optional(),
  params: z.record(z.string(), z.string()).optional(),
  phase: z.string().optional(),
  metric: z.string(),
  unit: z.string(),
  better: z.enum(["lower", "higher"]),
  /** Of a `proportion` all changes here are in percentage points; of other kinds in per cent of base. */
  kind: z.enum(["time", "size", "count", "rate", "proportion"]).optional(),
  family: z.enum(cellFamilies),
  /** Whether an undecided verdict withholds green. */
  gating: z.boolean(),
  /** Absent where nothing could be judged. */
  way: z.enum(waysToJudge).optional(),
  verdict: z.enum(verdictKinds),
  /** Why it is `incomparable`, or a note on how it was decided. */
  reason: z.string().optional(),
  /** The remedy of an `incomparable` or `undecided` cell, if more blocks are not enough. */
  remedy: z.string().optional(),
  /** An alert is `regressed` by at least `minEffectPct`, or a `changed` that the suite gates. */
  isAlert: z.boolean(),
  severity: z.enum(["minor", "major"]).nullable(),
  base: armFigures,
  head: armFigures,
  /** Whole blocks whose runs are all valid: what was judged. */
  blockCount: fields.count,
  /** The median of the change over the blocks; null when there is none. */
  changePct: z.number().nullable(),
  interval: interval.nullable(),
  evidence: evidence.nullable(),
  /** The smallest change that would have been found with this many blocks and this noise, 95 % of the time. */
  detectablePct: z.number().nullable(),
  /** About how many more blocks would settle an undecided cell; null if it is settled or not known. */
  moreBlocks: fields.count.nullable(),
  warnings: z.array(cellWarning),
});

/** A judged cell with the names of a pipeline. */
export const comparedCell = judgedCell.extend({ profileId: z.string(), scenario: z.string(), phase: z.string() });

/** A control: the slowdown that was planned for the head arm, and whether it was found. */
const controlFacts = z.looseObject({
  id: z.string(),
  /** The planned slowdown, in per cent of the run; 0 for the null. */
  plantedPct: z.number(),
  /** The slowdown that was added, as the subject reports it. */
  achievedPct: z.number().nullable(),
  passed: z.boolean(),
});

/** How the night checked itself. */
export const controlsResult = z.looseObject({
  /** `passed`; `red`: the null showed a difference; `missed`: a planted slowdown was not found; `absent`: none were run. */
  status: z.enum(["passed", "red", "missed", "absent"]),
  reason: z.string(),
  controls: z.array(controlFacts.extend({ cell: comparedCell })),
});

/** The error that the evidence policy shares out; shares are probabilities of a false `regressed` or `improved` per night. */
export const evidencePolicy = z.looseObject({
  /** The version of the rules; another version may give another verdict for the same runs. */
  method: z.string(),
  alpha: z.number(),
  shares: z.looseObject({ primary: z.number(), secondary: z.number(), null: z.number(), planted: z.number() }),
  /** Of the intervals and of `same`, for each cell. */
  intervalAlpha: z.number(),
  /** `nullCount`: each shard has a null of its own. */
  family: z.looseObject({
    primaryCount: fields.count,
    secondaryCount: fields.count,
    nullCount: fields.count.optional(),
  }),
  margins: z.looseObject({ equivalencePct: z.number(), minEffectPct: z.number() }),
});

/** One of {@link verdictKinds}. */
export type VerdictKind = (typeof verdictKinds)[number];

/**
 * Which part of the error a cell uses: that of the wall times (`primary`), that of the other metrics (`secondary`),
 * none since it is compared for equality (`exact`), or that of the checks of the night itself (`control`).
 */
export type CellFamily = (typeof cellFamilies)[number];

/**
 * A verdict with its figures, whatever the source of the series: what `verdict` returns, before the pipeline adds its
 * names.
 */
export type JudgedCell = z.infer<typeof judgedCell>;

/**
 * An entry of `cells` in a comparison, and the source of the rest: pairs, alerts and the deltas of a snapshot are made from
 * cells.
 */
export type ComparedCell = z.infer<typeof comparedCell>;

/** A warning about one cell; the codes are explained in `docs/artifacts/comparison.md`. */
export type CellWarning = z.infer<typeof cellWarning>;

/** The planted slowdown of a control, in per cent of the run, and whether the night found it. */
export type ControlFacts = z.infer<typeof controlFacts>;

/**
 * All controls of a night and what follows from them: `red` makes every outcome `invalid`, `missed` every one but a
 * regression.
 */
export type ControlsResult = z.infer<typeof controlsResult>;

/** The rules of an evidence comparison, as it records them, so that `verify-evidence` can apply the same ones again. */
export type EvidencePolicy = z.infer<typeof evidencePolicy>;
