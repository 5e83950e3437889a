import type { CellFamily, CellWarning, ComparedCell, RawRun, RunContext, VerdictKind } from "@forgebench/artifacts";
import { blocksOf, type Metric, metrics } from "@forgebench/series";
import { confidenceSequence, median, signedRankInterval } from "@forgebench/stats";
import { moreBlocks } from "./blocks-needed.ts";
import { wholeBlocks } from "./cell-differences.ts";
import { type Obstacle, readDifferences } from "./cell-obstacles.ts";
import { findCellWarnings } from "./cell-warnings.ts";
import { detectableChangePct } from "./detectable-change.ts";
import { type Judgement, judgeDifferences } from "./judge-differences.ts";
import { judgeFixedBlocks } from "./judge-fixed.ts";
import { type CellRule, INTERVAL_ALPHA, intervalAlternatives, severityOf } from "./rules.ts";

/** What is judged: all runs of one cell, and one metric of them. */
export interface CellInput {
  readonly id: string;
  readonly runs: readonly RawRun[];
  readonly metric: Metric;
  readonly family: CellFamily;
  readonly gating: boolean;
  readonly rule: CellRule;
  /** Blocks that the cell could have had: what the detectable change is told for. */
  readonly maxBlocks: number;
  /** Left out where there are too many cells for it: it takes ten times as long as all the rest. */
  readonly skipsDetectable?: boolean;
  /** Whether the number of blocks was set before the first of them. */
  readonly isFixed?: boolean;
  readonly cpuCount?: number | undefined;
  /** The run that was made just before each run, of whichever cell. */
  readonly predecessors?: ReadonlyMap<RawRun, RawRun> | undefined;
}

/** A member of the family that has no run at all, or whose metric nobody knows. */
export function missingCell(member: {
  readonly id: string;
  readonly cell: string;
  readonly metric: Metric | undefined;
  readonly family: CellFamily;
  readonly gating: boolean;
  readonly context: Pick<RunContext, "cells" | "shard" | "shards">;
}): ComparedCell {
  const { id, cell, metric, family, gating, context } = member;
  const [profileId = "", scenario = "", phase = ""] = cell.split("/");
  const none = { median: null, validCount: 0, failedCount: 0 };
  const name = id.slice(cell.length + 1);
  const { unit, better } = metric ?? { unit: "", better: "lower" as const };
  const obstacle = metric === undefined ? unknownMetric(name) : whyMissing(cell, context);
  const facts = {
    ...{ id, profileId, scenario, phase: phase === "warm" ? ("warm" as const) : ("cold" as const) },
    ...{ metric: name, unit, better, family, gating, base: none, head: none },
    ...{ blockCount: 0, warnings: [] },
  };
  return incomparableCell(facts, obstacle);
}

function unknownMetric(name: string): Obstacle {
  const known = metrics.map(({ id }) => id).join(", ");
  return { reason: `${JSON.stringify(name)} is no metric`, remedy: `write one of ${known} into the suite` };
}

function whyMissing(cell: string, { cells }: Pick<RunContext, "cells">): Obstacle {
  return cells?.includes(cell) === false
    ? { reason: "it belongs to another shard", remedy: "put the shards together with bench:merge and compare that" }
    : { reason: "neither arm has a run", remedy: "run bench:run --resume, which measures what is missing" };
}

/** Judges one noisy metric of a cell. Never throws for what the runs hold: what cannot be judged is `incomparable`. */
export function judgeCell(input: CellInput): ComparedCell {
  const { blocks } = blocksOf(input.runs);
  const whole = wholeBlocks(input.runs);
  const facts = { ...describe(input), warnings: findCellWarnings({ ...input, blocks, whole }) };
  const { differences, obstacle } = readDifferences(input);
  if (obstacle !== undefined) return incomparableCell({ ...facts, blockCount: whole.length }, obstacle);
  return decidedCell(facts, input, differences);
}

function describe({ id, runs, metric, family, gating }: CellInput) {
  const [first] = runs;
  const armOf = (arm: "base" | "head") => {
    const own = runs.filter((run) => run.arm === arm);
    const values = own.flatMap((run) => (run.valid === true ? (metric.valueOf(run) ?? []) : []));
    const validCount = own.filter(({ valid }) => valid === true).length;
    return {
      median: values.length === 0 ? null : finite(median(values)),
      validCount,
      failedCount: own.length - validCount,
    };
  };
  return {
    id,
    profileId: first?.profileId ?? "",
    scenario: first?.scenario ?? "",
    phase: first?.phase ?? ("cold" as const),
    ...{ metric: metric.id, unit: metric.unit, better: metric.better, family, gating },
    ...{ base: armOf("base"), head: armOf("head") },
  };
}

