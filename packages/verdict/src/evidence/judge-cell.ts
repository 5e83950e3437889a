import type { CellFamily, CellWarning, ComparedCell, RawRun, RunContext, VerdictKind } from "@forgebench/artifacts";
import { blocksOf, type Metric } from "@forgebench/series";
import { confidenceSequence, median } from "@forgebench/stats";
import { logRatio, type PairedValues, pairedValues, wholeBlocks } from "./cell-differences.ts";
import { findCellWarnings } from "./cell-warnings.ts";
import { detectableChangePct } from "./detectable-change.ts";
import { type Judgement, judgeDifferences } from "./judge-differences.ts";
import { alternativesOf, type CellRule, INTERVAL_ALPHA, severityOf } from "./rules.ts";

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
  readonly cpuCount?: number | undefined;
}

/** A member of the family that has no run at all. */
export function missingCell(member: {
  readonly id: string;
  readonly cell: string;
  readonly metric: Metric;
  readonly family: CellFamily;
  readonly gating: boolean;
  readonly context: Pick<RunContext, "cells" | "shard" | "shards">;
}): ComparedCell {
  const { id, cell, metric, family, gating, context } = member;
  const [profileId = "", scenario = "", phase = ""] = cell.split("/");
  const none = { median: null, validCount: 0, failedCount: 0 };
  const isElsewhere = context.cells?.includes(cell) === false;
  const obstacle = isElsewhere
    ? { reason: "it belongs to another shard", remedy: "put the shards together with bench:merge and compare that" }
    : { reason: "neither arm has a run", remedy: "run bench:run --resume, which measures what is missing" };
  const facts = {
    ...{ id, profileId, scenario, phase: phase === "warm" ? ("warm" as const) : ("cold" as const) },
    ...{ metric: metric.id, unit: metric.unit, better: metric.better, family, gating, base: none, head: none },
    ...{ blockCount: 0, warnings: [] },
  };
  return incomparableCell(facts, obstacle);
}

/** Up to this share of the blocks may have a failed run: they are left out, whichever arm failed. */
const MAX_FAILED_SHARE = 0.1;

/** Judges one noisy metric of a cell. Never throws for what the runs hold: what cannot be judged is `incomparable`. */
export function judgeCell(input: CellInput): ComparedCell {
  const { runs, metric } = input;
  const { blocks } = blocksOf(runs);
  const whole = wholeBlocks(runs);
  const judged = pairedValues(whole, metric);
  const facts = { ...describe(input), warnings: findCellWarnings({ ...input, blocks, whole }) };
  const obstacle = findObstacle(input, blocks.length, whole.length, judged);
  const differences = judged.map(logRatio);
  if (obstacle !== undefined) return incomparableCell({ ...facts, blockCount: whole.length }, obstacle);
  return decidedCell(facts, input, differences);
}

interface Obstacle {
  readonly reason: string;
  readonly remedy: string;
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

type CellFacts = ReturnType<typeof describe> & { readonly warnings: readonly CellWarning[] };

function findObstacle(
  { runs, metric }: CellInput,
  blockCount: number,
  wholeCount: number,
  judged: readonly PairedValues[],
): Obstacle | undefined {
  const failedCounts = (["base", "head"] as const).map(
    (arm) => `${runs.filter((run) => run.arm === arm && run.valid !== true).length} of ${arm}`,
  );
  if (blockCount === 0) {
    const missing = (["base", "head"] as const).filter((arm) => !runs.some((run) => run.arm === arm));
    return {
      reason: missing.length === 0 ? "there is no block with a run of each arm" : `${missing.join(" and ")} has no run`,
      remedy: "run bench:run --resume, which measures what is missing",
    };
  }
  if (blockCount - wholeCount > MAX_FAILED_SHARE * blockCount) {
    return {
      reason: `runs failed in ${blockCount - wholeCount} of ${blockCount} blocks (${failedCounts.join(", ")})`,
      remedy: "look at failures and stderr of these lines of raw-runs.jsonl, mend the cause and measure again",
    };
  }
  if (judged.length < wholeCount) {
    return {
      reason: `${wholeCount - judged.length} of ${wholeCount} blocks have no ${metric.id}`,
      remedy:
        "measure where it is known (Linux with Perl for CPU time and memory), or take the metric out of the suite",
    };
  }
  return findImpossible(metric, judged);
}

function findImpossible(metric: Metric, judged: readonly PairedValues[]): Obstacle | undefined {
  const values = judged.flatMap(({ base, head }) => [base, head]);
  const wrong = values.find((value) => !Number.isFinite(value) || value < 0 || (metric.id === "wall" && value === 0));
  if (wrong !== undefined) {
    return { reason: `${wrong} ${metric.unit} is no possible ${metric.id}`, remedy: "check what wrote these runs" };
  }
  if (metric.id === "wall" && values.length > 4 && values.every((value) => value === values[0])) {
    return {
      reason: `all ${values.length} runs took exactly ${values[0]} ms: this clock does not tell runs apart`,
      remedy: "measure with a working monotonic clock",
    };
  }
  return undefined;
}

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
  const judgement = judgeDifferences(differences, rule);
  const center = median(differences);
  const { low, high } = confidenceSequence(differences, {
    alpha: INTERVAL_ALPHA,
    alternatives: alternativesOf(rule.margin),
  });
  const toPct = (log: number | null) => (log === null ? null : finite(Math.expm1(log) * 100));
  const verdict = verdictOf(judgement.direction, metric.better);
  const changePct = toPct(center);
  return {
    ...facts,
    warnings: [...facts.warnings],
    verdict,
    ...alertOf(verdict, center, rule, facts.phase),
    blockCount: differences.length,
    changePct,
    interval: { lowPct: toPct(low), highPct: toPct(high), kind: "sequence", levelPct: 100 * (1 - INTERVAL_ALPHA) },
    evidence: {
      higher: wealth(judgement.logHigher),
      lower: wealth(judgement.logLower),
      needed: wealth(rule.logNeeded),
      decidedAfterBlocks: judgement.decidedAfterBlocks,
    },
    detectablePct: finite(detectableChangePct(differences, Math.max(input.maxBlocks, differences.length), rule)),
    moreBlocks: verdict === "undecided" ? moreBlocks(judgement, differences.length) : null,
  };
}

export function verdictOf(direction: Judgement["direction"], better: Metric["better"]): VerdictKind {
  if (direction === "open") return "undecided";
  if (direction === "same") return "same";
  return (direction === "higher") === (better === "lower") ? "regressed" : "improved";
}

/** Whether a verdict is an alert, and how grave; `center` is the logarithm of the change. */
export function alertOf(
  verdict: VerdictKind,
  center: number,
  rule: Pick<CellRule, "minEffect">,
  phase: ComparedCell["phase"],
): Pick<ComparedCell, "isAlert" | "severity"> {
  const isAlert = verdict === "regressed" && Math.abs(center) >= rule.minEffect;
  return { isAlert, severity: isAlert ? severityOf(phase, Math.expm1(Math.abs(center)) * 100) : null };
}

/** At the rate at which the wealth of the nearest answer has grown so far; null when it does not grow. */
function moreBlocks({ nearest }: Judgement, blockCount: number): number | null {
  const rate = nearest.logNow / Math.max(1, blockCount);
  if (rate < 0.02) return null;
  return Math.max(1, Math.ceil((nearest.logNeeded - nearest.logNow) / rate));
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
