import type { CellFamily, CellWarning, JudgedCell as PublishedCell, VerdictKind } from "@forgebench/artifacts";
import type { CellIdentity, Metric, Series, SeriesPair } from "@forgebench/series";
import { mean, median } from "@forgebench/stats";
import { type CellRule, severityOf, USUAL_MAJOR_PCT } from "../rules.ts";
import { independent } from "../ways/independent.ts";
import type { Direction } from "../ways/judge-differences.ts";
import { judgePaired } from "../ways/paired.ts";
import { proportion } from "../ways/proportion.ts";
import type { WayAnswer, WayInterval, WayRule } from "../ways/way.ts";
import { failedCount, findUnpairedObstacle, type Obstacle, readBlocks, validValues } from "./obstacles.ts";
import { effectsOf, onScale, toPercent } from "./scale.ts";
import { findCellWarnings } from "./warnings.ts";

/** The fields of a verdict on a pair of series. */
export type JudgedCell = PublishedCell & {
  readonly benchmark: string;
  readonly params: Readonly<Record<string, string>>;
};

/** The pair that is judged, and its rules. */
export interface CellInput {
  /** `CELL/METRIC`, or the name of a control. */
  readonly id: string;
  readonly pair: SeriesPair;
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
  /** A worse change than this, in per cent, is a major one. */
  readonly majorPct?: number;
  /** Earlier sessions of the series, for one whose two sides were measured apart. */
  readonly sessions?: readonly Series[];
}

/** Judges one noisy metric of a cell. Never throws for the values of samples: a cell that cannot be judged is `incomparable`. */
export function judgeCell(input: CellInput): JudgedCell {
  const { pair, metric } = input;
  const facts = describe(input);
  if (!isInBlocks(pair) || metric.kind === "proportion") return judgeUnpaired(facts, input);
  const { blocks, whole, values, obstacle } = readBlocks(pair, metric);
  const warned = { ...facts, warnings: findCellWarnings({ ...input, blocks, whole }) };
  if (obstacle !== undefined) return incomparableCell({ ...warned, blockCount: whole.length }, obstacle);
  const { differences, rule } = onScale(metric, pair, values, input.rule);
  const answer = judgePaired(differences, rule, {
    isFixed: input.isFixed === true,
    maxBlocks: input.maxBlocks,
    skipsDetectable: input.skipsDetectable === true,
  });
  return decidedCell({ ...warned, way: "paired" as const }, input, answer);
}

function isInBlocks({ base, head }: SeriesPair): boolean {
  return [base, head].every((series) => series === undefined || series.design === "blocked");
}

/** Two sets that were not measured in turn, or whose values only say whether something was done. */
function judgeUnpaired(facts: CellFacts, input: CellInput): JudgedCell {
  const { pair, metric, rule, sessions = [] } = input;
  const isProportion = metric.kind === "proportion";
  // Of blocks, failures of one arm alone say as much of successes as of times.
  const obstacle = isInBlocks(pair) ? readBlocks(pair, metric).obstacle : findUnpairedObstacle(pair, metric);
  const warned = { ...facts, way: isProportion ? ("proportion" as const) : ("independent" as const) };
  if (obstacle !== undefined) return incomparableCell({ ...warned, blockCount: 0 }, obstacle);
  const { logNeeded, canBeSame } = rule;
  const wayRule: WayRule = { ...effectsOf(metric, rule), alpha: 2 * Math.exp(-logNeeded), canBeSame };
  return decidedCell(
    warned,
    input,
    isProportion ? proportion(pair, wayRule) : independent(pair, wayRule, { sessions }),
  );
}

function describe({ id, pair, metric, family, gating }: CellInput) {
  const { benchmark, params, phase } = pair.base ?? pair.head ?? { benchmark: "", params: {}, phase: undefined };
  return {
    ...identityOf(id, { benchmark, params, phase }, metric),
    family,
    gating,
    base: armFigures(pair.base),
    head: armFigures(pair.head),
    warnings: [] as readonly CellWarning[],
  };
}

/** The identity of a cell, in the fields of a comparison. */
export function identityOf(id: string, { benchmark, params = {}, phase }: CellIdentity, metric: MetricFacts) {
  return {
    id,
    benchmark,
    params,
    ...(phase === undefined ? {} : { phase }),
    metric: metric.id,
    unit: metric.unit,
    better: metric.better,
    ...(metric.kind === undefined ? {} : { kind: metric.kind }),
  };
}