type CellFacts = Omit<ReturnType<typeof describe>, "unit"> & {
  readonly unit: string;
  readonly warnings: readonly CellWarning[];
};

function incomparableCell(facts: CellFacts & { readonly blockCount: number }, obstacle: Obstacle): ComparedCell {
  return {
    ...facts,
    warnings: [...facts.warnings],
    verdict: "incomparable",
    ...obstacle,
    ...{ isAlert: false, severity: null, changePct: null, interval: null },
    ...{ evidence: null, detectablePct: null, moreBlocks: null },
  };
}

function decidedCell(facts: CellFacts, input: CellInput, differences: readonly number[]): ComparedCell {
  const { rule, metric } = input;
  const judgement = input.isFixed === true ? judgeFixedBlocks(differences, rule) : judgeDifferences(differences, rule);
  const center = median(differences);
  const verdict = verdictOf(judgement.direction, metric.better);
  const changePct = toPct(center);
  return {
    ...facts,
    warnings: [...facts.warnings],
    verdict,
    ...(verdict === "undecided" && judgement.nearest.logNow >= judgement.nearest.logNeeded
      ? { reason: HELD_BACK }
      : {}),
    ...alertOf(verdict, metric.better === "lower" ? center : -center, rule, facts.phase),
    blockCount: differences.length,
    changePct,
    interval: provedInterval(intervalOf(differences, input), judgement),
    evidence: {
      higher: wealth(judgement.logHigher),
      lower: wealth(judgement.logLower),
      needed: wealth(input.isFixed === true ? judgement.nearest.logNeeded : rule.logNeeded),
      decidedAfterBlocks: judgement.decidedAfterBlocks,
    },
    detectablePct:
      input.skipsDetectable === true
        ? null
        : finite(detectableChangePct(differences, Math.max(input.maxBlocks, differences.length), rule)),
    moreBlocks: verdict === "undecided" ? moreBlocks(judgement, differences.length) : null,
  };
}

function intervalOf(
  differences: readonly number[],
  { rule, isFixed }: CellInput,
): NonNullable<ComparedCell["interval"]> {
  const level = 1 - INTERVAL_ALPHA;
  if (isFixed === true) {
    const { low, high, coverage } = signedRankInterval(differences, level);
    return { lowPct: toPct(low), highPct: toPct(high), kind: "fixed-n", levelPct: finite(100 * coverage) ?? 95 };
  }
  const options = { alpha: INTERVAL_ALPHA, alternatives: intervalAlternatives(rule.margin) };
  const { low, high } = confidenceSequence(differences, options);
  return { lowPct: toPct(low), highPct: toPct(high), kind: "sequence", levelPct: 100 * level };
}

/** A change that is proved excludes 0, which other bets than the interval's have refuted. */
export function provedInterval(
  interval: NonNullable<ComparedCell["interval"]>,
  { direction }: Pick<Judgement, "direction">,
): ComparedCell["interval"] {
  if (direction === "higher") return { ...interval, lowPct: Math.max(0, interval.lowPct ?? 0) };
  if (direction === "lower") return { ...interval, highPct: Math.min(0, interval.highPct ?? 0) };
  return interval;
}

/** The change in per cent of base that a log-ratio is. */
function toPct(log: number | null): number | null {
  return log === null ? null : finite(Math.expm1(log) * 100);
}

const HELD_BACK =
  "what lies at the margins is ruled out, but not all beyond them, or a change inside them may be about to be proved";

export function verdictOf(direction: Judgement["direction"], better: Metric["better"]): VerdictKind {
  if (direction === "open") return "undecided";
  if (direction === "same") return "same";
  return (direction === "higher") === (better === "lower") ? "regressed" : "improved";
}

/** Whether a verdict is an alert, and how grave; `worsening` is the logarithm of the change, positive on the bad side. */
export function alertOf(
  verdict: VerdictKind,
  worsening: number,
  rule: Pick<CellRule, "minEffect">,
  phase: ComparedCell["phase"],
): Pick<ComparedCell, "isAlert" | "severity"> {
  const isAlert = verdict === "regressed" && worsening >= rule.minEffect;
  return { isAlert, severity: isAlert ? severityOf(phase, Math.expm1(worsening) * 100) : null };
}

/** Six decimals, and never −0 or what JSON does not know. */
function finite<T extends number | null>(value: T): T | null {
  if (value === null || !Number.isFinite(value)) return null;
  return (Math.round(value * 1e6) / 1e6 + 0) as T;
}

/** A wealth with four digits; very large ones are cut, since JSON has no infinity. */
function wealth(log: number): number {
  return Number(Math.exp(Math.min(log, 600)).toPrecision(4));
}