type MetricFacts = Pick<Metric, "id" | "unit" | "better"> & { readonly kind?: Metric["kind"] };

function armFigures(series: Series | undefined): PublishedCell["base"] {
  const samples = series?.samples ?? [];
  const values = validValues(samples);
  const failed = failedCount(samples);
  return {
    // The median of successes and failures would be one of them: of a proportion it is the rate.
    median: values.length === 0 ? null : finite(series?.metric.kind === "proportion" ? mean(values) : median(values)),
    validCount: samples.length - failed,
    failedCount: failed,
  };
}

type CellFacts = ReturnType<typeof describe> & { readonly way?: WayName };

type WayName = NonNullable<JudgedCell["way"]>;

/** A cell that cannot be judged, and why. */
export function incomparableCell(
  facts: Omit<CellFacts, "kind"> & { readonly kind?: JudgedCell["kind"]; readonly blockCount: number },
  obstacle: Obstacle,
): JudgedCell {
  return {
    ...facts,
    warnings: [...facts.warnings],
    verdict: "incomparable",
    ...obstacle,
    isAlert: false,
    severity: null,
    changePct: null,
    interval: null,
    evidence: null,
    detectablePct: null,
    moreBlocks: null,
  };
}

function decidedCell(facts: CellFacts, input: CellInput, answer: WayAnswer): JudgedCell {
  const { metric } = input;
  const verdict = verdictOf(answer.direction, metric.better);
  const { estimate, evidence, interval } = answer;
  const toPct = (value: number | null) => (value === null ? null : finite(toPercent(metric, value)));
  return {
    ...facts,
    warnings: [...facts.warnings],
    verdict,
    ...(answer.reason === undefined ? {} : { reason: answer.reason }),
    ...(answer.remedy === undefined ? {} : { remedy: answer.remedy }),
    ...alertOf(verdict, metric.better === "lower" ? (estimate ?? 0) : -(estimate ?? 0), input),
    blockCount: answer.count,
    changePct: toPct(estimate),
    interval: interval === null ? null : provedInterval(publishedInterval(interval, toPct), answer.direction),
    evidence:
      evidence === null
        ? null
        : {
            higher: wealth(evidence.logHigher),
            lower: wealth(evidence.logLower),
            needed: wealth(evidence.logNeeded),
            decidedAfterBlocks: evidence.decidedAfterBlocks,
          },
    detectablePct: toPct(answer.detectable),
    moreBlocks: answer.more,
  };
}

type Interval = NonNullable<PublishedCell["interval"]>;

function publishedInterval(
  { low, high, kind, level }: WayInterval,
  toPct: (value: number | null) => number | null,
): Interval {
  return { lowPct: toPct(low), highPct: toPct(high), kind, levelPct: finite(100 * level) ?? 95 };
}

/** A change that is proved excludes 0, which other bets than the interval's have refuted. */
export function provedInterval(interval: Interval, direction: Direction): Interval {
  if (direction === "higher") return { ...interval, lowPct: Math.max(0, interval.lowPct ?? 0) };
  if (direction === "lower") return { ...interval, highPct: Math.min(0, interval.highPct ?? 0) };
  return interval;
}

/**
 * The verdict for a direction of head, for a metric whose better direction is known; `changed` and `incomparable` are
 * decided elsewhere.
 */
export function verdictOf(direction: Direction, better: Metric["better"]): VerdictKind {
  if (direction === "open") return "undecided";
  if (direction === "same") return "same";
  return (direction === "higher") === (better === "lower") ? "regressed" : "improved";
}

/** Whether a verdict is an alert, and how grave; `worsening` is the difference, positive on the bad side. */
export function alertOf(
  verdict: VerdictKind,
  worsening: number,
  input: Pick<CellInput, "metric" | "rule" | "majorPct">,
): Pick<PublishedCell, "isAlert" | "severity"> {
  const isAlert = verdict === "regressed" && worsening >= effectsOf(input.metric, input.rule).minEffect;
  const majorPct = input.majorPct ?? USUAL_MAJOR_PCT;
  return { isAlert, severity: isAlert ? severityOf(toPercent(input.metric, worsening), majorPct) : null };
}

/** Six decimals, and never −0 or what JSON does not know. */
function finite(value: number): number | null {
  return Number.isFinite(value) ? Math.round(value * 1e6) / 1e6 + 0 : null;
}

/** A wealth with four digits; very large ones are cut, since JSON has no infinity. */
function wealth(log: number): number {
  return Number(Math.exp(Math.min(log, 600)).toPrecision(4));
}
